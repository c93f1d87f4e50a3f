// Ranks that do not answer.
#include "springbok/ranks/roll_call.h"

#include <chrono>
#include <thread>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/text.h"

namespace springbok::ranks {
namespace {

using Clock = std::chrono::steady_clock;

void say(c10d::Store& store, const std::string& key) {
  store.set(key, std::vector<std::uint8_t>{1});
}

std::string key(const char* what, int rank) {
  return format("{}/{}", what, rank);
}

/// Those that have not said it when the time is over. Asked again and again, as waiting in the store cannot be ended.
std::vector<int> silent(c10d::Store& store, const char* what, std::vector<int> ranks, Clock::time_point end) {
  constexpr std::chrono::milliseconds kPause{20};
  while (true) {
    std::erase_if(ranks, [&](int rank) { return store.check({key(what, rank)}); });
    if (ranks.empty() || Clock::now() >= end) return ranks;
    std::this_thread::sleep_for(kPause);
  }
}

std::string names(const std::vector<int>& ranks) {
  std::vector<std::string> numbers;
  for (const int rank : ranks) numbers.push_back(std::to_string(rank));
  return format("rank{} {} {} gone, or hang{}", ranks.size() == 1 ? "" : "s", join_first(numbers, 8),
                ranks.size() == 1 ? "is" : "are", ranks.size() == 1 ? "s" : "");
}

}  // namespace

std::string missing_text(c10d::Store& store, const Place& place) {
  constexpr std::chrono::seconds kAnswer{3}, kGoodbye{1};
  std::vector<int> others, here;
  for (int rank = 0; rank < place.size; ++rank) {
    if (rank != place.rank) others.push_back(rank);
  }
  try {
    say(store, key("lost", place.rank));
    const std::vector<int> gone = silent(store, "lost", others, Clock::now() + kAnswer);
    say(store, key("told", place.rank));
    for (const int rank : others) {
      if (std::find(gone.begin(), gone.end(), rank) == gone.end()) here.push_back(rank);
    }
    if (place.rank == 0) silent(store, "told", here, Clock::now() + kGoodbye);  // it may hold the store
    return gone.empty() ? "a rank failed" : names(gone);
  } catch (const std::exception&) {
    return "rank 0 is gone, or its machine";
  }
}

}  // namespace springbok::ranks
