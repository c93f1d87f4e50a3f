// Temporary names that say who writes, and whether that writer lives.
#include "springbok/base/half_written.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <regex>
#include <vector>

#include "springbok/base/text.h"

namespace springbok {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongest = 180;  ///< of NAME, within the 255 bytes that file systems give

/// The machine's start and the namespace of process numbers, as eight hex digits.
const std::string& own_place() {
  static const std::string place = [] {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    std::error_code ignored;
    const std::string text = boot + fs::read_symlink("/proc/self/ns/pid", ignored).string();
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return format("{:08x}", hash);
  }();
  return place;
}

std::string cut(const std::string& name) {
  return name.substr(0, kLongest);
}

bool runs(int process) {
  return ::kill(process, 0) == 0 || errno != ESRCH;
}

}  // namespace

bool HalfWritten::writer_lives() const {
  return (where.empty() || where == own_place()) && process != ::getpid() && runs(process);
}

bool HalfWritten::writer_is_dead() const {
  return where == own_place() && process != ::getpid() && !runs(process);
}

std::string half_written_name(const std::string& name) {
  static std::atomic<unsigned> counter{0};
  return format(".{}.{}-{}-{}.tmp", cut(name), ::getpid(), ++counter, own_place());
}

std::optional<HalfWritten> half_written(const std::string& file_name) {
  static const std::regex pattern(R"(\.(.+)\.([0-9]{1,9})-[0-9]+(-([0-9a-f]{8}))?\.tmp)");
  std::smatch parts;
  if (file_name.size() > 300 || !std::regex_match(file_name, parts, pattern)) return std::nullopt;
  return HalfWritten{.name = parts[1], .process = std::stoi(parts[2]), .where = parts[4]};
}

void clear_half_written(const fs::path& folder, const std::function<bool(const HalfWritten&)>& left) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::optional<HalfWritten> half = half_written(at->path().filename().string());
    if (half && left(*half)) found.push_back(at->path());
  }
  for (const fs::path& path : found) fs::remove(path, error);
}

void clear_half_written(const fs::path& path) {
  const std::string name = cut(path.filename().string());
  clear_half_written(path.has_parent_path() ? path.parent_path() : fs::path("."),
                     [&](const HalfWritten& half) { return half.name == name && half.writer_is_dead(); });
}

}  // namespace springbok
