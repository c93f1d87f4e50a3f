// Reading weight files: `.pth` (zip and legacy) and `.safetensors`, over mmap, without running any pickle code.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "springbok/weights/value.h"

namespace springbok::weights {

/// A weight file, opened: its kind, its contents as a tree, and (safetensors) its text metadata.
struct File {
  std::string kind;  ///< `zip`, `legacy` or `safetensors`
  Value root;
  std::map<std::string, std::string> metadata;
};

/// Opens a file by its content, not its ending. Throws Error: what is wrong, at which byte or key, and for classes that
/// a tensor dictionary does not need, the class's name.
File read(const std::filesystem::path& path);

/// The state dict inside: the root itself, or under `state_dict`, `model`, `model_state_dict`, ... (`entry` names
/// another, such as `state_dict_ema`), with a common `module.` prefix removed. Throws Error listing the keys when there
/// is none.
StateDict state_dict(const File& file, const std::string& entry = "");

}  // namespace springbok::weights
