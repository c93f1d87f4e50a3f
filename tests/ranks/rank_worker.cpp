// One rank of the tests: joins the others, does what is asked, and writes what it found to FOLDER/RANK.
#include <ATen/ops/full.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "springbok/ranks/join.h"

namespace springbok::ranks {
namespace {

constexpr std::int64_t kValues = 1000;

/// What all ranks have in the end, as text: a sum that was begun, one that was not, and rank 1's values.
std::string exchange(engine::Group& group) {
  const double mine = group.rank() + 1;
  at::Tensor begun = at::full({kValues}, mine, at::kFloat), summed = at::full({2, 3, 4, 4}, 10 * mine, at::kDouble);
  summed = summed.contiguous(at::MemoryFormat::ChannelsLast);
  const auto wait = group.begin_sum(begun);
  group.sum(summed);
  wait();
  at::Tensor sent = at::full({3}, mine, at::kFloat);
  group.broadcast(sent, 1);
  group.barrier();
  return format("{} {} {}", begun.sum().item<double>(), summed.sum().item<double>(), sent[2].item<double>());
}

void end_by(engine::Group& group, const std::string& how) {
  if (how.starts_with("leave")) {
    group.leave();
    std::_Exit(1);
  }
  ::kill(::getpid(), how.starts_with("halt") ? SIGSTOP : SIGKILL);
}

/// The last rank, or the first, ends or halts in the middle of step 3. Another one may be busy meanwhile.
std::string lose(engine::Group& group, const std::string& how) {
  const int which = how.ends_with("first") ? 0 : group.size() - 1;
  for (int step = 1;; ++step) {
    if (step == 3 && group.rank() == which) end_by(group, how);
    if (step == 3 && group.rank() == 1 && how == "kill busy") std::this_thread::sleep_for(std::chrono::seconds(5));
    at::Tensor values = at::full({kValues}, 1.0, at::kFloat);
    try {
      group.sum(values);
    } catch (const engine::RankLost& lost) {
      return format("{}: step {}: {}", lost.told_elsewhere ? "is silent" : "tells", step, lost.what());
    }
  }
}

/// Rank 1 hails; both wait to hear it.
std::string hail(engine::Group& group) {
  if (group.rank() == 1) group.hail();
  for (int i = 0; i < 1000 && !group.hailed(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  group.barrier();
  return group.hailed() ? "hailed" : "not hailed";
}

int run(const std::string& what, const std::filesystem::path& folder) {
  const std::chrono::seconds timeout(what == "kill busy" ? 12 : 4);
  const auto place = place_of({});
  if (!place) return 2;
  if (what == "fail" && place->rank == 1) return 7;
  if (what == "sleep" || what == "fail") {
    std::ofstream(folder / std::to_string(place->rank)) << ::getpid();
    std::this_thread::sleep_for(std::chrono::seconds(60));
  }
  const auto group = join(*place, timeout);
  const bool whole = what == "exchange" || what == "hail";
  const std::string found = what == "exchange" ? exchange(*group) : whole ? hail(*group) : lose(*group, what);
  std::ofstream(folder / std::to_string(place->rank)) << found;
  return whole ? 0 : 1;
}

}  // namespace
}  // namespace springbok::ranks

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    return springbok::ranks::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
