// Names of files that are being written, and clearing those that a killed process left.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace springbok {

/// `.NAME.PROCESS-NUMBER-WHERE.tmp`: a file that is to become NAME, which is cut where it is too long for a file
/// system. WHERE stands for the machine's start and the process's namespace: only there does the process's number mean
/// it.
struct HalfWritten {
  std::string name;
  int process = 0;
  std::string where;  ///< "" in names of before it was written

  /// A process that is not this one and runs here under that number.
  bool writer_lives() const;
  /// The writer ran here, and no longer does.
  bool writer_is_dead() const;
};

/// A name that no other file of this process gets.
std::string half_written_name(const std::string& name);
std::optional<HalfWritten> half_written(const std::string& file_name);

/// Removes the half-written files in a folder of which `left` says that nobody writes them any more.
void clear_half_written(const std::filesystem::path& folder, const std::function<bool(const HalfWritten&)>& left);
/// Removes what dead processes left of earlier attempts at writing `path`.
void clear_half_written(const std::filesystem::path& path);

}  // namespace springbok
