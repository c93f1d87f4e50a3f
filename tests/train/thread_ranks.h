// Ranks as threads of one process: an engine::Group whose sums are added in the order of ranks.
#pragma once

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "springbok/engine/group.h"

namespace springbok::testing {

/// Where the threads meet. A call that not all come to, or with tensors that differ in size, is a RankLost.
class Meeting {
 public:
  explicit Meeting(int ranks) : tensors_(static_cast<std::size_t>(ranks)) {}

  void sum(int rank, at::Tensor& tensor, bool as_first) {
    const at::NoGradGuard no_grad;
    std::unique_lock lock(mutex_);
    if (lost_) throw engine::RankLost("another rank is gone");
    tensors_[static_cast<std::size_t>(rank)] = tensor;
    const std::int64_t round = round_;
    if (++arrived_ == tensors_.size()) {
      add_up(as_first);
    }
    come_.notify_all();
    come_.wait_for(lock, std::chrono::seconds(60), [&] { return round_ != round || lost_; });
    if (round_ == round) lost_ = true;
    come_.notify_all();
    if (round_ == round) throw engine::RankLost("not all ranks made the same call");
    tensor.copy_(result_);
    if (++left_ == tensors_.size()) left_ = 0;
    come_.notify_all();
    come_.wait(lock, [&] { return left_ == 0 || lost_; });  // nobody comes again before all have left
  }
  void lose() {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    come_.notify_all();
  }

  std::atomic<bool> hailed = false;
  std::int64_t calls = 0, bytes = 0;  ///< sums, and what each rank gave to them

 private:
  void add_up(bool as_first) {
    result_ = tensors_[0].clone();
    for (std::size_t i = 1; i < tensors_.size(); ++i) {
      if (tensors_[i].numel() != result_.numel() || tensors_[i].scalar_type() != result_.scalar_type()) lost_ = true;
      if (!lost_ && !as_first) result_.add_(tensors_[i]);
    }
    if (lost_) return;
    arrived_ = 0;
    ++round_;
    ++calls;
    bytes += result_.numel() * static_cast<std::int64_t>(result_.element_size());
  }

  std::mutex mutex_;
  std::condition_variable come_;
  std::vector<at::Tensor> tensors_;
  at::Tensor result_;
  std::size_t arrived_ = 0, left_ = 0;
  std::int64_t round_ = 0;
  bool lost_ = false;
};

class ThreadRank final : public engine::Group {
 public:
  ThreadRank(Meeting& meeting, int rank, int ranks) : meeting_(meeting), rank_(rank), ranks_(ranks) {}
  int rank() const override { return rank_; }
  int size() const override { return ranks_; }
  void sum(at::Tensor& tensor) override {
    if (ranks_ > 1) meeting_.sum(rank_, tensor, false);
  }
  void broadcast(at::Tensor& tensor, int from) override {
    EXPECT_EQ(from, 0);
    if (ranks_ > 1) meeting_.sum(rank_, tensor, true);
  }
  void barrier() override {}
  void hail() override { meeting_.hailed = true; }
  bool hailed() override { return meeting_.hailed; }
  void leave() override { meeting_.lose(); }

 private:
  Meeting& meeting_;
  int rank_, ranks_;
};

/// What each rank ended with; "" where it returned.
inline std::vector<std::string> run_ranks(int ranks, const std::function<void(engine::Group&)>& work,
                                          Meeting* meeting = nullptr) {
  const auto own = std::make_unique<Meeting>(ranks);
  Meeting& meets = meeting == nullptr ? *own : *meeting;
  std::vector<std::string> ends(static_cast<std::size_t>(ranks));
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadRank group(meets, rank, ranks);
      try {
        work(group);
      } catch (const std::exception& error) {
        ends[static_cast<std::size_t>(rank)] = error.what();
        group.leave();
      }
    });
  }
  threads.clear();
  return ends;
}

/// The same where none may fail.
inline void expect_ranks(int ranks, const std::function<void(engine::Group&)>& work, Meeting* meeting = nullptr) {
  for (const std::string& end : run_ranks(ranks, work, meeting)) EXPECT_EQ(end, "");
}

}  // namespace springbok::testing
