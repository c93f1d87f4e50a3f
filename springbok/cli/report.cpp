// `springbok report`: runs compared, as a table, as JSON and as an HTML page.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/cli/outputs.h"
#include "springbok/study/html.h"
#include "springbok/study/table.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::vector<std::string> runs, predictions;
  std::string out, data;
  bool json = false;
};

Options option_table(Asked& asked) {
  return {
      {.key = "out", .help = "write a page with curves, recipes and images to this .html file", .field = &asked.out},
      {.key = "predictions",
       .help = "show images with these predictions on it, a gallery a file ('eval --predictions FILE.json', 'predict "
               "--json')",
       .field = &asked.predictions},
      {.key = "data",
       .help = "where their images are, when not in the runs' data: PATH, folder:PATH or idx:PATH",
       .field = &asked.data},
      {.key = "json", .help = "print the table as a JSON list, one object a run", .field = &asked.json},
  };
}

void check_flags(const Asked& asked) {
  if (asked.runs.empty()) fail_usage("report: give the folders of one or more runs ('train --out')");
  if (asked.out.empty() && !asked.predictions.empty())
    fail_usage("--predictions: has no effect without --out, the page to show them on");
  if (asked.predictions.empty() && !asked.data.empty())
    fail_usage("--data: has no effect without --predictions, whose images it holds");
  std::vector<NamedPath> inputs{{"--data", asked.data}};
  for (const std::string& file : asked.predictions) inputs.push_back({"--predictions", file});
  for (const std::string& run : asked.runs) {
    inputs.push_back({"the report", run + "/run.json"});
    inputs.push_back({"the report", run + "/log.jsonl"});
    inputs.push_back({"the run", run + "/weights.safetensors"});
  }
  check_outputs({{"--out", asked.out}}, inputs);
  if (!asked.out.empty()) check_writable(asked.out);
}

/// Where the predicted images may be: `--data`, else the data of the runs.
std::vector<std::string> sources(const Asked& asked, const std::vector<study::RunSummary>& runs) {
  if (!asked.data.empty()) return {asked.data};
  std::vector<std::string> list;
  for (const study::RunSummary& run : runs) {
    const std::string data = run.recipe.value("data", "");
    if (!data.empty() && std::find(list.begin(), list.end(), data) == list.end()) list.push_back(data);
  }
  return list;
}

std::string page(const Asked& asked, const std::vector<study::RunSummary>& runs) {
  std::vector<study::Gallery> galleries;
  for (const std::string& file : asked.predictions) {
    galleries.push_back(study::make_gallery(metrics::read_predictions(file), sources(asked, runs)));
    if (asked.predictions.size() > 1) galleries.back().title += ": " + std::filesystem::path(file).stem().string();
  }
  return study::html_report(runs, galleries);
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, option_table(asked));
  asked.runs = words;
  check_flags(asked);
  const auto runs = study::read_runs({asked.runs.begin(), asked.runs.end()});
  if (!asked.out.empty()) write_file(asked.out, page(asked, runs));
  if (asked.json) {
    std::printf("%s\n", json_text(study::table_json(runs), 1).c_str());
    return 0;
  }
  std::printf("%s", study::to_text(study::table(runs)).c_str());
  if (!asked.out.empty()) std::printf("report: %s\n", printable(asked.out).c_str());
  return 0;
}

}  // namespace

Command report_command() {
  const auto asked = std::make_shared<Asked>();
  Command command{
      .name = "report", .help = "Compare runs in a table and on an HTML page", .options = option_table(*asked)};
  command.words = {.name = "RUN", .help = "run folders, as 'train --out' wrote them", .many = true};
  command.run = [asked](const Flags& flags, const std::vector<std::string>& words) {
    return run(*asked, flags, words);
  };
  return command;
}

}  // namespace springbok::cli
