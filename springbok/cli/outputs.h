// Files that a command writes: none may be another's, nor anything that the command reads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace springbok::cli {

/// A path and what named it, for messages: a flag, or a word of the command line.
struct NamedPath {
  std::string named;
  std::string path;  ///< "" for what was not given
};

/// Throws UsageError when two outputs are one file, and when an output would overwrite an input. That is the same file
/// under whatever name (links count), or one that lies below an input folder where data are found. Inputs may be
/// sources (`KIND:PATH`). Devices and pipes, which are not overwritten, may be named twice.
void check_outputs(const std::vector<NamedPath>& outputs, const std::vector<NamedPath>& inputs);

/// The same for an output folder: it must be no input's, nor lie below a folder whose images are read.
void check_output_folder(const NamedPath& output, const std::vector<NamedPath>& inputs);

}  // namespace springbok::cli
