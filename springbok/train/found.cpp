// Looking for what earlier runs left, so that none of it is overwritten and all of it can be gone on from.
#include "springbok/train/found.h"

#include <algorithm>
#include <sstream>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"

namespace springbok::train {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

/// Opens each checkpoint that no manifest lists. What does not open is a note.
void adopt_unlisted(run::CheckpointFolder& checkpoints, const fs::path& folder, std::vector<std::string>& notes) {
  std::vector<std::string> refused;
  std::vector<run::Listed> found;
  std::int64_t best_epoch = 0;
  for (const std::string& name : checkpoints.unlisted()) {
    try {
      const Checkpoint checkpoint = read_checkpoint(folder / name);
      const run::Position& position = checkpoint.snapshot.position;
      found.push_back({.file = name,
                       .sha256 = sha256_file(folder / name),
                       .epoch = position.epoch,
                       .step = position.step,
                       .best = position.step_in_epoch == 0 && checkpoint.snapshot.best.epoch == position.epoch,
                       .found = true});
      best_epoch = std::max(best_epoch, found.back().best ? position.epoch : 0);
    } catch (const Error& error) {
      refused.emplace_back(error.what());
    }
  }
  if (found.empty()) fail("{}; no checkpoint beside it opens: {}", checkpoints.problem(), join_first(refused, 3));
  for (run::Listed& entry : found) entry.best = entry.best && entry.epoch == best_epoch;
  std::stable_sort(found.begin(), found.end(),
                   [](const run::Listed& a, const run::Listed& b) { return a.step < b.step; });
  notes.push_back(format("warning: {}; found {} checkpoint{} by opening what is there, the last after step {}",
                         checkpoints.problem(), found.size(), found.size() == 1 ? "" : "s", found.back().step));
  for (const std::string& reason : refused) notes.push_back("warning: left as it is: " + reason);
  checkpoints.adopt(std::move(found));
}

void tell_unlisted(const run::CheckpointFolder& checkpoints, const fs::path& folder, std::vector<std::string>& notes) {
  constexpr std::size_t kShown = 3;
  const std::vector<std::string> names = checkpoints.unlisted();
  if (names.empty()) return;
  notes.push_back(format("warning: {}: not listed in its manifest.json, and left as it is: {}", folder.string(),
                         join_first(names, kShown)));
}

/// What a run would overwrite, by name.
std::vector<std::string> remains(const run::Folder& folder) {
  std::vector<std::string> names;
  for (const fs::path& path : {folder.run_json(), folder.log(), folder.weights(), folder.manifest()}) {
    if (run::is_there(path)) names.push_back(path.lexically_relative(folder.root).string());
  }
  for (const std::string& name : folder.dumps()) names.push_back(name);
  return names;
}

bool is_finished(const run::Folder& folder) {
  if (run::is_there(folder.weights())) return true;
  if (!run::is_there(folder.run_json())) return false;
  const Json record = parse_json(read_text(folder.run_json()));
  return record.is_object() && record.contains("finished") && record["finished"] == true;
}

/// Whether the log tells of what came after an epoch, and so after a checkpoint.
bool logs_a_second_epoch(const run::Folder& folder) {
  if (!run::is_there(folder.log())) return false;
  std::istringstream lines(read_text(folder.log()));
  for (std::string line; std::getline(lines, line);) {
    const Json json = parse_json(line);
    if (json.is_object() && json.contains("epoch") && json["epoch"].is_number() && json["epoch"] > 1) return true;
  }
  return false;
}

/// Nothing to go on from: `auto` starts anew, unless that overwrote what a run worked for.
void expect_nothing_lost(const run::Folder& folder) {
  const bool finished = is_finished(folder);
  if (!finished && !logs_a_second_epoch(folder)) return;
  fail("{}: holds {} whose checkpoints are gone; put them back, or choose another --out{}", folder.root.string(),
       finished ? "a finished run" : "a run",
       finished ? format(" (--init {} starts from its weights)", folder.weights().string()) : "");
}

void expect_empty(const run::Folder& folder, const run::CheckpointFolder& checkpoints) {
  if (const std::optional<run::Listed> last = checkpoints.last()) {
    fail("{}: holds a run ({} epochs, {} steps); go on with --resume auto, or choose another --out",
         folder.root.string(), last->epoch, last->step);
  }
  std::vector<std::string> names = remains(folder);
  for (const std::string& name : checkpoints.unlisted()) names.push_back("checkpoints/" + name);
  if (names.empty()) return;
  fail("{}: holds {} of a run; go on with --resume auto, or choose another --out", folder.root.string(),
       join_first(names, 3));
}

/// The last checkpoint of the run that a folder holds.
fs::path last_of(const fs::path& asked, std::vector<std::string>& notes) {
  const fs::path folder = run::is_there(asked / "checkpoints") ? asked / "checkpoints" : asked;
  run::CheckpointFolder checkpoints(folder);
  if (!checkpoints.last() && !checkpoints.unlisted().empty()) adopt_unlisted(checkpoints, folder, notes);
  if (!checkpoints.last()) fail("--resume: {} holds no checkpoint", asked.string());
  return checkpoints.path(*checkpoints.last());
}

}  // namespace

std::optional<Checkpoint> find_checkpoint(const std::string& resume, const run::Folder& folder,
                                          run::CheckpointFolder& checkpoints, std::vector<std::string>& notes) {
  if (resume.empty()) {
    expect_empty(folder, checkpoints);
    return std::nullopt;
  }
  if (checkpoints.last()) {
    tell_unlisted(checkpoints, folder.checkpoints(), notes);
  } else if (!checkpoints.unlisted().empty()) {
    adopt_unlisted(checkpoints, folder.checkpoints(), notes);
  }
  const std::optional<run::Listed> last = checkpoints.last();
  if (resume == "auto") {
    if (last) return read_checkpoint(checkpoints.path(*last));
    expect_nothing_lost(folder);
    return std::nullopt;
  }
  if (!run::is_there(resume)) fail("--resume: there is no file or folder {}", resume);
  std::vector<std::string> told;
  std::error_code ignored;
  const fs::path path = fs::is_directory(resume, ignored) ? last_of(resume, told) : fs::path(resume);
  if (last && !same_file(path, checkpoints.path(*last))) {
    fail("--resume: {} holds other, later checkpoints ({}); give a new --out to go on from {}", folder.root.string(),
         last->file, path.string());
  }
  if (!last) {
    expect_empty(folder, checkpoints);
    notes.insert(notes.end(), told.begin(), told.end());
  }
  return read_checkpoint(path);
}

}  // namespace springbok::train
