// The arena: blocks that never overlap, gaps that join again, and tensors that live in it.
#include "springbok/engine/arena.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "springbok/engine/memory.h"

namespace springbok::engine {
namespace {

constexpr std::size_t kCapacity = 1 << 20;

struct Block {
  unsigned char* data;
  std::size_t size;
  unsigned char mark;
};

/// Allocates and frees at random, each block filled with its own byte, and fails where another one wrote into it.
void churn(Arena& arena, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Block> blocks;
  const auto free_one = [&](std::size_t which) {
    const Block block = blocks[which];
    for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(block.data[i], block.mark);
    arena.release(block.data);
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(which));
  };
  for (int step = 0; step < 500; ++step) {
    const std::size_t size = 1 + random() % 20000;
    auto* data = static_cast<unsigned char*>(arena.allocate(size));
    if (data != nullptr) {
      ASSERT_TRUE(arena.owns(data));
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(data) % Arena::kAlignment, 0U);
      blocks.push_back({data, size, static_cast<unsigned char>(random())});
      std::memset(data, blocks.back().mark, size);
    }
    if (!blocks.empty() && (data == nullptr || random() % 2 == 0)) free_one(random() % blocks.size());
  }
  while (!blocks.empty()) free_one(0);
}

TEST(Arena, BlocksNeverOverlapAndGapsJoinAgain) {
  Arena arena(kCapacity);
  std::thread other([&] { churn(arena, 1); });
  churn(arena, 2);
  other.join();
  void* all = arena.allocate(kCapacity);  // only possible when no gap is left apart
  EXPECT_NE(all, nullptr);
  EXPECT_EQ(arena.allocate(1), nullptr) << "full";
  arena.release(all);
}

TEST(Arena, TakesTheLowestGapThatHoldsTheBlock) {
  Arena arena(kCapacity);
  void* const low = arena.allocate(1000);
  void* const middle = arena.allocate(5000);
  void* const high = arena.allocate(100);
  EXPECT_LT(low, middle);
  EXPECT_LT(middle, high);
  const std::size_t reached = arena.high_water();
  arena.release(low);
  arena.release(middle);
  EXPECT_EQ(arena.allocate(6000), low) << "the two gaps are one";
  EXPECT_EQ(arena.high_water(), reached);
}

TEST(Arena, OwnsNothingElse) {
  const Arena arena(kCapacity);
  const int outside = 0;
  EXPECT_FALSE(arena.owns(&outside));
  EXPECT_FALSE(arena.owns(nullptr));
}

TEST(TuneAllocator, TensorsOfEverySizeComeAndGo) {
  const at::Tensor before = at::ones({100000});  // freed by the allocator that made it
  tune_allocator();
  for (const std::int64_t size : {0, 1, 100, 8191, 8192, 100000}) {
    const at::Tensor x = at::ones({size});
    EXPECT_EQ(at::sum(x.clone()).item<float>(), static_cast<float>(size));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(x.const_data_ptr()) % Arena::kAlignment, 0U);
  }
  EXPECT_EQ(at::sum(before).item<float>(), 100000);
}

}  // namespace
}  // namespace springbok::engine
