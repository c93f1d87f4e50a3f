// Random numbers: published vectors of Philox and FNV, uniformity, and permutations that are permutations.
#include "springbok/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

namespace springbok {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Random123's kat_vectors, philox4x32 10.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, ~std::uint64_t{0}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0'a4093822),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The test vectors published with FNV.
TEST(Fnv, KnownAnswers) {
  EXPECT_EQ(fnv1a64(""), 0xcbf29ce484222325U);
  EXPECT_EQ(fnv1a64("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(fnv1a64("foobar"), 0x85944171f73967e8U);
  EXPECT_EQ(fnv1a64("bar", fnv1a64("foo")), fnv1a64("foobar"));
}

TEST(Rng, TheSameNameIsTheSameStream) {
  Rng a(1, {2, 3}), b(1, {2, 3});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next_u32(), b.next_u32());
}

TEST(Rng, EveryPartOfTheNameMatters) {
  std::set<std::uint64_t> first;
  first.insert(Rng(1, {2, 3}).next_u64());
  first.insert(Rng(2, {2, 3}).next_u64());
  first.insert(Rng(1, {3, 2}).next_u64());
  first.insert(Rng(1, {2}).next_u64());
  first.insert(Rng(1, {2, 3, 0}).next_u64());
  first.insert(Rng(1, {}).next_u64());
  first.insert(Rng(1, {std::uint64_t{2} << 32, 3}).next_u64());
  first.insert(Rng(std::uint64_t{1} << 32, {2, 3}).next_u64());
  first.insert(Rng(1, "layer1.conv").next_u64());
  first.insert(Rng(1, "layer2.conv").next_u64());
  first.insert(Rng(1, "").next_u64());
  EXPECT_EQ(first.size(), 11U);
}

// A change of the streams would silently change every run that somebody wants to repeat.
TEST(Rng, StreamsStayWhatTheyAre) {
  EXPECT_EQ(Rng(0, {}).next_u32(), 0x6627e8d5U);  // Philox of counter 0 under key 0
  EXPECT_EQ(Rng(7, {1, 2}).next_u64(), 0x596c42f5fec496fcU);
  EXPECT_EQ(Rng(7, "fc.weight").next_u64(), 0x943a049b9a73b65dU);
}

TEST(Rng, UniformMoments) {
  Rng rng(3, {});
  double sum = 0, squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.uniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 0.005);
}

TEST(Rng, UniformBetween) {
  Rng rng(3, {});
  for (int i = 0; i < 1000; ++i) {
    const double x = rng.uniform(-2, 3);
    ASSERT_TRUE(x >= -2 && x < 3);
  }
  EXPECT_EQ(rng.uniform(4, 4), 4);
  const double next = std::nextafter(1.0, 2.0);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(rng.uniform(1.0, next), 1.0);
}

TEST(Rng, BelowIsEven) {
  Rng rng(5, {});
  std::vector<int> counts(7, 0);
  for (int i = 0; i < 70'000; ++i) ++counts.at(rng.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(rng.below(1), 0U);
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;  // almost half of all words are rejected here
  for (int i = 0; i < 100; ++i) EXPECT_LT(rng.below(large), large);
  EXPECT_THROW(rng.below(0), std::logic_error);
}

TEST(Rng, NormalMoments) {
  Rng rng(9, {});
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.012);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
  EXPECT_NEAR(fourth / kDraws, 3, 0.12);
}

TEST(Permutation, VisitsEveryElementOnce) {
  for (const std::uint64_t size : {1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097, 60'000}) {
    const Permutation permutation(size, 42);
    std::vector<bool> seen(size, false);
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t at = permutation.at(i);
      ASSERT_LT(at, size);
      ASSERT_FALSE(seen[at]) << "twice at size " << size;
      seen[at] = true;
    }
  }
}

TEST(Permutation, WorksForHugeSizesAndRefusesWhatIsBeyond) {
  const std::uint64_t huge = ~std::uint64_t{0};
  EXPECT_LT(Permutation(huge, 1).at(huge - 1), huge);
  EXPECT_THROW(Permutation(3, 1).at(3), std::logic_error);
  EXPECT_THROW(Permutation(0, 1).at(0), std::logic_error);
}

// Over many keys each element comes first (and last) equally often, and neighbours do not stay neighbours.
TEST(Permutation, IsWellMixed) {
  constexpr std::uint64_t kSize = 10;
  constexpr int kKeys = 20'000;
  std::vector<int> first(kSize, 0), last(kSize, 0);
  int neighbours = 0;
  for (int key = 0; key < kKeys; ++key) {
    const Permutation permutation(kSize, static_cast<std::uint64_t>(key));
    ++first[permutation.at(0)];
    ++last[permutation.at(kSize - 1)];
    neighbours += permutation.at(4) + 1 == permutation.at(5);
  }
  for (std::uint64_t i = 0; i < kSize; ++i) {
    EXPECT_NEAR(first[i], kKeys / 10.0, 5 * std::sqrt(kKeys * 0.09));
    EXPECT_NEAR(last[i], kKeys / 10.0, 5 * std::sqrt(kKeys * 0.09));
  }
  EXPECT_NEAR(neighbours, kKeys / 10.0, 5 * std::sqrt(kKeys * 0.09));  // 9 of 90 ordered pairs
}

}  // namespace
}  // namespace springbok
