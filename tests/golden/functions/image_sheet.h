// Images, digests and answers of random sources in golden files of augmentation.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "springbok/data/augment/draws.h"
#include "springbok/image/image.h"
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

/// `noise`, `ramp` or `flat` of that size, as the README of the golden files defines them. Throws Error for others.
image::Image image_named(const std::string& name, int width, int height);
/// That of a row: with its own width and height, or those of the file's first image of that name.
image::Image image_of(const Sheet& sheet, const nlohmann::json& row);

/// FNV-1a 64 of bytes, in hex.
std::string digest_of(std::span<const std::uint8_t> bytes);
/// The row's `fnv1a64`, and its `first` bytes where they differ.
void compare_image(Sheet& sheet, const std::string& what, const image::Image& got, const nlohmann::json& row);
/// Each image of the file's list against its digest.
void compare_images(Sheet& sheet);

/// The answers that a file lists, `["random", v]`, `["choice of n", i]` and so on, each asked for in its turn. A
/// request of another kind, or with other bounds, is a failure of the sheet.
class Listed : public data::Answers {
 public:
  Listed(Sheet& sheet, std::string what, const nlohmann::json& draws);
  double unit() override;
  double between(double low, double high) override;
  std::uint64_t below(std::uint64_t bound) override;
  /// From the fill `__normal__`, scale 1.
  double normal() override;
  /// Numbers of u of `__pixels__` answer what is asked for behind the list's end.
  void pixels_behind(std::int64_t count);
  /// All answers were asked for.
  void expect_used();
  bool used() const { return next_ == draws_.size(); }

 private:
  nlohmann::json take(const std::string& kind);

  Sheet& sheet_;
  std::string what_;
  std::vector<nlohmann::json> draws_;
  std::size_t next_ = 0;
  at::Tensor pixels_;
  std::int64_t next_pixel_ = 0, next_normal_ = 0;
};

// The kinds, by file.
void check_policies(Sheet& sheet);
void check_magnitudes(Sheet& sheet);
void check_ops(Sheet& sheet);
void check_policy_runs(Sheet& sheet);
void check_rand_augment_runs(Sheet& sheet);
void check_cutout(Sheet& sheet);
void check_erasing(Sheet& sheet);
void check_rotation(Sheet& sheet);
void check_train_transform(Sheet& sheet);
void check_elastic_evaluation(Sheet& sheet);

}  // namespace springbok::golden
