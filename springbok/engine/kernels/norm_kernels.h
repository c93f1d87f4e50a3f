// Batch norm, addition and activation over channels-last float rows, vectorised: what kernels/norm_relu.cpp puts
// together.
#pragma once

#include <cstdint>
#include <optional>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// The kernels read rows of this many channels' multiples.
inline constexpr std::int64_t kNormLanes = 8;

/// Per channel: the mean of `rows` x `channels` values, and the sum of the squared distances from it. Each block of
/// rows is summed in float while it lies in the first cache, blocks are joined in double (Chan et al. 1983, eq. 2.1).
void moments(const float* x, std::int64_t rows, std::int64_t channels, double* mean, double* squares);

/// y = act((x - mean) scale + shift [+ addend]). NaN stays NaN.
struct NormForward {
  const float *mean, *scale, *shift;  ///< one a channel
  std::optional<graph::Act> act;      ///< none: y is the norm's own value
};
void normalise(const NormForward& norm, const float* x, const float* addend, std::int64_t rows, std::int64_t channels,
               float* y);

/// How the gradient goes back through the activation: by what went in, computed again from x. Or, for a ReLU behind an
/// addition, by where the output is above 0.
enum class NormGate : std::uint8_t { by_input, by_output };

/// What backward reads: rows x channels values each.
struct NormBackward {
  const float *gradient, *x;
  const float* y;  ///< the output, for NormGate::by_output only
};

/// Per channel, the sums of g and of g (x - mean), g being the gradient in front of the activation.
struct NormSums {
  double *of_gradient, *of_product;
  float* passed;  ///< where g is written, rows x channels, with NormGate::by_output only
};
void gradient_sums(const NormForward& norm, NormGate gate, const NormBackward& in, std::int64_t rows,
                   std::int64_t channels, const NormSums& out);

/// The gradient of x: g scale + (x - mean) slope + offset. By output, `in.gradient` is what `gradient_sums` passed.
struct NormLine {
  const float *slope, *offset;  ///< one a channel
};
void input_gradient(const NormForward& norm, NormGate gate, const NormBackward& in, const NormLine& line,
                    std::int64_t rows, std::int64_t channels, float* out);

}  // namespace springbok::engine
