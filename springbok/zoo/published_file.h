// Published weight files that are known by their names: whose they are, and how they want their images.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/zoo/published_input.h"

namespace springbok::zoo {

struct PublishedFile {
  std::string name;      ///< the file's, without its ending: `resnet50-11ad3fa6`, `resnet50.a1_in1k`
  std::string model;     ///< of the zoo
  std::string from;      ///< `torchvision IMAGENET1K_V2`, `timm resnet50.a1_in1k`
  std::string hash;      ///< the first digits of its SHA-256, where the name has them
  double mebibytes = 0;  ///< its size to three digits, 0 where unknown
  PublishedInput input;
};

/// All rows of published_files.txt.
const std::vector<PublishedFile>& published_files();

/// The file that has this name, whatever ending or browser's `(1)` follows; nullptr for others.
const PublishedFile* published_file(const std::string& file_name);

/// Those that have this size: one of them it may be, under another name, which its hash tells.
std::vector<const PublishedFile*> published_files_of_size(std::uint64_t bytes);

/// The table's text (inside the room).
const char* published_files_text();

}  // namespace springbok::zoo
