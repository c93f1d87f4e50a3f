// The loader: threads that fill batches sample by sample.
#include "springbok/data/load/loader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/process.h"
#include "springbok/base/threads.h"
#include "springbok/data/load/order.h"
#include "springbok/data/load/samples.h"
#include "springbok/data/load/share.h"

namespace springbok::data {
namespace {

void check_between(const char* key, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value < least || value > most) {
    fail_usage("loader: {}: must be between {} and {}, got {}", key, least, most, value);
  }
}

void check_settings(const Source& source, const LoaderSettings& settings) {
  constexpr std::int64_t kMostThreads = 1024, kMostBatches = 1 << 20, kMost = std::int64_t{1} << 53;
  constexpr std::int64_t kMostImages = 1'000'000'000;
  if (settings.batch < 1) fail_usage("a batch has at least 1 image, not {}", settings.batch);
  check_between("batch", settings.batch, 1, kMostImages);
  check_between("workers", settings.workers, 0, kMostThreads);
  check_between("prefetch", settings.prefetch, 0, kMostBatches);
  check_between("epoch", settings.epoch, 0, kMost);
  check_between("first_batch", settings.first_batch, 0, kMost);
  check_between("repeats", settings.repeats, 1, kMostImages);
  check_between("shuffle_buffer", settings.shuffle_buffer, 0, kMost);
  if (source.size() < 1) fail("no images to load ({})", source.description());
  if (settings.drop_last && settings.batch > source.size()) {
    fail(
        "a batch of {} is more than the {} images there are, and incomplete batches are dropped: nothing is left; use "
        "a smaller batch or keep the last one",
        with_commas(settings.batch), with_commas(source.size()));
  }
}

/// How many samples before it is loaded a source hears of one: a disk has so many reads to put in order, a server's
/// answer so long to come.
constexpr std::int64_t kAhead = 64;

/// Why, when that is what the exception says.
std::optional<std::string> bad_image(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const BadImage& bad) {
    return bad.what();
  } catch (...) {
    return std::nullopt;
  }
}

/// A batch in the making. Workers write different samples of it without a lock; the counts are guarded by the loader's.
struct Slot {
  std::int64_t number = 0;
  Share share;
  Batch batch;
  std::once_flag allocated;
  std::int64_t claimed = 0;                                        ///< samples given to workers
  std::int64_t finished = 0;                                       ///< samples done, well or not
  std::int64_t failed = std::numeric_limits<std::int64_t>::max();  ///< the first sample that failed, and why
  std::exception_ptr error;
  std::map<std::int64_t, std::string> bad;  ///< samples to leave out, and why

  /// To load: the batch's, then the previous one.
  std::int64_t samples() const { return share.size + (share.previous ? 1 : 0); }
};

}  // namespace

std::int64_t batches_per_epoch(std::int64_t samples, std::int64_t batch, bool drop_last) {
  if (samples < 0 || batch < 1) fail("{} samples do not make batches of {}", samples, batch);
  return samples / batch + (!drop_last && samples % batch != 0);
}

struct Loader::Impl {
  Impl(const Source& source_given, SampleTransform transform, const LoaderSettings& settings_given)
      : source(source_given),
        samples(source, std::move(transform), settings_given.batch),
        settings(settings_given),
        order(source, settings),
        shares(settings, source.size()) {
    opened = std::min(settings.first_batch, shares.batches());
    group = std::clamp<std::int64_t>(settings.batch / settings.ranks / (4 * std::max(1, settings.workers)), 1, 16);
    for (std::int64_t i = 0; i < kAhead; ++i) expect(opened, i);
    for (int i = 0; i < std::max(1, settings.prefetch); ++i) open();
    for (int i = 0; i < settings.workers; ++i) start();
  }

  ~Impl() {
    for (std::jthread& worker : workers) worker.request_stop();
  }

  /// Begins the next batch, if any. The lock is held, or no worker runs yet.
  void open() {
    if (opened == shares.batches()) return;
    auto slot = std::make_unique<Slot>();
    slot->number = opened++;
    slot->share = shares.at(slot->number);
    slot->batch.size = slot->share.size;
    slot->batch.first = slot->share.first;
    samples.describe(slot->batch);
    if (!spare.empty() && slot->samples() > 0) {
      slot->batch.pixels = std::move(spare.back());
      spare.pop_back();
    }
    slots.push_back(std::move(slot));
  }

  void start() {
    try {
      workers.emplace_back([this](const std::stop_token& stop) { work(stop); });
    } catch (const std::system_error& error) {
      if (workers.empty()) fail("cannot start a loading thread: {}; try 0 workers", error.what());
    }
  }

  void work(const std::stop_token& stop) {
    flush_denormals();
    std::unique_lock lock(mutex);
    while (true) {
      Slot* slot = nullptr;
      const bool found = claimable.wait(lock, stop, [&] { return (slot = unclaimed()) != nullptr; });
      if (!found || stop.stop_requested()) return;
      const std::int64_t first = slot->claimed;
      slot->claimed = std::min(first + group, slot->samples());
      const std::int64_t last = slot->claimed;
      for (std::int64_t i = first; i < last && !stop.stop_requested(); ++i) {
        lock.unlock();
        std::exception_ptr error = load(*slot, i);
        lock.lock();
        finish(*slot, i, std::move(error));
      }
    }
  }

