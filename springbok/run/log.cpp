// Writing the log, and going on with one.
#include "springbok/run/log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/run/folder.h"

namespace springbok::run {
namespace {

using Json = nlohmann::ordered_json;

/// Whether a line of the log belongs to what is kept; an unreadable (half-written) line does not.
bool belongs(const std::string& line, std::int64_t step, std::int64_t epoch) {
  const Json json = parse_json(line);
  if (!json.is_object() || !json.contains("step") || !json.contains("epoch")) return false;
  if (!json["step"].is_number_integer() || !json["epoch"].is_number_integer()) return false;
  return is_epoch(json) ? json["epoch"] <= epoch : json["step"] <= step;
}

}  // namespace

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

void Log::write(const Line& line) {
  const std::string text = json_text(to_json(line)) + '\n';
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0) {
    fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
  }
}

}  // namespace springbok::run
