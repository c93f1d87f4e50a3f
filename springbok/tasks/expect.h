// Inside the room: what losses and counting refuse.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace springbok::tasks {

/// Throws Error for what is no (N,classes) of float or double.
void expect_logits(const at::Tensor& logits);

/// Throws Error for a target that is none of the classes.
void expect_class(std::int64_t target, std::int64_t classes);

/// Throws Error unless there is a class for each row.
void expect_targets(std::int64_t rows, std::span<const std::int64_t> targets, std::int64_t classes);

/// Throws Error unless the targets have the logits' shape: a value for each class of each row.
void expect_soft(const at::Tensor& logits, const at::Tensor& soft);

/// Throws Error unless targets are (N) of int64, a class for each row.
void expect_target_tensor(const at::Tensor& logits, const at::Tensor& targets);

}  // namespace springbok::tasks
