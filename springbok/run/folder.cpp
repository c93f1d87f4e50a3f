// Paths of a run folder, and making it.
#include "springbok/run/folder.h"

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/half_written.h"

namespace springbok::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDump = "not_finite-step-";

/// The files that a run writes.
bool is_ours(const std::string& name) {
  if (name == "run.json" || name == "log.jsonl" || name == "weights.safetensors") return true;
  if (name == "predictions.json") return true;
  if (name == "manifest.json" || name == "writable") return true;
  return name.ends_with(".pt") && (name.starts_with("epoch-") || name.starts_with(kDump));
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::none) fail("cannot examine {}: {}", path.string(), error.message());
  return type != fs::file_type::not_found;
}

std::string Folder::dump_name(std::int64_t step) {
  return format("{}{:08}.pt", kDump, step);
}

fs::path Folder::dump(std::int64_t step) const {
  const std::string stem = format("{}{:08}", kDump, step);
  fs::path path = root / (stem + ".pt");
  for (int again = 2; is_there(path); ++again) path = root / format("{}-{}.pt", stem, again);
  return path;
}

std::vector<std::string> Folder::dumps() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(kDump)) names.push_back(name);
  }
  return names;
}

void open_folder(const Folder& folder) {
  make_folder(folder.checkpoints());
  for (const fs::path& place : {folder.root, folder.checkpoints()}) {
    // The run is locked: who else wrote such a file is gone, unless a process of that number is still here.
    clear_half_written(place, [](const HalfWritten& half) { return is_ours(half.name) && !half.writer_lives(); });
  }
  check_writable(folder.checkpoints() / "writable");
}

}  // namespace springbok::run
