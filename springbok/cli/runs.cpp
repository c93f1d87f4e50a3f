// `springbok runs`: the runs of a folder with their state and their best.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/cli/command.h"
#include "springbok/study/listing.h"

namespace springbok::cli {
namespace {

int run(const std::string& folder, bool json) {
  const std::vector<study::ListedRun> runs = study::list_runs(folder);
  if (json) {
    std::printf("%s\n", json_text(study::to_json(runs), 1).c_str());
    return 0;
  }
  if (runs.empty()) fail("{}: no runs; a run's folder holds a run.json", folder);
  std::printf("%s", study::to_text(runs).c_str());
  return 0;
}

}  // namespace

Command runs_command() {
  const auto json = std::make_shared<bool>(false);
  Command command{.name = "runs", .help = "List the runs of a folder with their state and their best"};
  command.options = {{.key = "json", .help = "print a JSON list, one object a run", .field = json.get()}};
  command.words = {.name = "DIR", .help = "a folder that holds run folders; without it the present one"};
  command.run = [json](const Flags& flags, const std::vector<std::string>& words) {
    apply_flags(flags, {{.key = "json", .help = "", .field = json.get()}});
    return run(words.empty() ? "." : words.front(), *json);
  };
  return command;
}

}  // namespace springbok::cli
