// Where the masks of many images are written: one palette PNG an image.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"
#include "springbok/image/image.h"

namespace springbok::cli {

/// A folder of files, each under its image's name without the folder that all share and with another ending.
class NamedFiles {
 public:
  /// Throws Error where two images would have one file, or one would lie outside the folder.
  NamedFiles(std::filesystem::path folder, const data::Source& source, const std::string& ending);

  std::filesystem::path path(std::int64_t sample) const {
    return folder_ / names_.at(static_cast<std::size_t>(sample));
  }
  /// Makes the folder that it lies in. Throws Error where it cannot be written.
  void write(std::int64_t sample, std::span<const std::byte> bytes) const;

 private:
  std::filesystem::path folder_;
  std::vector<std::filesystem::path> names_;
};

/// Throws Error where no folder can be made or written; to be called before the work.
void check_masks_folder(const std::filesystem::path& folder);

}  // namespace springbok::cli
