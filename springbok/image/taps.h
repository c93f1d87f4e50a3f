// Inside the room: one axis of an antialiased resize, as lists of input positions and fixed-point weights.
#pragma once

#include <cstdint>
#include <vector>

#include "springbok/image/resize.h"

namespace springbok::image {

/// Output i is the sum over j < count[i] of weights[i * stride + j] * input[first[i] + j], scaled by 2^-22 and rounded.
struct Taps {
  int stride = 0;
  std::vector<int> first;
  std::vector<int> count;
  std::vector<std::int32_t> weights;  ///< 22 fractional bits; zero past count[i]

  int outputs() const { return static_cast<int>(first.size()); }
  int begin() const;  ///< first input position that is used
  int end() const;    ///< one past the last
};

inline constexpr int kWeightBits = 22;

/// What is asked of one axis: `inputs` pixels of which [low, high) become `outputs`, of which `part_count` from
/// `part_first` on are wanted, in reverse order when `reversed`.
struct Axis {
  int inputs = 0;
  float low = 0;
  float high = 0;
  int outputs = 0;
  int part_first = 0;
  int part_count = 0;
  bool reversed = false;

  /// Nothing to scale: the pass only copies.
  bool identity() const { return inputs == outputs && low == 0 && high == static_cast<float>(outputs); }
};

/// The taps of an antialiased filter (or of a copy, for an identity axis).
Taps make_taps(const Axis& axis, Filter filter);

/// The taps of the nearest filter: one of weight 1 each, at the positions Pillow's affine transform picks.
Taps make_nearest_taps(const Axis& axis);

}  // namespace springbok::image
