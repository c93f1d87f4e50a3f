// Saving checkpoints so that neither a crash nor any failed call costs the last good one.
#include "springbok/run/manifest.h"

#include <fcntl.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/json_number.h"
#include "springbok/base/quote.h"
#include "springbok/run/folder.h"
#include "springbok/tensors/write.h"

namespace springbok::run {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";

bool flag(const Json& json, const std::string& key, const std::string& where) {
  const Json& entry = field(json, key, where);
  if (!entry.is_boolean()) fail("{}: its '{}' is not true or false", where, key);
  return entry.get<bool>();
}

/// The name of a file in the same folder, and nowhere else.
std::string file_name(const Json& json, const std::string& where) {
  const Json& entry = field(json, "file", where);
  const std::string name = entry.is_string() ? entry.get<std::string>() : "";
  if (!name.ends_with(".pt") || fs::path(name).filename() != name) {
    fail("{}: its 'file' is not the name of a checkpoint beside it: {}", where, shortened(json_text(entry)));
  }
  return name;
}

Listed listed_from(const Json& item, const std::string& where) {
  const Json& digest = field(item, "sha256", where);
  if (!digest.is_string()) fail("{}: its 'sha256' is not a text", where);
  return {.file = file_name(item, where),
          .sha256 = digest.get<std::string>(),
          .epoch = whole_number(item, "epoch", where),
          .step = whole_number(item, "step", where),
          .best = flag(item, "best", where),
          .found = item.contains("found") && flag(item, "found", where),
          .stays = item.contains("stays") && flag(item, "stays", where)};
}

/// What the manifest lists. Throws Error for one that is none.
std::vector<Listed> parse_manifest(const std::string& text, const std::string& where) {
  const Json manifest = parse_json(text);
  if (!manifest.is_object() || !manifest.contains("checkpoints") || !manifest["checkpoints"].is_array()) {
    fail("{}: not a manifest of checkpoints", where);
  }
  std::vector<Listed> entries;
  for (const Json& item : manifest["checkpoints"]) {
    entries.push_back(listed_from(item, format("{}: checkpoint {}", where, entries.size() + 1)));
  }
  return entries;
}

bool holds(const std::vector<Listed>& entries, const std::string& file) {
  return std::any_of(entries.begin(), entries.end(), [&](const Listed& entry) { return entry.file == file; });
}

/// The new list: the best, those that stay and the last `last`.
std::vector<Listed> kept(std::vector<Listed> entries, std::int64_t last) {
  const auto first = entries.size() - std::min(entries.size(), static_cast<std::size_t>(last));
  std::vector<Listed> left;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i >= first || entries[i].best || entries[i].stays) left.push_back(entries[i]);
  }
  return left;
}

/// What was written is read again, from the disk where the system allows it.
void expect_same_on_disk(const fs::path& path, const std::string& sha256) {
  {
    const Descriptor file = open_regular(path);
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);  // it is synced: memory need not keep it
  }
  if (sha256_file(path) == sha256) return;
  fail("{}: reads back otherwise than it was written; see to the disk, or give --out another", path.string());
}

}  // namespace

CheckpointFolder::CheckpointFolder(fs::path folder) : folder_(std::move(folder)) {
  const fs::path manifest = folder_ / kManifest;
  if (!is_there(manifest)) {
    if (!unlisted().empty()) problem_ = format("{}: is missing", manifest.string());
    return;
  }
  const std::string text = read_text(manifest);
  try {
    listed_ = parse_manifest(text, manifest.string());
    if (listed_.empty()) problem_ = format("{}: lists nothing", manifest.string());
  } catch (const Error& error) {
    problem_ = error.what();
  }
}

std::optional<Listed> CheckpointFolder::last() const {
  return listed_.empty() ? std::nullopt : std::optional(listed_.back());
}

std::optional<Listed> CheckpointFolder::best() const {
  const auto at = std::find_if(listed_.begin(), listed_.end(), [](const Listed& entry) { return entry.best; });
  return at == listed_.end() ? std::nullopt : std::optional(*at);
}

