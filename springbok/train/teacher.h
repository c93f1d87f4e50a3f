// The network that another learns from.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"
#include "springbok/model/network.h"
#include "springbok/recipe/recipe.h"
#include "springbok/tensors/value.h"

namespace springbok::train {

/// Opened from the recipe's `teacher` as any weights are: a file, or a published name ('springbok weights get'). It
/// sees the images that the network sees, scaled by its own mean and standard deviation, and does not learn.
class Teacher {
 public:
  /// Throws Error for weights that cannot be opened, other channels, and where a class of the data or an output of the
  /// network has no output of the teacher.
  Teacher(const recipe::Recipe& recipe, const data::Source& training);

  /// The same with the outputs of before. Throws Error naming `where` for a file that is not there, or another one than
  /// had that SHA-256.
  Teacher(const recipe::Recipe& recipe, const std::vector<std::int64_t>& outputs, const std::string& sha256,
          const std::string& where);

  /// Its logits for (N,C,H,W), in the order of the network's outputs.
  at::Tensor operator()(const at::Tensor& input) const;

  /// What was opened, in lines.
  const std::vector<std::string>& notes() const { return notes_; }
  /// SHA-256 of its file.
  const std::string& digest() const { return digest_; }
  /// Adds what the second constructor needs: `teacher_sha256`, `teacher_outputs`.
  void describe(tensors::Dict& given) const;

 private:
  Teacher(const recipe::Recipe& recipe, const std::filesystem::path& file);
  void see(const recipe::Recipe& recipe, const std::vector<std::int64_t>& outputs);

  std::string digest_;
  std::unique_ptr<model::Network> network_;
  at::Tensor outputs_;  ///< of the teacher, for each of the network's; undefined: as they are
  Precision precision_;
  at::Tensor scale_, offset_;  ///< (1,C,1,1): from the network's input to its own; undefined where they are one
  std::vector<std::string> notes_;
};

}  // namespace springbok::train
