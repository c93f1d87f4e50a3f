// Saving checkpoints so that a crash or a full disk never costs the last good one.
#include "springbok/train/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/weights/write.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";

std::vector<Listed> read_manifest(const fs::path& path) {
  std::vector<Listed> entries;
  if (!fs::exists(path)) return entries;
  try {
    const Json manifest = parse_json(read_text(path));
    for (const Json& item : manifest.at("checkpoints")) {
      entries.push_back({.file = item.at("file"),
                         .sha256 = item.at("sha256"),
                         .epoch = item.at("epoch"),
                         .step = item.at("step"),
                         .best = item.at("best")});
    }
  } catch (const nlohmann::json::exception&) {
    fail("{}: not a manifest of checkpoints; give --resume one of the files beside it", path.string());
  }
  return entries;
}

/// The new list: the best and the last `keep`.
std::vector<Listed> kept(std::vector<Listed> entries, std::int64_t keep) {
  const auto first = entries.size() - std::min(entries.size(), static_cast<std::size_t>(keep));
  std::vector<Listed> left;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i >= first || entries[i].best) left.push_back(entries[i]);
  }
  return left;
}

}  // namespace

CheckpointFolder::CheckpointFolder(fs::path folder)
    : folder_(std::move(folder)), listed_(read_manifest(folder_ / kManifest)) {}

std::optional<Listed> CheckpointFolder::last() const {
  return listed_.empty() ? std::nullopt : std::optional(listed_.back());
}

std::optional<Listed> CheckpointFolder::best() const {
  const auto at = std::find_if(listed_.begin(), listed_.end(), [](const Listed& entry) { return entry.best; });
  return at == listed_.end() ? std::nullopt : std::optional(*at);
}

std::string CheckpointFolder::free_name(std::int64_t epoch, std::int64_t step) const {
  const std::string stem = format("epoch-{:04}-step-{:08}", epoch, step);
  const auto taken = [&](const std::string& name) {
    return std::any_of(listed_.begin(), listed_.end(), [&](const Listed& entry) { return entry.file == name; });
  };
  std::string name = stem + ".pt";
  for (int again = 2; taken(name); ++again) name = format("{}-{}.pt", stem, again);
  return name;
}

void CheckpointFolder::write_manifest(const std::vector<Listed>& entries) const {
  Json json;
  json["checkpoints"] = Json::array();
  for (const Listed& entry : entries) {
    Json item;
    item["file"] = entry.file;
    item["sha256"] = entry.sha256;
    item["epoch"] = entry.epoch;
    item["step"] = entry.step;
    item["best"] = entry.best;
    json["checkpoints"].push_back(item);
  }
  write_file(folder_ / kManifest, json_text(json, 1) + "\n");
}

void CheckpointFolder::remove_unlisted() const {
  for (const auto& item : fs::directory_iterator(folder_)) {
    const std::string name = item.path().filename().string();
    const bool cut_short = name.starts_with(".epoch-") && name.ends_with(".tmp");  // of a process that was killed
    const bool ours = cut_short || (name.starts_with("epoch-") && name.ends_with(".pt"));
    const bool listed =
        std::any_of(listed_.begin(), listed_.end(), [&](const Listed& entry) { return entry.file == name; });
    if (ours && !listed) fs::remove(item.path());
  }
}

Listed CheckpointFolder::save(const weights::Value& root, std::int64_t epoch, std::int64_t step, bool best,
                              std::int64_t keep) {
  make_folder(folder_);
  Listed entry{.file = free_name(epoch, step), .sha256 = "", .epoch = epoch, .step = step, .best = best};
  std::vector<Listed> entries = listed_;
  if (best) {
    for (Listed& earlier : entries) earlier.best = false;
  }
  try {
    weights::write_pt(path(entry), root);
    entry.sha256 = sha256_file(path(entry));
    entries.push_back(entry);
    entries = kept(std::move(entries), keep);
    write_manifest(entries);
  } catch (const Error& error) {
    std::error_code ignored;
    fs::remove(path(entry), ignored);
    const std::string good = listed_.empty() ? "none was saved before" : "the last good one is " + listed_.back().file;
    fail("the checkpoint after step {} was not saved: {}; {}", step, error.what(), good);
  }
  listed_ = std::move(entries);
  remove_unlisted();
  return entry;
}

void verify(const fs::path& checkpoint) {
  const fs::path manifest = checkpoint.parent_path() / kManifest;
  for (const Listed& entry : read_manifest(manifest)) {
    if (entry.file != checkpoint.filename().string()) continue;
    if (!fs::exists(checkpoint)) fail("{}: listed in {} but not there", checkpoint.string(), manifest.string());
    if (sha256_file(checkpoint) != entry.sha256) {
      fail(
          "{}: cut or altered since it was saved (SHA-256 differs from {}); resume from an earlier one, into a new "
          "--out",
          checkpoint.string(), manifest.string());
    }
  }
}

}  // namespace springbok::train
