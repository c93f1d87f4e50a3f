// Norm and ReLU over the first channels of longer channels-last float rows, vectorised: what kernels/dense_block.cpp
// puts together.
#pragma once

#include <cstdint>

#include "springbok/engine/kernels/norm_kernels.h"

namespace springbok::engine {

/// Some rows: of each the first `channels`, and `stride` values from one to the next.
struct LongRows {
  std::int64_t rows, channels, stride;
};

/// y = max((x - mean) scale + shift, 0), rows x channels without gaps. NaN stays NaN.
void normalise_first(const NormForward& norm, const LongRows& of, const float* x, float* y);

/// Where the gradient behind such a ReLU goes.
struct FirstGradient {
  double *of_gradient, *of_product;  ///< per channel, the sums of g and of g (x - mean), g being that before the ReLU
  float* total;                      ///< gains g scale, in long rows as x; null: nobody wants it
  bool begins;                       ///< `total` holds nothing yet and becomes g scale
  float* output;                     ///< becomes y again; may be the gradient's own memory; null: nobody wants it
};
void first_gradient(const NormForward& norm, const LongRows& of, const float* gradient, const float* x,
                    const FirstGradient& out);

/// out = total + (x - mean) slope + offset, rows x channels without gaps.
void finish_gradient(const LongRows& of, const float* total, const float* x, const float* mean, const NormLine& line,
                     float* out);

}  // namespace springbok::engine
