// Writing the run's record and its log.
#include "springbok/run/folder.h"

#include <cerrno>
#include <cstring>
#include <sstream>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/half_written.h"
#include "springbok/base/json.h"
#include "springbok/base/threads.h"

namespace springbok::run {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kDump = "not_finite-step-";

std::string cpu_name() {
  std::FILE* file = std::fopen("/proc/cpuinfo", "r");
  if (file == nullptr) return "unknown";
  char line[512];
  std::string name = "unknown";
  while (name == "unknown" && std::fgets(line, sizeof line, file) != nullptr) {
    const char* colon = std::strchr(line, ':');
    if (std::strncmp(line, "model name", 10) == 0 && colon != nullptr) name = colon + 2;
  }
  std::fclose(file);
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

/// The files that a run writes.
bool is_ours(const std::string& name) {
  if (name == "run.json" || name == "log.jsonl" || name == "weights.safetensors") return true;
  if (name == "manifest.json" || name == "writable") return true;
  return name.ends_with(".pt") && (name.starts_with("epoch-") || name.starts_with(kDump));
}

/// Whether a line of the log belongs to what is kept; an unreadable (half-written) line does not.
bool belongs(const std::string& line, std::int64_t step, std::int64_t epoch) {
  const Json json = parse_json(line);
  if (!json.is_object() || !json.contains("step") || !json.contains("epoch")) return false;
  if (!json["step"].is_number_integer() || !json["epoch"].is_number_integer()) return false;
  const bool of_epoch = json.contains("val_top1");
  return of_epoch ? json["epoch"] <= epoch : json["step"] <= step;
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::none) fail("cannot examine {}: {}", path.string(), error.message());
  return type != fs::file_type::not_found;
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

Json run_record(const Json& recipe, const data::Source& training, const data::Source& validation) {
  Json json;
  json["springbok"] = SPRINGBOK_VERSION;
  json["libtorch"] = SPRINGBOK_TORCH_VERSION;
  json["machine"] = {{"cpu", cpu_name()}, {"usable_cores", usable_cores()}};
  json["data"] = {
      {"description", training.description()}, {"digest", training.digest()}, {"classes", training.classes()}};
  json["validation_data"] = {{"description", validation.description()}, {"digest", validation.digest()}};
  json["recipe"] = recipe;
  json["finished"] = false;
  return json;
}

Log::Log(std::filesystem::path path) : path_(std::move(path)) {
  open("w");
}

Log::Log(std::filesystem::path path, std::int64_t step, std::int64_t epoch) : path_(std::move(path)) {
  if (is_there(path_)) {
    std::istringstream lines(read_text(path_));
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      if (belongs(line, step, epoch)) kept += line + '\n';
    }
    write_file(path_, kept);
  }
  open("a");
}

void Log::open(const char* mode) {
  file_.reset(std::fopen(path_.c_str(), mode));
  if (!file_) fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
}

void Log::write(const Json& line) {
  const std::string text = json_text(line) + '\n';
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0) {
    fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
  }
}

}  // namespace springbok::run
