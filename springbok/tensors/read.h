// Reading weight files: `.pth` (zip and legacy) and `.safetensors`, over mmap, without running any pickle code.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// A weight file, opened: its kind, its contents as a tree, and (safetensors) its text metadata.
struct File {
  std::string kind;  ///< `zip`, `legacy` or `safetensors`
  Value root;
  std::map<std::string, std::string> metadata;
  std::string name;                   ///< how messages call it: its path
  std::span<const std::byte> mapped;  ///< the whole file, where read(path) mapped it
};

/// Opens a file by its content, not its ending. Throws Error: what is wrong, at which byte or key, and for classes that
/// a tensor dictionary does not need, the class's name.
File read(const std::filesystem::path& path);

/// The same for bytes that `owner` keeps alive; `name` begins the messages.
File read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const std::string& name);

/// Gives the mapped file's pages back to the system; whoever looks at a tensor again has them read again. Called now
/// and then while tensors are copied one by one, it keeps the memory at one copy instead of two.
void release_pages(const File& file);

/// Where tensors stand in the tree, as dotted paths: `state_dict`, `ema.state_dict`, and "" for the root itself. At
/// most 100, eight levels deep; an optimizer's numbered states are left out.
std::vector<std::string> entries(const File& file);

/// The tensors of the state dict inside: the root itself, or under `state_dict`, `model`, `model_state_dict`, ..., or
/// in the only dictionary that has any. `entry` names another (`state_dict_ema`, `ema.state_dict`), or what stands
/// before names (`encoder_q`). What FSDP and torch.compile put into names is left out; values that are no tensors are
/// not part of it. Throws Error listing the file's entries when there is none.
StateDict named_tensors(const File& file, const std::string& entry = "");

/// The same without a `module.` or `_orig_mod.` before all names.
StateDict state_dict(const File& file, const std::string& entry = "");

}  // namespace springbok::tensors
