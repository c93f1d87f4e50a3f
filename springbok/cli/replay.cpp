// `springbok replay`: a step that was not finite, made again from what the run saved of it.
#include "springbok/train/replay.h"

#include <cstdio>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"

namespace springbok::cli {
namespace {

std::string text_of(const train::StepOutcome& outcome) {
  std::vector<std::string> losses;
  for (const double loss : outcome.losses) losses.push_back(format("{}", loss));
  return format("{}; losses of its batches, summed: {}", outcome.error.empty() ? "all finite" : outcome.error,
                join(losses));
}

int run(const std::string& path) {
  const train::Replayed replayed = train::replay(path);
  constexpr std::size_t kShown = 8;
  std::printf("%s, step %lld; images of the last batch: %s\n", replayed.model.c_str(),
              static_cast<long long>(replayed.step), printable(join_first(replayed.images, kShown)).c_str());
  std::printf("then: %s\nnow:  %s\n", one_line(text_of(replayed.then)).c_str(),
              one_line(text_of(replayed.now)).c_str());
  if (!(replayed.then == replayed.now)) {
    fail("{}: the step ended otherwise; this build, or this machine, computes other numbers than the run's", path);
  }
  std::printf("the same, to the last bit\n");
  return 0;
}

}  // namespace

Command replay_command() {
  Command command{.name = "replay", .help = "Repeat a step that was not finite, from the file that its run saved"};
  command.words = {.name = "DUMP", .help = "RUN/not_finite-step-*.pt"};
  command.run = [](const Flags&, const std::vector<std::string>& words) {
    if (words.empty()) fail_usage("replay: give the file that a run saved, RUN/not_finite-step-*.pt");
    return run(words.front());
  };
  return command;
}

}  // namespace springbok::cli
