// The bounded queue: order, waiting, closing.
#include "springbok/base/queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace springbok {
namespace {

TEST(BoundedQueue, KeepsOrderAcrossThreads) {
  BoundedQueue<int> queue(3);
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) queue.push(i);
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop()) EXPECT_EQ(*item, expected++);
  EXPECT_EQ(expected, 1000);
}

TEST(BoundedQueue, EveryItemArrivesOnce) {
  BoundedQueue<int> queue(2);
  std::vector<int> seen(400, 0);
  std::mutex mutex;
  {
    std::vector<std::jthread> consumers;
    consumers.reserve(3);
    for (int c = 0; c < 3; ++c) {
      consumers.emplace_back([&] {
        while (const auto item = queue.pop()) {
          const std::lock_guard lock(mutex);
          ++seen[static_cast<std::size_t>(*item)];
        }
      });
    }
    {
      std::vector<std::jthread> producers;
      producers.reserve(4);
      for (int p = 0; p < 4; ++p) {
        producers.emplace_back([&, p] {
          for (int i = 0; i < 100; ++i) queue.push(p * 100 + i);
        });
      }
    }
    queue.close();
  }
  EXPECT_EQ(seen, std::vector<int>(400, 1));
}

TEST(BoundedQueue, ClosingWakesAWaitingProducer) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  std::jthread producer([&] { EXPECT_FALSE(queue.push(std::make_unique<int>(2))); });
  queue.close();
  producer.join();
  EXPECT_EQ(**queue.pop(), 1);
  EXPECT_FALSE(queue.pop().has_value());
}

TEST(BoundedQueue, ClosingWakesAWaitingConsumer) {
  BoundedQueue<int> queue(1);
  std::jthread consumer([&] { EXPECT_FALSE(queue.pop().has_value()); });
  queue.close();
}

}  // namespace
}  // namespace springbok