std::vector<std::string> CheckpointFolder::unlisted() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with('.') && name.ends_with(".pt") && !holds(listed_, name)) names.push_back(name);
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
    fail("cannot list {}: {}", folder_.string(), error.message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// A name that no file has: what is there and not listed is someone's.
std::string CheckpointFolder::free_name(std::int64_t epoch, std::int64_t step) const {
  const std::string stem = format("epoch-{:04}-step-{:08}", epoch, step);
  std::string name = stem + ".pt";
  for (int again = 2; holds(listed_, name) || is_there(folder_ / name); ++again) name = format("{}-{}.pt", stem, again);
  return name;
}

std::string CheckpointFolder::manifest_text(const std::vector<Listed>& entries) const {
  Json json;
  json["checkpoints"] = Json::array();
  for (const Listed& entry : entries) {
    Json item;
    item["file"] = entry.file;
    item["sha256"] = entry.sha256;
    item["epoch"] = entry.epoch;
    item["step"] = entry.step;
    item["best"] = entry.best;
    if (entry.found) item["found"] = true;
    if (entry.stays) item["stays"] = true;
    json["checkpoints"].push_back(item);
  }
  return json_text(json, 1) + "\n";
}

void CheckpointFolder::fail_unsaved(std::int64_t step, const std::string& reason) const {
  fail("the checkpoint after step {} was not saved: {}; {}", step, reason,
       listed_.empty() ? "none was saved before" : "the last good one is " + listed_.back().file);
}

void CheckpointFolder::write_checkpoint(Listed& entry, const tensors::Value& root) const {
  try {
    make_folder(folder_);
    tensors::write_pt(path(entry), root, &entry.sha256);
    expect_same_on_disk(path(entry), entry.sha256);
  } catch (const Error& error) {
    std::error_code ignored;
    fs::remove(path(entry), ignored);  // free_name found nothing there: it is this save's
    fail_unsaved(entry.step, error.what());
  }
}

/// When writing it fails, either manifest may stand in the folder: only a checkpoint that this one surely does not list
/// is removed.
void CheckpointFolder::write_manifest(const Listed& entry, const std::vector<Listed>& entries) const {
  const fs::path manifest = folder_ / kManifest;
  try {
    write_file(manifest, manifest_text(entries));
  } catch (const Error& error) {
    bool listed = false;
    try {
      listed = is_there(manifest) && holds(parse_manifest(read_text(manifest), manifest.string()), entry.file);
    } catch (const Error&) {
      fail_unsaved(entry.step, error.what());
    }
    if (listed) {
      fail("the checkpoint after step {} is written, but a power cut could still undo it: {}", entry.step,
           error.what());
    }
    std::error_code ignored;
    fs::remove(path(entry), ignored);
    fail_unsaved(entry.step, error.what());
  }
}

Listed CheckpointFolder::save(const tensors::Value& root, std::int64_t epoch, std::int64_t step,
                              const Keeping& keeping) {
  Listed entry{.file = free_name(epoch, step), .sha256 = "", .epoch = epoch, .step = step, .best = keeping.best};
  entry.stays = keeping.stays;
  write_checkpoint(entry, root);
  std::vector<Listed> entries = listed_;
  if (keeping.best) {
    for (Listed& earlier : entries) earlier.best = false;
  }
  entries.push_back(entry);
  entries = kept(std::move(entries), keeping.last);
  write_manifest(entry, entries);
  for (const Listed& earlier : std::exchange(listed_, entries)) {
    std::error_code ignored;  // one that cannot be removed is told of when the run goes on
    if (!earlier.found && !holds(listed_, earlier.file)) fs::remove(path(earlier), ignored);
  }
  return entry;
}

void CheckpointFolder::forget(const Listed& entry) {
  std::vector<Listed> entries = listed_;
  const auto at =
      std::find_if(entries.begin(), entries.end(), [&](const Listed& each) { return each.file == entry.file; });
  if (at == entries.end() || entries.size() == 1) return;
  const bool stays = at->best || at->found || at->stays;
  if (stays) {
    std::rotate(entries.begin(), at, at + 1);
  } else {
    entries.erase(at);
  }
  write_file(folder_ / kManifest, manifest_text(entries));
  listed_ = std::move(entries);
  std::error_code ignored;
  if (!stays) fs::remove(path(entry), ignored);
}

void verify(const fs::path& checkpoint) {
  const CheckpointFolder folder(checkpoint.parent_path());
  const std::string manifest = (checkpoint.parent_path() / kManifest).string();
  for (const Listed& entry : folder.listed()) {
    if (entry.file != checkpoint.filename().string()) continue;
    if (!is_there(checkpoint)) {
      fail("{}: listed in {} but not there; resume from an earlier one, into a new --out", checkpoint.string(),
           manifest);
    }
    if (sha256_file(checkpoint) != entry.sha256) {
      fail(
          "{}: cut or altered since it was saved (SHA-256 differs from {}); resume from an earlier one, into a new "
          "--out",
          checkpoint.string(), manifest);
    }
  }
}

}  // namespace springbok::run