  Slot* unclaimed() {
    const auto found = std::find_if(slots.begin(), slots.end(), [](auto& s) { return s->claimed < s->samples(); });
    return found == slots.end() ? nullptr : found->get();
  }

  void finish(Slot& slot, std::int64_t i, std::exception_ptr error) {
    const auto why = error && settings.skip_bad ? bad_image(error) : std::nullopt;
    if (why) {
      slot.bad.emplace(i, *why);
    } else if (error && i < slot.failed) {
      slot.failed = i;
      slot.error = std::move(error);
    }
    if (++slot.finished == slot.samples() && &slot == slots.front().get()) ready.notify_one();
  }

  /// Loads the i-th sample of the batch into its place; returns what went wrong.
  std::exception_ptr load(Slot& slot, std::int64_t i) {
    try {
      std::call_once(slot.allocated, [&] { samples.allocate(slot.batch, slot.share.previous.has_value()); });
      const bool previous = i == slot.batch.size;
      const std::int64_t position = previous ? *slot.share.previous : slot.share.first + i;
      if (!previous) expect(slot.number, i + kAhead);
      samples.load(slot.batch, i, order.sample(position), order.rng(position));
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  /// Tells the source of what will be loaded in a while. What it makes of it shows when that is loaded.
  void expect(std::int64_t number, std::int64_t i) const {
    const auto position = shares.ahead(number, i);
    if (!position) return;
    try {
      source.expect(order.sample(*position));
    } catch (...) {  // NOLINT(bugprone-empty-catch): the same sample fails again, with its name
    }
  }

  /// The batch at the front, finished, or nothing at the end. The lock is held.
  std::optional<Batch> take() {
    if (slots.empty()) return std::nullopt;
    Slot& front = *slots.front();
    if (front.error) std::rethrow_exception(front.error);
    if (!front.bad.empty()) drop_bad(front);
    Batch batch = std::move(front.batch);
    slots.pop_front();
    open();
    claimable.notify_all();
    return batch;
  }

  void drop_bad(Slot& slot) {
    if (slot.bad.erase(slot.batch.size) > 0) slot.batch.previous.clear();  // named where it is in the batch itself
    if (settings.ranks == 1 && static_cast<std::int64_t>(slot.bad.size()) == slot.batch.size) {
      fail("none of the {} images of a batch can be loaded; the first: {}", slot.batch.size, slot.bad.begin()->second);
    }
    for (const auto& [i, why] : slot.bad) skipped.push_back(why);
    leave_out(slot.batch, slot.bad);
    slot.bad.clear();
  }

  std::optional<Batch> next() {
    home.expect_here("a loader");
    const std::lock_guard one(consumer);
    const auto began = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex);
    if (!slots.empty()) {
      Slot& front = *slots.front();
      if (workers.empty()) {
        for (; front.claimed < front.samples(); ++front.claimed)
          finish(front, front.claimed, load(front, front.claimed));
      }
      ready.wait(lock, [&] { return front.finished == front.samples(); });
    }
    waited += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return take();
  }

  const Home home;
  const Source& source;
  const Samples samples;
  LoaderSettings settings;
  Order order;
  Shares shares;
  std::int64_t opened = 0;  ///< the number of the next batch to begin
  std::int64_t group = 1;   ///< samples a worker takes at a time
  double waited = 0;
  std::vector<std::string> skipped;

  std::mutex consumer;  ///< one waits for the front batch at a time; taken before `mutex`
  std::mutex mutex;
  std::condition_variable_any claimable;  ///< samples wait for a worker
  std::condition_variable ready;          ///< the front batch is finished
  std::deque<std::unique_ptr<Slot>> slots;
  std::vector<std::vector<float>> spare;
  std::vector<std::jthread> workers;  ///< last: stopped and joined before anything else goes
};

Loader::Loader(const Source& source, SampleTransform transform, const LoaderSettings& settings) {
  check_settings(source, settings);
  impl_ = std::make_unique<Impl>(source, std::move(transform), settings);
}

/// In a forked child the threads that would be joined are not there: what they were is left to the process's end.
Loader::~Loader() {
  if (!impl_->home.is_here()) impl_.release();
}

std::optional<Batch> Loader::next() {
  return impl_->next();
}

void Loader::recycle(Batch&& batch) {
  if (!impl_->home.is_here()) return;
  const std::lock_guard lock(impl_->mutex);
  const auto most = static_cast<std::size_t>(std::max(1, impl_->settings.prefetch));
  if (impl_->spare.size() < most) impl_->spare.push_back(std::move(batch.pixels));
}

const std::vector<std::string>& Loader::skipped() const {
  return impl_->skipped;
}

double Loader::waited() const {
  return impl_->waited;
}

}  // namespace springbok::data
