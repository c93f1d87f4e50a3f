// Signs of life, and ranks that do not answer.
#include "springbok/ranks/roll_call.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/text.h"
#include "springbok/ranks/within.h"

namespace springbok::ranks {
namespace {

using Clock = std::chrono::steady_clock;

std::string key(const char* what, int rank) {
  return format("{}/{}", what, rank);
}

void say(c10d::Store& store, const std::string& what) {
  store.set(what, std::vector<std::uint8_t>{1});
}

bool is_said(c10d::Store& store, const char* what, int rank) {
  return store.check({key(what, rank)});
}

/// The rank's last sign of life; empty before the first.
std::vector<std::uint8_t> beat_of(c10d::Store& store, int rank) {
  return is_said(store, "beat", rank) ? store.get(key("beat", rank)) : std::vector<std::uint8_t>();
}

struct Watched {
  int rank = 0;
  std::vector<std::uint8_t> beat;
  Clock::time_point since = Clock::now();
  bool lives = false;  ///< has shown a sign of life since it is watched
};

/// Those that neither wait nor left when all others do, show no more sign of life, or the time is over. Then those that
/// showed none; ranks that live may be at work still, unless they are all that is left.
std::vector<int> silent_ranks(c10d::Store& store, const Place& place, Clock::time_point end) {
  constexpr std::chrono::milliseconds kPause{50};
  std::vector<Watched> watched;
  for (int rank = 0; rank < place.size; ++rank) {
    if (rank != place.rank) watched.push_back({.rank = rank, .beat = beat_of(store, rank)});
  }
  while (true) {
    std::erase_if(watched,
                  [&](const Watched& w) { return is_said(store, "lost", w.rank) || is_said(store, "left", w.rank); });
    bool lives = false;
    for (Watched& w : watched) {
      std::vector<std::uint8_t> beat = beat_of(store, w.rank);
      if (beat != w.beat) w = {.rank = w.rank, .beat = std::move(beat), .lives = true};
      lives = lives || Clock::now() - w.since < 3 * Beat::pause(place);
    }
    if (!lives || Clock::now() >= end) break;
    std::this_thread::sleep_for(kPause);
  }
  const bool all_live = std::all_of(watched.begin(), watched.end(), [](const Watched& w) { return w.lives; });
  std::vector<int> ranks;
  for (const Watched& w : watched) {
    if (all_live || !w.lives) ranks.push_back(w.rank);
  }
  return ranks;
}

std::string names(const std::vector<int>& ranks) {
  std::vector<std::string> numbers;
  for (const int rank : ranks) numbers.push_back(std::to_string(rank));
  return ranks.size() == 1 ? format("rank {} is gone, or hangs", numbers[0])
                           : format("ranks {} are gone, or hang", join_first(numbers, 8));
}

/// Waits until each rank has said one of the two.
void await(c10d::Store& store, const std::vector<int>& ranks, const char* either, const char* other,
           Clock::time_point end) {
  constexpr std::chrono::milliseconds kPause{20};
  for (const int rank : ranks) {
    while (!is_said(store, either, rank) && !is_said(store, other, rank) && Clock::now() < end) {
      std::this_thread::sleep_for(kPause);
    }
  }
}

Missing call_roll(c10d::Store& store, const Place& place, Clock::time_point end) {
  say(store, key("lost", place.rank));
  const std::vector<int> silent = silent_ranks(store, place, end);
  std::vector<int> waiting, left;
  for (int rank = 0; rank < place.size; ++rank) {
    if (rank == place.rank || std::find(silent.begin(), silent.end(), rank) != silent.end()) continue;
    (is_said(store, "left", rank) ? left : waiting).push_back(rank);
  }
  say(store, key("told", place.rank));
  // It may hold the store.
  if (place.rank == 0) await(store, waiting, "told", "left", end);
  Missing missing;
  missing.failed = silent.empty() && !left.empty();
  missing.told = !left.empty() || (!waiting.empty() && waiting.front() < place.rank);
  missing.text = silent.empty() ? left.empty() ? "the network failed" : "another rank failed" : names(silent);
  return missing;
}

}  // namespace

struct Beat::Shared {
  std::mutex mutex;
  std::condition_variable ended;
  bool ends = false, ended_well = false;
  std::atomic<bool> hails = false, hailed = false;

  void beat(c10d::Store& store, const std::string& mine, std::uint8_t count) {
    store.set(mine, std::vector<std::uint8_t>{count});
    if (hails.exchange(false)) say(store, "hail");
    if (!hailed) hailed = store.check({"hail"});
  }
};

std::chrono::milliseconds Beat::pause(const Place& place) {
  constexpr std::chrono::milliseconds kTcp{500}, kFile{3000};
  return place.url.starts_with("tcp") ? kTcp : kFile;
}

Beat::Beat(Store store, const Place& place) : shared_(std::make_shared<Shared>()) {
  auto beat = [store = std::move(store), shared = shared_, mine = key("beat", place.rank), pause = pause(place)] {
    std::unique_lock lock(shared->mutex);
    for (std::uint8_t count = 0; !shared->ends; ++count) {
      lock.unlock();
      try {
        shared->beat(*store, mine, count);
      } catch (...) {  // the store is gone, and nobody looks there
        lock.lock();
        break;
      }
      lock.lock();
      shared->ended.wait_for(lock, pause, [&] { return shared->ends; });
    }
    shared->ended_well = true;
    shared->ended.notify_all();
  };
  std::thread(std::move(beat)).detach();  // joined it would wait for a store that hangs
}

Beat::~Beat() {
  constexpr std::chrono::milliseconds kLongest{500};
  std::unique_lock lock(shared_->mutex);
  shared_->ends = true;
  shared_->ended.notify_all();
  shared_->ended.wait_for(lock, kLongest, [this] { return shared_->ended_well; });
}

void Beat::hail() {
  shared_->hails = true;
}

bool Beat::hailed() const {
  return shared_->hailed;
}

Missing missing_ranks(const Store& store, const Place& place, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kRest{500};
  try {
    const auto found = within<Missing>(
        limit, [store, place, end = Clock::now() + limit - kRest] { return call_roll(*store, place, end); });
    if (found) return *found;
  } catch (const std::exception&) {  // nobody answers in the store
  }
  const bool rank_0 = place.serves && place.url.starts_with("tcp") && place.rank > 0;
  if (rank_0) return {.text = "rank 0 is gone, or hangs", .told = place.rank > 1};
  return {.text = format("{} does not answer", place.url), .told = false};
}

void say_left(const Store& store, const Place& place, std::chrono::milliseconds limit) {
  const auto say_and_wait = [store, place, end = Clock::now() + limit] {
    say(*store, key("left", place.rank));
    std::vector<int> others;
    for (int rank = 0; rank < place.size; ++rank) {
      if (rank != place.rank) others.push_back(rank);
    }
    if (place.rank == 0 && place.serves) await(*store, others, "told", "left", end);
    return true;
  };
  try {
    within<bool>(limit, say_and_wait);
  } catch (const std::exception&) {  // nor need anybody know
  }
}

}  // namespace springbok::ranks
