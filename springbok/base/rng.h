// Counter-based random numbers (Philox 4x32-10, Salmon et al., SC 2011). A stream is a pure function of its key, so
// nothing depends on order of use, worker count or batch split.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace springbok {

/// Philox 4x32-10: four random words for a 128-bit counter under a 64-bit key.
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter, std::uint64_t key);

/// FNV-1a 64 of a text's UTF-8 bytes.
std::uint64_t fnv1a64(std::string_view text, std::uint64_t state = 0xCBF29CE484222325ULL);

/// A stream of random numbers named by a seed and a few words (epoch, sample, ...).
class Rng {
 public:
  Rng(std::uint64_t seed, std::initializer_list<std::uint64_t> name);
  Rng(std::uint64_t seed, std::string_view name);

  std::uint32_t next_u32();
  std::uint64_t next_u64();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Uniform in [low, high).
  double uniform(double low, double high);
  /// Uniform integer in [0, bound), unbiased; bound >= 1.
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal (Box-Muller).
  double normal();

 private:
  std::uint64_t key_;
  std::uint64_t stream_;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> words_{};
  unsigned used_ = 4;
  bool has_spare_ = false;
  double spare_ = 0;
};

/// A keyed permutation of [0, size) in O(1) memory: `at(i)` is the i-th element (cycle-walking Feistel network).
class Permutation {
 public:
  Permutation(std::uint64_t size, std::uint64_t key);
  std::uint64_t at(std::uint64_t i) const;
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_;
  std::uint64_t key_;
  unsigned half_bits_;
};

}  // namespace springbok
