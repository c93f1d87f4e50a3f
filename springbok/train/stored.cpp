// Opening all checkpoints of a run.
#include "springbok/train/stored.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/run/folder.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"

namespace springbok::train {
namespace {

namespace fs = std::filesystem;

/// Fills what the file itself says.
void open(StoredCheckpoint& stored, const fs::path& path) {
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(path, ignored);
  if (!ignored) stored.bytes = size;
  try {
    const Checkpoint checkpoint = read_checkpoint(path);
    stored.score = checkpoint.snapshot.card.score;
    stored.goal = metrics::goal_of(checkpoint.snapshot.card.task);
    if (stored.listed) return;
    stored.epoch = checkpoint.snapshot.position.epoch;
    stored.step = checkpoint.snapshot.position.step;
  } catch (const Error& error) {
    stored.damage = one_line(error.what());
  }
}

/// A run that is going on may have removed it since its folder was read.
bool is_gone(const fs::path& folder, const std::string& file) {
  const run::CheckpointFolder now(folder);
  const auto names = [&](const run::Listed& entry) { return entry.file == file; };
  return std::none_of(now.listed().begin(), now.listed().end(), names) && !run::is_there(folder / file);
}

}  // namespace

bool Stored::damaged() const {
  const auto bad = [](const StoredCheckpoint& each) { return each.listed && !each.damage.empty(); };
  return !problem.empty() || std::any_of(checkpoints.begin(), checkpoints.end(), bad);
}

Stored stored_checkpoints(const fs::path& run) {
  const fs::path path = run::Folder{run}.checkpoints();
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) fail("{}: no run folder: it has no folder 'checkpoints'", run.string());
  const run::CheckpointFolder folder(path);
  Stored stored{.problem = folder.problem(), .checkpoints = {}};
  for (const run::Listed& entry : folder.listed()) {
    StoredCheckpoint one{.file = entry.file, .epoch = entry.epoch, .step = entry.step, .best = entry.best};
    one.last = entry.file == folder.last()->file;
    one.stays = entry.stays;
    open(one, folder.path(entry));
    if (one.damage.empty() || !is_gone(path, entry.file)) stored.checkpoints.push_back(std::move(one));
  }
  for (const std::string& name : folder.unlisted()) {
    StoredCheckpoint one{.file = name, .listed = false};
    open(one, path / name);
    if (one.damage.empty() || run::is_there(path / name)) stored.checkpoints.push_back(std::move(one));
  }
  return stored;
}

nlohmann::ordered_json to_json(const Stored& stored) {
  auto list = nlohmann::ordered_json::array();
  for (const StoredCheckpoint& each : stored.checkpoints) {
    list.push_back({{"file", printable(each.file)},
                    {"listed", each.listed},
                    {"whole", each.damage.empty()},
                    {"damage", each.damage},
                    {"epoch", each.epoch},
                    {"step", each.step},
                    {"bytes", each.bytes},
                    {"best", each.best},
                    {"last", each.last},
                    {"stays", each.stays},
                    {"score", each.score ? metrics::to_json(*each.score) : nlohmann::ordered_json()}});
  }
  return {{"problem", stored.problem}, {"damaged", stored.damaged()}, {"checkpoints", std::move(list)}};
}

}  // namespace springbok::train
