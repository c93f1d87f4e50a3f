// A made-up source of pictures with coloured squares, labelled by which colours they show or pixel by pixel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/label_sizes.h"
#include "springbok/base/rng.h"
#include "springbok/data/source/source.h"

namespace springbok::testing {

/// Picture i shows a red square where i & 1, a green one where i & 2; so every fourth one shows nothing. Classes of
/// labels are the two colours, of masks `background` before them; a square's edge is 255, which counts for nothing.
class Squares : public data::Source {
 public:
  Squares(data::TargetKind kind, std::int64_t count, std::uint64_t seed = 1) : kind_(kind), count_(count), seed_(seed) {
    if (kind == data::TargetKind::masks) names.insert(names.begin(), "background");
  }

  std::int64_t size() const override { return count_; }
  const std::vector<std::string>& classes() const override { return names; }
  int channels() const override { return 3; }
  data::TargetKind target_kind() const override { return kind_; }
  std::int64_t target(std::int64_t /*index*/) const override { return -1; }
  std::string name(std::int64_t index) const override { return "square" + std::to_string(index); }
  std::string description() const override { return "squares"; }
  std::string digest() const override { return format("squares-{}-{}", count_, seed_); }

  image::Image image(std::int64_t index, int channels) const override {
    if (on_image) on_image(index);
    if (std::find(broken.begin(), broken.end(), index) != broken.end()) fail("{}: is broken", name(index));
    image::Image image(height(index), width(index), channels);
    Rng rng(seed_, {static_cast<std::uint64_t>(index)});
    for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(rng.uniform(90, 130));
    paint(index, [&](int y, int x, int colour, bool /*edge*/) {
      for (int c = 0; c < channels; ++c) image.row(y)[x * channels + c] = c == colour ? 250 : 20;
    });
    return image;
  }

  std::vector<std::uint8_t> labels(std::int64_t index) const override {
    if (is_blank(index)) return {0, 0};
    return {shows(index, 0) ? kSmall : std::uint8_t{0}, shows(index, 1) ? kLarge : std::uint8_t{0}};
  }

  image::Image mask(std::int64_t index) const override {
    image::Image mask(height(index), width(index), 1);
    if (is_blank(index)) {
      std::fill(mask.pixels.begin(), mask.pixels.end(), std::uint8_t{255});
      return mask;
    }
    paint(index, [&](int y, int x, int colour, bool edge) {
      mask.row(y)[x] = static_cast<std::uint8_t>(edge ? 255 : colour + 1);
    });
    return mask;
  }

  std::vector<std::string> names{"red", "green"};
  std::vector<std::int64_t> broken;  ///< cannot be loaded
  std::vector<std::int64_t> blank;   ///< have no label, or a mask of 255 alone
  std::function<void(std::int64_t)> on_image;

 private:
  bool is_blank(std::int64_t index) const { return std::find(blank.begin(), blank.end(), index) != blank.end(); }
  static bool shows(std::int64_t index, int colour) { return (index >> colour & 1) != 0; }
  static int height(std::int64_t index) { return 18 + static_cast<int>(index % 5); }
  static int width(std::int64_t index) { return 20 + static_cast<int>(index % 3); }

  template <class Put>
  void paint(std::int64_t index, const Put& put) const {
    constexpr int kSide = 8;
    Rng rng(seed_ + 7, {static_cast<std::uint64_t>(index)});
    for (const int colour : {0, 1}) {
      const int top = static_cast<int>(rng.below(static_cast<std::uint64_t>(height(index) - kSide)));
      const int left = static_cast<int>(rng.below(static_cast<std::uint64_t>(width(index) - kSide)));
      if (!shows(index, colour)) continue;
      for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
          put(top + y, left + x, colour, y == 0 || x == 0 || y == kSide - 1 || x == kSide - 1);
        }
      }
    }
  }

  data::TargetKind kind_;
  std::int64_t count_;
  std::uint64_t seed_;
};

}  // namespace springbok::testing
