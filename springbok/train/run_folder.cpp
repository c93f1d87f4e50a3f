// Writing the run's record and its log.
#include "springbok/train/run_folder.h"

#include <cerrno>
#include <cstring>
#include <sstream>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/threads.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

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

/// Whether a line of the log belongs to what is kept; an unreadable (half-written) line does not.
bool belongs(const std::string& line, std::int64_t step, std::int64_t epoch) {
  const Json json = parse_json(line);
  if (!json.is_object() || !json.contains("step") || !json.contains("epoch")) return false;
  const bool of_epoch = json.contains("val_top1");
  return of_epoch ? json["epoch"] <= epoch : json["step"] <= step;
}

}  // namespace

std::filesystem::path RunFolder::dump(std::int64_t step) const {
  return root / format("not_finite-step-{:08}.pt", step);
}

void open_folder(const RunFolder& folder) {
  make_folder(folder.root);
  make_folder(folder.checkpoints());
  AtomicFile(folder.checkpoints() / "writable").write(std::string_view("?"));
}

Json run_record(const Json& recipe, const data::Source& training) {
  Json json;
  json["springbok"] = SPRINGBOK_VERSION;
  json["libtorch"] = SPRINGBOK_TORCH_VERSION;
  json["machine"] = {{"cpu", cpu_name()}, {"usable_cores", usable_cores()}};
  json["data"] = {
      {"description", training.description()}, {"digest", training.digest()}, {"classes", training.classes()}};
  json["recipe"] = recipe;
  json["finished"] = false;
  return json;
}

RunLog::RunLog(std::filesystem::path path) : path_(std::move(path)) {
  open("w");
}

RunLog::RunLog(std::filesystem::path path, std::int64_t step, std::int64_t epoch) : path_(std::move(path)) {
  if (std::filesystem::exists(path_)) {
    std::istringstream lines(read_text(path_));
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      if (belongs(line, step, epoch)) kept += line + '\n';
    }
    write_file(path_, kept);
  }
  open("a");
}

void RunLog::open(const char* mode) {
  file_.reset(std::fopen(path_.c_str(), mode));
  if (!file_) fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
}

void RunLog::write(const Json& line) {
  const std::string text = json_text(line) + '\n';
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0) {
    fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
  }
}

}  // namespace springbok::train
