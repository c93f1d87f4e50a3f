// One rank of a training, on demand, as bench/ddp.py drives it: reads a command a line and answers each with a line.
// `run N`: the seconds of N steps, and the bytes that they sent. `sum N BYTES`: the seconds of N sums over all ranks.
// `save N FOLDER`: N checkpoints at once, then N beside steps.
#include <ATen/Functions.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/group.h"
#include "springbok/engine/memory.h"
#include "springbok/engine/threads.h"
#include "springbok/ranks/join.h"
#include "springbok/ranks/place.h"
#include "springbok/run/manifest.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/saver.h"
#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"

namespace springbok {
namespace {

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

/// Payload that this process's TCP connections have sent, as the kernel counts it: without what was sent again.
std::uint64_t bytes_sent() {
  std::uint64_t sent = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    tcp_info info = {};
    socklen_t size = sizeof info;
    const int file = std::stoi(entry.path().filename().string());
    if (::getsockopt(file, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) continue;
    sent += info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
  }
  return sent;
}

std::string list_of(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += format("{}{:.6f}", text.empty() ? "" : ", ", value);
  return "[" + text + "]";
}

void answer(const std::string& line) {
  std::printf("{%s}\n", line.c_str());
  std::fflush(stdout);
}

class Rank {
 public:
  Rank(const std::string& model, std::int64_t batch, std::int64_t size)
      : group_(joined()),
        batch_(batch),
        learner_(zoo::build(model), 0),
        stepper_(learner_, {.rate = recipe::constant(0.01), .group = group()}),
        input_(at::randn({batch, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast)) {
    learner_.optimizer = std::make_unique<train::Sgd>(learner_.graph, learner_.state, train::OptimizerSettings{});
    for (std::int64_t i = 0; i < batch; ++i) targets_.push_back(i * 37 % 1000);
  }

  void run(std::int64_t count) {
    std::vector<double> seconds;
    const std::uint64_t before = bytes_sent();
    for (std::int64_t i = 0; i < count; ++i) seconds.push_back(seconds_of([&] { step(); }));
    answer(format("\"seconds\": {}, \"sent\": {}, \"gradients\": {}", list_of(seconds), bytes_sent() - before,
                  gradient_bytes()));
  }

  void sum(std::int64_t count, std::int64_t bytes) {
    at::Tensor numbers = at::zeros({std::max<std::int64_t>(1, bytes / 4)});
    std::vector<double> seconds;
    for (std::int64_t i = 0; i < count; ++i) seconds.push_back(seconds_of([&] { group()->sum(numbers); }));
    answer(format("\"seconds\": {}", list_of(seconds)));
  }

  /// What a save costs as it is, what it holds a training up beside, and by how much it slows the steps meanwhile.
  void save(std::int64_t count, const std::string& path) {
    run::CheckpointFolder folder(path);
    const auto write = [&](const tensors::Value& root) { folder.save(root, 0, ++saved_, {}); };
    std::vector<double> whole, held, plain, beside;
    for (std::int64_t i = 0; i < count; ++i) whole.push_back(seconds_of([&] { write({learner_.save(0.1)}); }));
    train::Saver saver;
    saver.save({learner_.save(0.1)}, write);  // makes room
    saver.wait();
    for (std::int64_t i = 0; i < count; ++i) {
      for (int each = 0; each < kStepsASave; ++each) plain.push_back(seconds_of([&] { step(); }));
      held.push_back(seconds_of([&] { saver.save({learner_.save(0.1)}, write); }));
      for (int each = 0; each < kStepsASave; ++each) {
        beside.push_back(seconds_of([&] { step([&] { held.back() += seconds_of([&] { saver.wait_copied(); }); }); }));
      }
      saver.wait();
    }
    answer(format("\"whole\": {}, \"held\": {}, \"plain\": {}, \"beside\": {}, \"steps\": {}", list_of(whole),
                  list_of(held), list_of(plain), list_of(beside), kStepsASave));
  }

 private:
  static constexpr int kStepsASave = 3;

  static std::unique_ptr<engine::Group> joined() {
    const auto place = ranks::place_of({});
    return place && place->size > 1 ? ranks::join(*place, std::chrono::minutes(2)) : nullptr;
  }

  engine::Group* group() const { return group_ ? group_.get() : &engine::alone(); }

  /// `changes` is called before the update changes what is saved.
  void step(const std::function<void()>& changes = [] {}) {
    stepper_.expect_last();  // its sums may begin in backward
    stepper_.add(input_, targets_, batch_ * group()->size());
    changes();
    stepper_.update();
  }

  std::int64_t gradient_bytes() const {
    std::int64_t bytes = 0;
    for (const train::ParamGroup& each : learner_.optimizer->groups()) {
      for (const train::Slot& slot : each.slots) bytes += 4 * learner_.graph.param(slot.param).elements();
    }
    return bytes;
  }

  std::unique_ptr<engine::Group> group_;
  std::int64_t batch_;
  train::Learner learner_;
  train::Stepper stepper_;
  at::Tensor input_;
  std::vector<std::int64_t> targets_;
  std::int64_t saved_ = 0;
};

int answer(const std::string& model, std::int64_t batch, std::int64_t size, int threads) {
  engine::set_compute_threads(threads);
  Rank rank(model, batch, size);
  std::string word, path;
  for (std::int64_t count = 0, bytes = 0; std::cin >> word >> count;) {
    if (word == "sum" && std::cin >> bytes) {
      rank.sum(count, bytes);
    } else if (word == "save" && std::cin >> path) {
      rank.save(count, path);
    } else {
      rank.run(count);
    }
  }
  return 0;
}

}  // namespace
}  // namespace springbok

int main(int argc, char** argv) {
  springbok::engine::tune_allocator();
  if (argc != 5) {
    std::fputs("usage: bench_ddp MODEL BATCH SIZE THREADS; then lines 'run N', 'sum N BYTES', 'save N FOLDER'\n",
               stderr);
    return 2;
  }
  try {
    return springbok::answer(argv[1], std::stoll(argv[2]), std::stoll(argv[3]), std::stoi(argv[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_ddp: %s\n", error.what());
    return 1;
  }
}
