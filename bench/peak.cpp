// Multiply-adds on registers, as many at once as a core takes.
#include "bench/peak.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/peak.cpp"
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)  // arrays of vectors
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::bench {
namespace HWY_NAMESPACE {

/// Products done; `sink` keeps the compiler from leaving them out.
#if HWY_TARGET == HWY_SCALAR
double multiply(int times, std::int32_t* sink) {
  std::int32_t sum = 0;
  for (int i = 0; i < times; ++i) sum += static_cast<std::int16_t>(i) * static_cast<std::int16_t>(sum);
  *sink = sum;
  return times;
}

#else
namespace hn = hwy::HWY_NAMESPACE;

double multiply(int times, std::int32_t* sink) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::RepartitionToWide<decltype(d)> wide;
  constexpr std::size_t kChains = 12;  // more than are in flight at once
  std::array<hn::Vec<decltype(wide)>, kChains> sums, rests;
  for (std::size_t i = 0; i < kChains; ++i) sums[i] = rests[i] = hn::Zero(wide);
  auto a = hn::Set(d, 3), b = hn::Set(d, 5);
  for (int i = 0; i < times; ++i) {
    for (std::size_t chain = 0; chain < kChains; ++chain) {
      sums[chain] = hn::ReorderWidenMulAccumulate(wide, a, b, sums[chain], rests[chain]);
    }
  }
  for (std::size_t i = 1; i < kChains; ++i) sums[0] = hn::Add(sums[0], hn::Add(sums[i], rests[i]));
  *sink = hn::GetLane(hn::SumOfLanes(wide, hn::Add(sums[0], rests[0])));
  return static_cast<double>(times) * kChains * static_cast<double>(hn::Lanes(d));
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace springbok::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::bench {

HWY_EXPORT(multiply);

double products_per_second() {
  constexpr int kTimes = 200'000, kRounds = 7;
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::int32_t sink = 0;
    const auto began = std::chrono::steady_clock::now();
    const double products = HWY_DYNAMIC_DISPATCH(multiply)(kTimes, &sink);
    best = std::max(best, products / std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
  return best;
}

}  // namespace springbok::bench
#endif
