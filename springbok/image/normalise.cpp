// Normalising, vectorised. A division is a multiplication by the reciprocal and one correction by a fused multiply-add,
// which rounds as a division does (Markstein 1990). The constructor tries all pixel values before it relies on that.
#include "springbok/image/normalise.h"

#include <algorithm>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/image/normalise.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::image {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Correctly rounded a / b for the values that matter here; `inverse` is 1 / b.
template <class V>
HWY_INLINE V divide(V a, V b, V inverse) {
  const V quotient = hn::Mul(a, inverse);
  return hn::MulAdd(hn::NegMulAdd(quotient, b, a), inverse, quotient);
}

/// Normalises a multiple of `channels` values and returns how many it did; the few left over are the caller's.
std::size_t normalise_values(const std::uint8_t* in, std::size_t count, std::span<const float> mean,
                             std::span<const float> std, float* out) {
  constexpr std::size_t kMostChannels = 4;
  constexpr std::size_t kLanes = 8;
  const hn::CappedTag<float, kLanes> d;
  const hn::Rebind<std::int32_t, decltype(d)> d32;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d), channels = mean.size(), step = lanes * channels;
  // Vector v of a step holds the channels from v * lanes on, in turn.
  float means[kMostChannels * kLanes], stds[kMostChannels * kLanes], inverses[kMostChannels * kLanes];
  for (std::size_t i = 0; i < step; ++i) {
    means[i] = mean[i % channels];
    stds[i] = std[i % channels];
    inverses[i] = 1.0F / stds[i];
  }
  const auto most = hn::Set(d, 255.0F), inverse_most = hn::Set(d, 1.0F / 255.0F);
  std::size_t at = 0;
  for (; at + step <= count; at += step) {
    for (std::size_t v = 0; v < step; v += lanes) {
      const auto pixels = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d8, in + at + v)));
      const auto centred = hn::Sub(divide(pixels, most, inverse_most), hn::LoadU(d, means + v));
      hn::StoreU(divide(centred, hn::LoadU(d, stds + v), hn::LoadU(d, inverses + v)), d, out + at + v);
    }
  }
  return at;
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::image
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::image {

HWY_EXPORT(normalise_values);

Normaliser::Normaliser(std::span<const double> mean, std::span<const double> std)
    : mean_(mean.begin(), mean.end()), std_(std.begin(), std.end()), tables_(mean.size()) {
  if (mean.empty() || mean.size() > 4 || mean.size() != std.size()) {
    fail("a normalisation has a mean and a std for each of 1 to 4 channels, got {} and {}", mean.size(), std.size());
  }
  Image ramp(256, 32, channels());  // each pixel value often enough to fill vectors
  for (std::size_t c = 0; c < tables_.size(); ++c) {
    const bool usable = std::isfinite(mean_[c]) && std::isfinite(std_[c]) && std::isnormal(std_[c]);
    if (!usable) fail("a normalisation's mean is finite and its std not 0, got {} and {}", mean[c], std[c]);
    for (int v = 0; v < 256; ++v) {
      const float unit = static_cast<float>(v) / 255.0F;
      tables_[c][v] = (unit - mean_[c]) / std_[c];
      std::fill_n(ramp.row(v), ramp.stride(), static_cast<std::uint8_t>(v));
    }
  }
  std::vector<float> expected(ramp.pixels.size()), got(ramp.pixels.size());
  plain(ramp, expected.data());
  vectorised_ = true;
  (*this)(ramp, got.data());
  vectorised_ = std::equal(got.begin(), got.end(), expected.begin());
}

void Normaliser::plain(const Image& image, float* out) const {
  expect_channels(image, {channels()}, "a normalisation");
  const std::uint8_t* end = image.pixels.data() + image.pixels.size();
  for (const std::uint8_t* from = image.pixels.data(); from != end;) {
    for (const auto& table : tables_) *out++ = table[*from++];
  }
}

void Normaliser::operator()(const Image& image, float* out) const {
  if (!vectorised_) return plain(image, out);
  expect_channels(image, {channels()}, "a normalisation");
  const std::size_t count = image.pixels.size();
  std::size_t done = HWY_DYNAMIC_DISPATCH(normalise_values)(image.pixels.data(), count, mean_, std_, out);
  for (; done < count; ++done) out[done] = tables_[done % tables_.size()][image.pixels[done]];
}

}  // namespace springbok::image
#endif
