// The checkpoint folder: `manifest.json` lists the checkpoints; any other file in it is left as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "springbok/tensors/value.h"

namespace springbok::run {

/// One checkpoint of the folder.
struct Listed {
  std::string file;  ///< `epoch-0003-step-00001170.pt`
  std::string sha256;
  std::int64_t epoch = 0, step = 0;
  bool best = false;
  bool found = false;  ///< was there before the manifest: never removed
  bool stays = false;  ///< saved to be kept for good
};

/// What becomes of a checkpoint that is saved.
struct Keeping {
  bool best = false, stays = false;
  std::int64_t last = 1;  ///< how many of the last ones stay with it
};

class CheckpointFolder {
 public:
  /// Reads the manifest if there is one.
  explicit CheckpointFolder(std::filesystem::path folder);

  const std::vector<Listed>& listed() const { return listed_; }  ///< oldest first
  std::optional<Listed> last() const;
  std::optional<Listed> best() const;
  std::filesystem::path path(const Listed& entry) const { return folder_ / entry.file; }
  /// Why the manifest lists nothing, when it should; "" when it is whole.
  const std::string& problem() const { return problem_; }
  /// The `*.pt` files that it does not list, by name.
  std::vector<std::string> unlisted() const;

  /// Takes over checkpoints that no manifest listed, oldest first; the next `save` lists them.
  void adopt(std::vector<Listed> found) { listed_ = std::move(found); }
  /// The folder is elsewhere now.
  void moved(std::filesystem::path folder) { folder_ = std::move(folder); }

  /// Writes a new checkpoint, reads it again to compare, and writes the manifest. Then it removes what was listed and
  /// is neither the best, nor among the last, nor there for good. After any failure it throws Error, and the manifest
  /// and what it lists are there, before or after.
  Listed save(const tensors::Value& root, std::int64_t epoch, std::int64_t step, const Keeping& keeping);
  /// Of a checkpoint that leads nowhere: the last one is another from here on. It is removed, but the best one, one
  /// that was found and one that stays, which go to the head of the list. Does nothing where no other is left.
  void forget(const Listed& entry);

 private:
  std::string free_name(std::int64_t epoch, std::int64_t step) const;
  std::string manifest_text(const std::vector<Listed>& entries) const;
  void write_checkpoint(Listed& entry, const tensors::Value& root) const;
  void write_manifest(const Listed& entry, const std::vector<Listed>& entries) const;
  [[noreturn]] void fail_unsaved(std::int64_t step, const std::string& reason) const;

  std::filesystem::path folder_;
  std::vector<Listed> listed_;
  std::string problem_;
};

/// Compares the file with the manifest beside it, if that lists it. Throws Error for a file that is cut or altered.
void verify(const std::filesystem::path& checkpoint);

}  // namespace springbok::run
