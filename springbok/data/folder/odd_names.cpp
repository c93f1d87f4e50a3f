// Names of folders that editors, systems and storage devices make.
#include "springbok/data/folder/odd_names.h"

#include <algorithm>
#include <array>

#include "springbok/base/text.h"

namespace springbok::data {
namespace {

constexpr std::array<std::string_view, 8> kMadeByPrograms{
    "__MACOSX", "__pycache__", "lost+found",           "System Volume Information",
    "#recycle", "#snapshot",   "Network Trash Folder", "Temporary Items"};

std::string counted(std::int64_t images) {
  return format("{} image{}", with_commas(images), images == 1 ? "" : "s");
}

}  // namespace

bool is_odd_name(std::string_view name) {
  if (name == "." || name == "..") return false;  // no folder, but what a pack may call a class
  return name.starts_with('.') || name.starts_with('@') || name.starts_with('$') ||
         std::find(kMadeByPrograms.begin(), kMadeByPrograms.end(), name) != kMadeByPrograms.end();
}

std::string odd_part(const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;) {
    const std::size_t end = std::min(path.find('/', slash + 1), path.size());
    if (is_odd_name(std::string_view(path).substr(slash + 1, end - slash - 1))) return path.substr(0, end);
    slash = path.find('/', slash + 1);
  }
  return "";
}

std::vector<std::string> odd_classes(const Source& source) {
  const std::vector<std::string>& classes = source.classes();
  std::vector<std::string> told;
  if (std::none_of(classes.begin(), classes.end(), is_odd_name)) return told;
  std::vector<std::int64_t> images(classes.size());
  for (std::int64_t i = 0; i < source.size(); ++i) {
    if (source.target(i) >= 0) ++images[static_cast<std::size_t>(source.target(i))];
  }
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (!is_odd_name(classes[i])) continue;
    told.push_back(
        format("'{}' is a class with {}, as torchvision's ImageFolder has it; its name is one that programs "
               "give: remove it if it is no class",
               classes[i], counted(images[i])));
  }
  return told;
}

std::string odd_folder(const std::string& path, std::int64_t images) {
  return format(
      "{}: {} of a folder whose name programs give, counted as the class's as torchvision's ImageFolder does; "
      "remove the folder if they are copies",
      path, counted(images));
}

}  // namespace springbok::data
