// The moments of a batch, over all parts of its rows.
#include "springbok/engine/kernels/rows.h"

#include "springbok/engine/kernels/norm_kernels.h"

namespace springbok::engine {

Moments batch_moments(const Rows& of, const at::Tensor& x) {
  const auto channels = static_cast<std::size_t>(of.channels), all_parts = static_cast<std::size_t>(of.parts);
  std::vector<double> mean(all_parts * channels), squares(all_parts * channels);
  for_parts(of, [&](std::int64_t part, std::int64_t offset, std::int64_t rows) {
    moments(Values(x, offset, rows * of.channels).read(), rows, of.channels, mean.data() + part * of.channels,
            squares.data() + part * of.channels);
  });
  Moments all{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::int64_t part = 0; part < of.parts; ++part) {
    const auto before = static_cast<double>(of.first(part)), upto = static_cast<double>(of.first(part + 1));
    if (upto == before) continue;
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t at = static_cast<std::size_t>(part) * channels + c;
      const double step = mean[at] - all.mean[c];
      all.mean[c] += step * (upto - before) / upto;
      all.squares[c] += squares[at] + step * step * before * (upto - before) / upto;
    }
  }
  return all;
}

}  // namespace springbok::engine
