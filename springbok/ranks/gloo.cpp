// Ranks on CPUs: c10d's process group of Gloo.
#include <ATen/ops/from_blob.h>
#include <c10/util/Logging.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>

#include "springbok/ranks/join.h"
#include "springbok/ranks/listener.h"
#include "springbok/ranks/nccl.h"
#include "springbok/ranks/roll_call.h"
#include "springbok/ranks/within.h"

namespace springbok::ranks {
namespace {

using Clock = std::chrono::steady_clock;
using Work = c10::intrusive_ptr<c10d::Work>;

/// Of LibTorch's messages the first sentence: what follows is a trace.
std::string first_line(const std::exception& error) {
  std::string text = error.what();
  if (const auto* torch = dynamic_cast<const c10::Error*>(&error)) text = torch->what_without_backtrace();
  text = text.substr(0, text.find('\n'));
  if (text.starts_with("[")) text = text.substr(std::min(text.size(), text.find("] ") + 2));  // [file:line]
  return text;
}

/// For how long ranks wait for each other.
struct Limits {
  std::chrono::milliseconds call{0}, roll_call{0};
};

/// c10d warns of each connection that closes; who is gone is told in our words. Errors of its own stay, but for those
/// that it throws too.
void quieten(bool errors_too) {
  constexpr int kErrors = 2, kFatal = 3;
  if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr) FLAGS_caffe2_log_level = errors_too ? kFatal : kErrors;
}

/// c10d's client waits for ever where a process listens and is halted, and else for up to three times what it is given.
Store connected_store(const std::string& host, const c10d::TCPStoreOptions& options) {
  const Clock::time_point until = Clock::now() + options.timeout;
  await_listener(host, options.port, until);
  quieten(true);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  const auto store =
      within<Store>(left, [host, options] { return c10::make_intrusive<c10d::TCPStore>(host, options); });
  if (!store) fail("somebody listens there, but does not answer");
  quieten(false);
  return *store;
}

Store open_store(const Place& place, std::chrono::milliseconds timeout) {
  constexpr const char* kTcp = "tcp://";
  if (!place.url.starts_with(kTcp)) {
    return c10::make_intrusive<c10d::FileStore>(place.url.substr(std::string("file://").size()), place.size);
  }
  const std::size_t colon = place.url.rfind(':'), start = std::string(kTcp).size();
  std::string host = place.url.substr(start, colon - start);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);  // of an IPv6 address
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(std::stoi(place.url.substr(colon + 1)));
  options.isServer = place.serves && place.rank == 0;
  options.waitWorkers = false;
  options.timeout = timeout;
  if (options.isServer && place.listening >= 0) options.masterListenFd = place.listening;
  if (!options.isServer) return connected_store(host, options);
  return c10::make_intrusive<c10d::TCPStore>(host, options);
}

/// Whether they meet where no other machine can come.
bool meets_at_home(const Place& place) {
  return place.url.starts_with("tcp://127.") || place.url.starts_with("tcp://localhost:") ||
         place.url.starts_with("tcp://[::1]:");
}

/// Of the machine that others reach; within one machine no name needs to be known.
std::shared_ptr<::gloo::transport::Device> network(const Place& place) {
  if (const char* name = std::getenv("GLOO_SOCKET_IFNAME"); name != nullptr && *name != '\0') {
    return c10d::ProcessGroupGloo::createDeviceForInterface(name);
  }
  if (place.local_size == place.size || meets_at_home(place))
    return c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
  return c10d::ProcessGroupGloo::createDefaultDevice();
}

c10::intrusive_ptr<c10d::ProcessGroupGloo::Options> options_of(const Place& place, std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  options->devices = {network(place)};
  options->threads = 2;  // a sum that waits for a slow rank holds up no other
  return options;
}

class Gloo final : public engine::Group {
 public:
  Gloo(Place place, Store store, const Limits& limits)
      : place_(std::move(place)),
        store_(std::move(store)),
        limits_(limits),
        group_(c10::make_intrusive<c10d::ProcessGroupGloo>(store_, place_.rank, place_.size,
                                                           options_of(place_, limits_.call))),
        beat_(store_, place_) {}

  int rank() const override { return place_.rank; }
  int size() const override { return place_.size; }

  void sum(at::Tensor& tensor) override { begin_sum(tensor)(); }

  std::function<void()> begin_sum(at::Tensor& tensor) override {
    std::vector<at::Tensor> one{flat(tensor)};
    const Work work = guarded("a sum", [&] { return group_->allreduce(one); });
    return [this, work] { wait("a sum", work); };
  }

  void broadcast(at::Tensor& tensor, int from) override {
    std::vector<at::Tensor> one{flat(tensor)};
    c10d::BroadcastOptions options;
    options.rootRank = from;
    wait("a broadcast", guarded("a broadcast", [&] { return group_->broadcast(one, options); }));
  }

  void barrier() override {
    wait("a barrier", guarded("a barrier", [&] { return group_->barrier(); }));
  }

  void hail() override { beat_.hail(); }
  bool hailed() override { return beat_.hailed(); }
  double waited() const override { return waited_; }

  /// Closing the connections wakes the others.
  void leave() override {
    if (lost_) return;
    lost_ = true;
    group_.reset();
    say_left(store_, place_, limits_.roll_call);
  }

 private:
  /// The tensor's memory as it lies: ranks have tensors of one layout.
  static at::Tensor flat(const at::Tensor& tensor) {
    check(tensor.is_non_overlapping_and_dense(), "ranks exchange dense tensors");
    return at::from_blob(tensor.data_ptr(), {tensor.numel()}, tensor.options());
  }

  void wait(const char* what, const Work& work) {
    const Clock::time_point began = Clock::now();
    guarded(what, [&] {
      work->wait();
      return Work();
    });
    waited_ += std::chrono::duration<double>(Clock::now() - began).count();
  }

  template <class Call>
  Work guarded(const char* what, Call call) {
    check(!lost_, "a group that lost a rank is of no more use");
    try {
      return call();
    } catch (const std::exception& error) {
      lost_ = true;
      const Missing missing = missing_ranks(store_, place_, limits_.roll_call);
      throw engine::RankLost(format("{}: {} in {} ({})", to_text(place_), missing.text, what, first_line(error)),
                             missing.told);
    }
  }

  Place place_;
  Store store_;
  Limits limits_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  Beat beat_;
  bool lost_ = false;
  double waited_ = 0;
};

/// What a rank has to be silent for, and how long the others then look for it: in all not longer than was asked.
Limits limits_of(std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kLeast{1000}, kMost{20'000};
  const std::chrono::milliseconds roll_call = std::clamp(timeout / 4, kLeast, kMost);
  return {.call = std::max(timeout - roll_call, kLeast), .roll_call = roll_call};
}

}  // namespace

std::unique_ptr<engine::Group> join(const Place& place, std::chrono::milliseconds timeout, bool devices) {
  quieten(false);
  try {
    const Store store =
        c10::make_intrusive<c10d::PrefixStore>(format("springbok{}", place.restart), open_store(place, timeout));
    auto group = std::make_unique<Gloo>(place, store, limits_of(timeout));
    if (devices) return with_nccl(std::move(group), store, place, limits_of(timeout).call);
    return group;
  } catch (const std::exception& error) {
    throw engine::RankLost(format("{}: not all ranks met at {} within {:.0f} s, as {} says: {}", to_text(place),
                                  place.url, std::chrono::duration<double>(timeout).count(), place.launcher,
                                  first_line(error)));
  }
}

}  // namespace springbok::ranks
