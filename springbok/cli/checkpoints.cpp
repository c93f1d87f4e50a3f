// `springbok checkpoints`: what a run has saved, and whether it is whole.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/study/table.h"
#include "springbok/train/stored.h"

namespace springbok::cli {
namespace {

std::string state_of(const train::StoredCheckpoint& checkpoint) {
  const std::string state = checkpoint.damage.empty() ? "whole" : "damaged";
  return checkpoint.listed ? state : state + ", not listed";
}

std::string kept_as(const train::StoredCheckpoint& checkpoint) {
  std::vector<std::string> names;
  if (checkpoint.best) names.emplace_back("best");
  if (checkpoint.last) names.emplace_back("last");
  if (checkpoint.stays) names.emplace_back("for good");
  return names.empty() ? "-" : join(names);
}

std::string metric_of(const train::StoredCheckpoint& checkpoint) {
  if (!checkpoint.score) return "-";
  return format("{} {:.2f}", checkpoint.goal.title, metrics::value_of(checkpoint.score->metrics, checkpoint.goal.key));
}

std::string text_of(const train::Stored& stored) {
  study::Table table{
      .head = {"checkpoint", "epoch", "step", "metric", "size", "kept as", "state"}, .rows = {}, .notes = {}};
  for (const train::StoredCheckpoint& each : stored.checkpoints) {
    table.rows.push_back({{printable(each.file)},
                          {format("{}", each.epoch)},
                          {format("{}", each.step)},
                          {metric_of(each)},
                          {human_bytes(each.bytes)},
                          {kept_as(each)},
                          {state_of(each)}});
    if (!each.damage.empty()) table.notes.push_back(each.damage);
  }
  if (!stored.problem.empty()) table.notes.push_back(stored.problem);
  return to_text(table);
}

int run(const std::string& folder, bool json) {
  const train::Stored stored = train::stored_checkpoints(folder);
  if (json) {
    std::printf("%s\n", json_text(train::to_json(stored), 1).c_str());
  } else {
    std::printf("%s", text_of(stored).c_str());
  }
  return stored.damaged() ? 1 : 0;
}

}  // namespace

Command checkpoints_command() {
  const auto json = std::make_shared<bool>(false);
  const Options options{{.key = "json", .help = "print JSON", .field = json.get()}};
  Command command{.name = "checkpoints",
                  .help = "List a run's checkpoints and check each; exit code 1 when one is damaged",
                  .options = options,
                  .words = {.name = "RUN", .help = "a run folder, of a run that goes on too"}};
  command.run = [=](const Flags& flags, const std::vector<std::string>& words) {
    apply_flags(flags, options);
    if (words.size() != 1) fail_usage("checkpoints: give one run folder");
    return run(words.front(), *json);
  };
  return command;
}

}  // namespace springbok::cli
