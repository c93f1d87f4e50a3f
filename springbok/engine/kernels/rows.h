// Inside the room: a channels-last tensor as rows of channels, cut into parts that do not depend on the threads.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace springbok::engine {

/// Rows of a channels-last tensor: (N,C,H,W) has N*H*W rows of C values.
struct Rows {
  static constexpr std::int64_t kParts = 16;           // of the rows, whatever the number of threads
  static constexpr std::int64_t kLowerValues = 16384;  // in a part of bfloat16: its copy stays in the second cache

  std::int64_t rows, channels, parts;
  explicit Rows(const at::Tensor& x)
      : rows(x.numel() / x.size(1)),
        channels(x.size(1)),
        parts(x.scalar_type() == at::kFloat ? kParts : std::max(kParts, x.numel() / kLowerValues)) {}
  std::int64_t first(std::int64_t part) const { return rows * part / parts; }
};

/// Calls `work(part, its first row, rows in it)` for every part, on all threads.
template <class Work>
void for_row_parts(const Rows& of, const Work& work) {
  constexpr std::int64_t kTooSmallToShare = 32768;  // values: ATen's own grain
  const bool alone = of.rows * of.channels < kTooSmallToShare;
  at::parallel_for(0, of.parts, alone ? of.parts : 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t first = of.first(part), rows = of.first(part + 1) - first;
      if (rows > 0) work(part, first, rows);
    }
  });
}

/// Calls `work(part, offset of its first value, rows in it)` for every part, on all threads.
template <class Work>
void for_parts(const Rows& of, const Work& work) {
  for_row_parts(
      of, [&](std::int64_t part, std::int64_t first, std::int64_t rows) { work(part, first * of.channels, rows); });
}

/// Some values of a tensor as float32, to be read or to be written: its own, or of bfloat16 a copy.
class Values {
 public:
  Values(const at::Tensor& tensor, std::int64_t at, std::int64_t count) : tensor_(tensor), at_(at), count_(count) {
    if (tensor.scalar_type() != at::kFloat) copy_.resize(static_cast<std::size_t>(count));
  }
  const float* read() {
    if (copy_.empty()) return tensor_.const_data_ptr<float>() + at_;
    std::copy_n(tensor_.const_data_ptr<at::BFloat16>() + at_, count_, copy_.begin());
    return copy_.data();
  }
  float* write() { return copy_.empty() ? tensor_.mutable_data_ptr<float>() + at_ : copy_.data(); }
  /// What was written goes to the tensor, rounded where it must be.
  void keep() const {
    if (!copy_.empty()) std::copy_n(copy_.begin(), count_, tensor_.mutable_data_ptr<at::BFloat16>() + at_);
  }

 private:
  const at::Tensor& tensor_;
  std::int64_t at_, count_;
  std::vector<float> copy_;
};

/// The batch's mean (C) and the sum of squared distances from it, over all parts.
struct Moments {
  std::vector<double> mean, squares;
};

Moments batch_moments(const Rows& of, const at::Tensor& x);

}  // namespace springbok::engine
