// Batch norm, addition and ReLU over channels-last float rows, vectorised: what kernels/norm_relu.cpp puts together.
#pragma once

#include <cstdint>

namespace springbok::engine {

/// The kernels read rows of this many channels' multiples.
inline constexpr std::int64_t kNormLanes = 8;

/// Per channel: the mean of `rows` x `channels` values, and the sum of the squared distances from it. Each block of
/// rows is summed in float while it lies in the first cache, blocks are joined in double (Chan et al. 1983, eq. 2.1).
void moments(const float* x, std::int64_t rows, std::int64_t channels, double* mean, double* squares);

/// y = (x - mean) scale + shift [+ addend], then max(y, 0) with `relu`. NaN stays NaN.
struct NormForward {
  const float *mean, *scale, *shift;  ///< one a channel
  bool relu;
};
void normalise(const NormForward& norm, const float* x, const float* addend, std::int64_t rows, std::int64_t channels,
               float* y);

/// Where ReLU let the gradient pass: everywhere (no ReLU), where the normalised x is above 0, or where the output is.
enum class ReluGate : std::uint8_t { open, by_input, by_output };

/// What backward reads: rows x channels values each.
struct NormBackward {
  const float *gradient, *x;
  const float* y;  ///< the output, for ReluGate::by_output only
};

/// Per channel, the sums of g and of g (x - mean), g being the gradient where the gate lets it pass.
struct NormSums {
  double *of_gradient, *of_product;
  float* passed;  ///< where g is written, rows x channels, with ReluGate::by_output only
};
void gradient_sums(const NormForward& norm, ReluGate gate, const NormBackward& in, std::int64_t rows,
                   std::int64_t channels, const NormSums& out);

/// The gradient of x: g scale + (x - mean) slope + offset.
struct NormLine {
  const float *slope, *offset;  ///< one a channel
};
void input_gradient(const NormForward& norm, ReluGate gate, const NormBackward& in, const NormLine& line,
                    std::int64_t rows, std::int64_t channels, float* out);

}  // namespace springbok::engine
