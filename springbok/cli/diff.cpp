// `springbok diff`: why two runs differ.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/cli/command.h"
#include "springbok/study/differences.h"

namespace springbok::cli {
namespace {

/// 1 when they differ, as `weights diff`.
int run(const std::vector<std::string>& folders, bool json) {
  if (folders.size() != 2) fail_usage("diff: give two run folders, as 'train --out' wrote them");
  const std::vector<study::RunSummary> runs = study::read_runs({folders.begin(), folders.end()});
  const study::Differences found = study::differences(runs[0], runs[1]);
  const std::string text = json ? json_text(study::to_json(found), 1) + "\n" : study::to_text(found, runs[0], runs[1]);
  std::printf("%s", text.c_str());
  return found.any() ? 1 : 0;
}

}  // namespace

Command runs_diff_command() {
  const auto json = std::make_shared<bool>(false);
  Command command{.name = "diff", .help = "Say why two runs differ; exit code 1 when they do"};
  command.options = {{.key = "json", .help = "print one JSON object", .field = json.get()}};
  command.words = {.name = "RUN", .help = "two run folders", .many = true};
  command.run = [json](const Flags& flags, const std::vector<std::string>& words) {
    apply_flags(flags, {{.key = "json", .help = "", .field = json.get()}});
    return run(words, *json);
  };
  return command;
}

}  // namespace springbok::cli
