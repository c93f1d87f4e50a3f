// Philox streams, FNV-1a and the keyed permutation.
#include "springbok/base/rng.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "springbok/base/error.h"

namespace springbok {
namespace {

constexpr std::uint32_t low(std::uint64_t word) {
  return static_cast<std::uint32_t>(word);
}
constexpr std::uint32_t high(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 32);
}
constexpr std::uint64_t both(std::uint32_t low_word, std::uint32_t high_word) {
  return low_word | static_cast<std::uint64_t>(high_word) << 32;
}

}  // namespace

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter, std::uint64_t key) {
  constexpr int kRounds = 10;
  auto [c0, c1, c2, c3] = counter;
  std::uint32_t k0 = low(key), k1 = high(key);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c2;
    c0 = high(p1) ^ c1 ^ k0;
    c2 = high(p0) ^ c3 ^ k1;
    c1 = low(p1);
    c3 = low(p0);
    k0 += 0x9E3779B9;  // golden ratio
    k1 += 0xBB67AE85;  // sqrt(3) - 1
  }
  return {c0, c1, c2, c3};
}

std::uint64_t fnv1a64(std::string_view text, std::uint64_t state) {
  for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return state;
}

// Each word of the name is mixed into key and stream (128 bits) by Philox itself.
Rng::Rng(std::uint64_t seed, std::initializer_list<std::uint64_t> name) : key_(seed), stream_(name.size()) {
  for (const std::uint64_t word : name) {
    const auto mixed = philox({low(word), high(word), low(stream_), high(stream_)}, key_);
    key_ = both(mixed[0], mixed[1]);
    stream_ = both(mixed[2], mixed[3]);
  }
}

Rng::Rng(std::uint64_t seed, std::string_view name) : Rng(seed, {fnv1a64(name), name.size(), fnv1a64("text")}) {}

std::uint32_t Rng::next_u32() {
  if (used_ == words_.size()) {
    words_ = philox({low(block_), high(block_), low(stream_), high(stream_)}, key_);
    ++block_;
    used_ = 0;
  }
  return words_[used_++];
}

std::uint64_t Rng::next_u64() {
  const std::uint32_t first = next_u32();
  return both(first, next_u32());
}

double Rng::uniform() {
  return static_cast<double>(next_u64() >> 11) * 0x1.0p-53;
}

double Rng::uniform(double low_end, double high_end) {
  const double value = low_end + (high_end - low_end) * uniform();
  return value < high_end ? value : std::max(low_end, std::nextafter(high_end, low_end));
}

std::uint64_t Rng::below(std::uint64_t bound) {
  check(bound >= 1, "Rng::below(0)");
  const std::uint64_t uneven = (0 - bound) % bound;  // 2^64 mod bound: these first values would be drawn once too often
  std::uint64_t word = next_u64();
  while (word < uneven) word = next_u64();
  return word % bound;
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

Permutation::Permutation(std::uint64_t size, std::uint64_t key)
    : size_(size),
      key_(key),
      half_bits_(std::max(1U, (static_cast<unsigned>(std::bit_width(size - (size > 0))) + 1) / 2)) {}

std::uint64_t Permutation::at(std::uint64_t i) const {
  check(i < size_, "Permutation::at beyond its size");
  constexpr std::uint32_t kRounds = 6;
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  // A Feistel network permutes [0, 4^half_bits); walking on from values outside [0, size) permutes [0, size).
  do {
    std::uint64_t left = i >> half_bits_, right = i & mask;
    for (std::uint32_t round = 0; round < kRounds; ++round) {
      const std::uint64_t mixed = philox({low(right), high(right), round, low(size_)}, key_)[0];
      left = std::exchange(right, (left ^ mixed) & mask);
    }
    i = left << half_bits_ | right;
  } while (i >= size_);
  return i;
}

}  // namespace springbok
