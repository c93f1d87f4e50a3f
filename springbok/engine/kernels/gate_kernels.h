// The gradients of a product with one factor a channel, over channels-last float rows: what kernels/gate.cpp puts
// together.
#pragma once

#include <cstdint>

namespace springbok::engine {

constexpr std::int64_t kGateLanes = 8;  ///< channels are a multiple of it

/// Of y = x factor, rows x channels: writes the gradient of x, and adds that of the factor to `sums`, one a channel.
void gate_gradients(const float* gradient, const float* x, const float* factor, std::int64_t rows,
                    std::int64_t channels, float* of_x, float* sums);

}  // namespace springbok::engine
