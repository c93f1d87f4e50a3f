// The checkpoint folder: `manifest.json` lists what exists; a file that it does not list is none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "springbok/weights/value.h"

namespace springbok::train {

/// One checkpoint of the folder.
struct Listed {
  std::string file;  ///< `epoch-0003-step-00001170.pt`
  std::string sha256;
  std::int64_t epoch = 0, step = 0;
  bool best = false;
};

class CheckpointFolder {
 public:
  /// Reads the manifest if there is one. Throws Error for one that is not JSON or lacks a key.
  explicit CheckpointFolder(std::filesystem::path folder);

  const std::vector<Listed>& listed() const { return listed_; }  ///< oldest first
  std::optional<Listed> last() const;
  std::optional<Listed> best() const;
  std::filesystem::path path(const Listed& entry) const { return folder_ / entry.file; }

  /// Writes a new checkpoint, then the manifest, then removes what is neither the best nor among the last `keep`. On
  /// any failure (full disk) throws Error; what the manifest listed before is then still there.
  Listed save(const weights::Value& root, std::int64_t epoch, std::int64_t step, bool best, std::int64_t keep);

 private:
  std::string free_name(std::int64_t epoch, std::int64_t step) const;
  void write_manifest(const std::vector<Listed>& entries) const;
  void remove_unlisted() const;

  std::filesystem::path folder_;
  std::vector<Listed> listed_;
};

/// Compares the file with the manifest beside it, if that lists it. Throws Error for a file that is cut or altered.
void verify(const std::filesystem::path& checkpoint);

}  // namespace springbok::train
