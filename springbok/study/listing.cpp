// Finding runs, and telling their state.
#include "springbok/study/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/run/folder.h"
#include "springbok/run/lock.h"
#include "springbok/run/manifest.h"
#include "springbok/study/table.h"

namespace springbok::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  const run::Folder run{folder};
  return fs::is_regular_file(run.run_json(), ignored) || fs::is_regular_file(run.manifest(), ignored);
}

/// A run that neither goes on nor has finished: its last checkpoint has all that it did, or not.
void judge_unfinished(ListedRun& run) {
  const run::CheckpointFolder checkpoints(run::Folder{run.folder}.checkpoints());
  const std::optional<run::Listed> last = checkpoints.last();
  const std::int64_t done = run.step();
  const std::string dump = run::Folder::dump_name(done + 1);
  const std::vector<std::string> dumps = run::Folder{run.folder}.dumps();
  const bool saved = last ? last->step >= done : done == 0;
  if (std::find(dumps.begin(), dumps.end(), dump) != dumps.end()) {
    run.why = format("step {} was not finite ({}; 'springbok replay' repeats it)", done + 1, dump);
  } else if (!checkpoints.problem().empty()) {
    run.why = checkpoints.problem();
  } else if (!saved) {
    run.why = format("it ended after step {} without saving; its last checkpoint is {}", done,
                     last ? format("of step {}", last->step) : "missing");
  } else {
    run.state = RunState::stopped;
    run.why = done == 0 ? "before its first step" : format("after step {}; go on with --resume auto", done);
  }
}

ListedRun judge(const fs::path& folder, const fs::path& root) {
  ListedRun run{.folder = folder, .name = {}, .state = RunState::broken, .why = {}, .summary = {}};
  run.name = printable(folder == root ? folder.string() : folder.lexically_relative(root).string());
  const bool running = run::is_running(folder);
  try {
    run.summary = read_run(folder);
    if (running) {
      run.state = RunState::running;
    } else if (run.summary->finished) {
      run.state = RunState::finished;
    } else {
      judge_unfinished(run);
    }
    if (!run.summary->log.events.empty() && run.state != RunState::broken) {
      const run::EventLine& event = run.summary->log.events.back();
      const std::string more = format("{} at step {}", event.what, event.step);
      run.why += run.why.empty() ? more : "; " + more;
    }
  } catch (const Error& error) {
    run.state = running ? RunState::running : RunState::broken;
    run.why = running ? "its files are not all there yet" : error.what();
  }
  return run;
}

/// `91.20 %` and the epoch, `-` before the first one.
std::string best_of(const ListedRun& run) {
  const run::EpochLine* best = run.summary ? run.summary->best() : nullptr;
  if (best == nullptr) return "-";
  return format("{} {:.2f}", run.summary->goal.title, metrics::value_of(best->val, run.summary->goal.key));
}

}  // namespace

const char* name_of(RunState state) {
  constexpr const char* kNames[] = {"running", "finished", "stopped", "broken"};
  return kNames[static_cast<std::size_t>(state)];
}

std::vector<ListedRun> list_runs(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) fail("{}: no such folder; give one that holds runs", root.string());
  std::vector<fs::path> folders;
  if (is_run(root)) {
    folders.push_back(root);
  } else {
    constexpr int kDeepest = 6;
    fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, error);
    for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
      std::error_code ignored;
      if (!at->is_directory(ignored) || at->is_symlink(ignored)) continue;
      const bool run = is_run(at->path());
      if (run) folders.push_back(at->path());
      if (run || at.depth() >= kDeepest) at.disable_recursion_pending();
    }
  }
  std::sort(folders.begin(), folders.end());
  std::vector<ListedRun> runs;
  for (const fs::path& folder : folders) runs.push_back(judge(folder, root));
  return runs;
}

std::string to_text(const std::vector<ListedRun>& runs) {
  Table table{.head = {"run", "state", "model", "epochs", "best", "of epoch", "images/s"}, .rows = {}, .notes = {}};
  for (const ListedRun& run : runs) {
    std::vector<Cell> row{{run.name}, {name_of(run.state)}};
    const run::EpochLine* best = run.summary ? run.summary->best() : nullptr;
    if (run.summary) {
      row.push_back({run.summary->model});
      row.push_back({format("{}/{}", run.summary->epochs(), run.summary->epochs_asked)});
      row.push_back({best_of(run)});
      row.push_back({best == nullptr ? "-" : format("{}", best->epoch)});
      row.push_back({run.summary->log.steps.empty() ? "-" : format("{:.0f}", run.summary->images_per_second())});
    } else {
      row.resize(table.head.size(), {"-"});
    }
    table.rows.push_back(std::move(row));
    if (!run.why.empty()) table.notes.push_back(format("{}: {}", run.name, one_line(run.why)));
  }
  return to_text(table);
}

Json to_json(const std::vector<ListedRun>& runs) {
  Json list = Json::array();
  for (const ListedRun& run : runs) {
    Json json{{"run", run.name}, {"folder", run.folder.string()}, {"state", name_of(run.state)}, {"why", run.why}};
    if (run.summary) {
      json["model"] = run.summary->model;
      json["epochs"] = run.summary->epochs();
      json["epochs_asked"] = run.summary->epochs_asked;
      json["step"] = run.step();
      json["images_s"] = run.summary->images_per_second();
      json["goal"] = run.summary->goal.key;
      const run::EpochLine* best = run.summary->best();
      json["best"] = best == nullptr ? Json() : metrics::to_json({.epoch = best->epoch, .metrics = best->val});
    }
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace springbok::study
