// `springbok report`: runs compared, as a table, as JSON and as an HTML page.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/cli/outputs.h"
#include "springbok/cli/signals.h"
#include "springbok/run/folder.h"
#include "springbok/run/lock.h"
#include "springbok/study/html.h"
#include "springbok/study/table.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::vector<std::string> runs, predictions;
  std::string out, data;
  bool json = false, follow = false;
  std::int64_t every = 5;
};

Options option_table(Asked& asked) {
  return {
      {.key = "out", .help = "write a page with curves, recipes and images to this .html file", .field = &asked.out},
      {.key = "predictions",
       .help = "show these predictions on it, a gallery a file ('eval --predictions FILE.json', 'predict --json'), in "
               "place of what the runs' best evaluations said",
       .field = &asked.predictions},
      {.key = "data",
       .help = "where their images are, when not in the runs' data: PATH, folder:PATH or idx:PATH",
       .field = &asked.data},
      {.key = "follow",
       .help = "write the page anew while a run goes on; a browser loads it anew",
       .field = &asked.follow},
      {.key = "every", .help = "seconds between two pages of --follow", .field = &asked.every, .min = 1, .max = 86400},
      {.key = "json", .help = "print the table as a JSON list, one object a run", .field = &asked.json},
  };
}

void check_flags(const Asked& asked, const Flags& flags) {
  if (asked.runs.empty()) fail_usage("report: give the folders of one or more runs ('train --out')");
  if (asked.out.empty() && !asked.predictions.empty())
    fail_usage("--predictions: has no effect without --out, the page to show them on");
  if (asked.out.empty() && !asked.data.empty())
    fail_usage("--data: has no effect without --out, the page to show its images on");
  if (asked.follow && asked.out.empty()) fail_usage("--follow: has no effect without --out, the page to renew");
  if (asked.follow && asked.json) fail_usage("--json: has no effect with --follow, which renews a page");
  if (is_given(flags, "every") && !asked.follow) fail_usage("--every: has no effect without --follow");
  std::vector<NamedPath> inputs{{"--data", asked.data}};
  for (const std::string& file : asked.predictions) inputs.push_back({"--predictions", file});
  for (const std::string& run : asked.runs) {
    inputs.push_back({"the report", run + "/run.json"});
    inputs.push_back({"the report", run + "/log.jsonl"});
    inputs.push_back({"the report", run + "/predictions.json"});
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

/// All of one task.
template <class One>
std::vector<One> all_of(const std::vector<metrics::Prediction>& predictions) {
  std::vector<One> list;
  for (const metrics::Prediction& prediction : predictions) {
    const auto* one = std::get_if<One>(&prediction);
    if (one == nullptr) fail("entry {} of the predictions is of another task than the first", list.size() + 1);
    list.push_back(*one);
  }
  return list;
}

/// What a gallery is made of, beside the predictions.
struct GallerySettings {
  std::vector<std::string> sources;
  std::filesystem::path folder;
  std::vector<std::string> classes;
  bool upright = false;  ///< pictures turned as EXIF asks, as the run saw them
};

bool turns_pictures(const study::RunSummary& run) {
  return run.recipe.value("exif", "ignore") == "apply";
}

study::AnyGallery gallery_of(const std::vector<metrics::Prediction>& predictions, const GallerySettings& settings) {
  constexpr std::size_t kPictures = 24, kRows = 12;
  const auto& [sources, folder, classes, upright] = settings;
  if (!predictions.empty() && std::holds_alternative<metrics::Labelled>(predictions.front())) {
    return study::make_label_gallery(all_of<metrics::Labelled>(predictions), sources, kPictures, classes, upright);
  }
  if (!predictions.empty() && std::holds_alternative<metrics::Painted>(predictions.front())) {
    return study::make_mask_gallery(all_of<metrics::Painted>(predictions), sources, folder, kRows, classes);
  }
  return study::make_gallery(predictions, sources, kPictures, classes, upright);
}

study::AnyGallery without_pictures(const std::vector<metrics::Prediction>& predictions, const std::string& note,
                                   const std::vector<std::string>& classes) {
  if (!predictions.empty() && std::holds_alternative<metrics::Labelled>(predictions.front())) {
    study::LabelGallery gallery = study::counted_labels(all_of<metrics::Labelled>(predictions), classes);
    gallery.note = note;
    return gallery;
  }
  if (!predictions.empty() && std::holds_alternative<metrics::Painted>(predictions.front())) {
    study::MaskGallery gallery = study::counted_masks(all_of<metrics::Painted>(predictions), classes);
    gallery.note = note;
    return gallery;
  }
  return study::without_pictures(predictions, note, classes);
}

/// What a run said of its validation images in its best epoch; without pictures where the images are gone.
study::AnyGallery own_gallery(const Asked& asked, const study::RunSummary& run, const std::string& file) {
  const std::vector<metrics::Prediction> predictions = metrics::read_predictions(file);
  std::vector<std::string> classes;
  if (const auto data = run.record.find("data"); data != run.record.end() && data->contains("classes")) {
    classes = (*data)["classes"].get<std::vector<std::string>>();
  }
  try {
    return gallery_of(predictions, {sources(asked, {run}), run.folder, classes, turns_pictures(run)});
  } catch (const Error& error) {
    return without_pictures(predictions, format("No pictures: {}", error.what()), classes);
  }
}

std::string& title_of(study::AnyGallery& gallery) {
  return std::visit([](auto& each) -> std::string& { return each.title; }, gallery);
}

std::string page(const Asked& asked, const std::vector<study::RunSummary>& runs, std::int64_t refresh) {
  std::vector<study::AnyGallery> galleries;
  for (const study::RunSummary& run : runs) {
    const std::filesystem::path file = run::Folder{run.folder}.predictions();
    if (!asked.predictions.empty() || !run::is_there(file)) continue;
    galleries.push_back(own_gallery(asked, run, file));
    if (std::holds_alternative<study::Gallery>(galleries.back())) title_of(galleries.back()) = "Mistakes";
    if (runs.size() > 1) title_of(galleries.back()) += ": " + run.name;
  }
  for (const std::string& file : asked.predictions) {
    const std::filesystem::path path(file);
    const bool upright = std::any_of(runs.begin(), runs.end(), turns_pictures);
    galleries.push_back(
        gallery_of(metrics::read_predictions(file), {sources(asked, runs), path.parent_path(), {}, upright}));
    if (asked.predictions.size() > 1) title_of(galleries.back()) += ": " + path.stem().string();
  }
  return study::html_report(runs, galleries, refresh);
}

/// Writes the page until no run goes on, or a signal comes. A file that is just being written is read the next time.
int follow(const Asked& asked) {
  const StopSignal signal;
  const std::vector<std::filesystem::path> folders{asked.runs.begin(), asked.runs.end()};
  const auto running = [&] { return std::any_of(folders.begin(), folders.end(), run::is_running); };
  for (bool first = true;; first = false) {
    const bool goes_on = running() && signal.received() == 0;
    try {
      write_file(asked.out, page(asked, study::read_runs(folders), goes_on ? asked.every : 0));
      if (first) std::printf("report: %s\n", printable(asked.out).c_str());
      std::fflush(stdout);
    } catch (const Error&) {
      if (!goes_on || first) throw;
    }
    if (!goes_on) return signal.received() == 0 ? 0 : 128 + signal.received();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(asked.every);
    while (std::chrono::steady_clock::now() < until && signal.received() == 0 && running()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, option_table(asked));
  asked.runs = words;
  check_flags(asked, flags);
  if (asked.follow) return follow(asked);
  const auto runs = study::read_runs({asked.runs.begin(), asked.runs.end()});
  if (!asked.out.empty()) write_file(asked.out, page(asked, runs, 0));
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
