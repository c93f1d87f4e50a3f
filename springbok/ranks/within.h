// Inside the room: calls that may never return, as those of a store whose process is halted.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <thread>
#include <utility>

namespace springbok::ranks {

/// What the work returns, or throws; nothing where that takes longer than `limit`: then its thread is left to itself.
template <class Result>
std::optional<Result> within(std::chrono::milliseconds limit, std::function<Result()> work) {
  std::packaged_task<Result()> task(std::move(work));
  std::future<Result> result = task.get_future();
  std::thread(std::move(task)).detach();
  if (result.wait_for(limit) != std::future_status::ready) return std::nullopt;
  return result.get();
}

}  // namespace springbok::ranks
