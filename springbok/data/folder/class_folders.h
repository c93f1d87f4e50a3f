// Inside the room: the list of class folders that lies beside them where their names cannot say all. That is: classes
// in another order than the folders' names, with names that no file system holds, or without an image.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace springbok::data {

/// A class, and the folder of its images.
struct ClassFolder {
  std::string folder, name;
  bool operator==(const ClassFolder&) const = default;
};

/// The list's file in the folder that holds the class folders.
inline constexpr const char* kClassFoldersFile = "classes.tsv";

/// The list of `folder`, in the order of the classes; nothing where there is none, or another file of its name. Throws
/// Error for a line that is none.
std::optional<std::vector<ClassFolder>> read_class_folders(const std::filesystem::path& folder);

/// The list as text: a line that says what it is, then FOLDER, tab, NAME for each class. %, tabs, ends of lines and
/// zero bytes are written as %25, %09, ...
std::string class_folders_text(const std::vector<ClassFolder>& classes);

}  // namespace springbok::data
