// Inside the room: the classes of sources that name them in a file or in their labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace springbok::data {

/// The names that a file lists, one a line (base/lines.h); nothing when there is no such file.
std::vector<std::string> names_if_there(const std::filesystem::path& path);

/// Classes and, for each label, its index: with `names` given a label is one of them, or an index among them. Without,
/// labels that are all whole numbers count from "0" on, others are sorted by their bytes. Throws Error naming `where`
/// and the number of the label that fits nothing.
struct Labelled {
  std::vector<std::string> classes;
  std::vector<std::int32_t> targets;
};
Labelled label(const std::vector<std::string>& labels, const std::vector<std::string>& names, const std::string& where);
/// The same, where `where` says of each label where it stands: `train.csv:7`.
Labelled label(const std::vector<std::string>& labels, const std::vector<std::string>& names,
               const std::function<std::string(std::size_t)>& where);

}  // namespace springbok::data
