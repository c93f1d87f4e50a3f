// Starting and joining ranks.
#include "springbok/cli/rank_flags.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/threads.h"
#include "springbok/ranks/join.h"
#include "springbok/ranks/local_ranks.h"
#include "springbok/ranks/place.h"

namespace springbok::cli {
namespace {

ranks::Asked place_asked(const AskedRanks& asked) {
  return {.url = asked.url, .size = asked.world_size, .rank = asked.rank};
}

int count_of(const std::string& text) {
  constexpr int kMost = 1024;
  if (text == "auto") return usable_cores();
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 1 || count > kMost) {
    fail_usage("--ranks: takes a number from 1 to {}, or auto, not '{}'", kMost, text);
  }
  return count;
}

/// This process's command line, without `--ranks`.
std::vector<std::string> own_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> words;
  for (std::size_t at = 0; at < all.size(); at = all.find('\0', at) + 1) {
    words.push_back(all.substr(at, all.find('\0', at) - at));
  }
  std::vector<std::string> command{"/proc/self/exe"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--ranks") {
      ++i;
    } else if (!words[i].starts_with("--ranks=")) {
      command.push_back(words[i]);
    }
  }
  return command;
}

}  // namespace

Options rank_options(AskedRanks& asked) {
  constexpr double kLongest = 1e7;
  return {
      {.key = "ranks",
       .help = "processes on this machine that train together, each with its share of a batch; auto: as many as cores",
       .field = &asked.ranks},
      {.key = "dist_url",
       .help = "where ranks that were started one by one meet: tcp://HOST:PORT or file:///PATH; env://, the default, "
               "is as torchrun, srun, mpirun or Kubernetes say",
       .field = &asked.url},
      {.key = "world_size", .help = "with --dist-url: ranks there are", .field = &asked.world_size},
      {.key = "rank", .help = "with --dist-url: which of them this is, from 0", .field = &asked.rank},
      {.key = "rank_timeout",
       .help = "seconds after which a rank that does not answer is given up, and with it all",
       .field = &asked.timeout,
       .min = 1,
       .max = kLongest}};
}

std::optional<int> run_as_ranks(const AskedRanks& asked) {
  if (asked.ranks.empty()) return std::nullopt;
  const int count = count_of(asked.ranks);
  if (const auto place = ranks::place_of(place_asked(asked))) {
    fail_usage("--ranks: this is {} already, as {} says; give the number of processes there, or leave that out",
               ranks::to_text(*place), place->launcher);
  }
  if (count == 1) return std::nullopt;
  ranks::LocalRanks settings;
  settings.ranks = count;
  settings.command = own_command();
  settings.threads = std::max(1, usable_cores() / count);
  settings.silent_status = kEndedElsewhere;
  constexpr double kShare = 0.1, kLeast = 1, kMost = 10;  // of the time after which a rank is given up
  const std::chrono::duration<double> patience(std::clamp(kShare * asked.timeout, kLeast, kMost));
  settings.patience = settings.last_patience = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  settings.say = [](const std::string& line) { std::fprintf(stderr, "springbok: %s\n", line.c_str()); };
  return ranks::run_local_ranks(settings);
}

std::unique_ptr<engine::Group> join_ranks(const AskedRanks& asked, recipe::Recipe& recipe) {
  const auto place = ranks::place_of(place_asked(asked));
  if (!place || place->size == 1) return nullptr;
  const bool devices = recipe.device != "cpu";
  if (devices && !ranks::has_nccl()) {
    fail_usage("--device {}: several ranks train on CPUs only; there is no NCCL in this build", recipe.device);
  }
  if (recipe.device == "cuda") recipe.device = format("cuda:{}", place->local_rank);
  const ThreadSplit split = split_threads(std::max(1, usable_cores() / place->local_size),
                                          static_cast<int>(recipe.threads), static_cast<int>(recipe.workers));
  recipe.threads = split.compute;
  recipe.workers = split.loaders;
  const std::chrono::duration<double> timeout(asked.timeout);
  return ranks::join(*place, std::chrono::duration_cast<std::chrono::milliseconds>(timeout), devices);
}

}  // namespace springbok::cli
