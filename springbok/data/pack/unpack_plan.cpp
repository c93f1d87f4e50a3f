// Names of samples to paths of files.
#include "springbok/data/pack/unpack_plan.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/folder/image_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostName = 255;  // bytes of a name, in every file system of Linux

/// `.jpg` of `a.jpg`, when it is an image's.
std::string image_ending(const std::string& name) {
  return is_image_name(name) ? name.substr(name.rfind('.')) : "";
}

/// The first `most` bytes, without a character that was cut.
std::string first_bytes(const std::string& text, std::size_t most) {
  while (most > 0 && most < text.size() && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

/// A name that a folder can hold.
std::string held_name(std::string_view name) {
  if (name.empty()) return "%";
  if (name == ".") return "%2E";
  if (name == "..") return "%2E%2E";
  std::string made;
  for (const char c : name) made += c == '/' ? "%2F" : c == '\0' ? "%00" : std::string(1, c);
  if (made.size() <= kMostName) return made;
  const std::string ending = image_ending(made);
  return first_bytes(made, 200) + "~" + sha256(std::as_bytes(std::span(name))).substr(0, 16) + ending;
}

/// `a.jpg` -> `a~2.jpg`, within what a name may have.
std::string numbered(const std::string& place, std::uint64_t number) {
  const std::size_t name = place.rfind('/') + 1;
  const std::string ending = image_ending(place), suffix = format("~{}", number) + ending;
  const std::string stem = place.substr(name, place.size() - name - ending.size());
  return place.substr(0, name) + first_bytes(stem, kMostName - std::min(kMostName, suffix.size())) + suffix;
}

/// Hands out each place once.
class Places {
 public:
  void reserve(const std::string& place) { used_.insert(place); }
  std::string take(const std::string& place) {
    std::string made = place;
    while (!used_.insert(made).second) {
      std::uint64_t& number = numbers_.try_emplace(place, 1).first->second;
      made = numbered(place, ++number);
    }
    return made;
  }

 private:
  std::unordered_set<std::string> used_;
  std::unordered_map<std::string, std::uint64_t> numbers_;  ///< the last one given
};

std::vector<ClassFolder> class_folders(const Source& source) {
  Places places;
  std::vector<ClassFolder> classes;
  for (const std::string& name : source.classes()) classes.push_back({places.take(held_name(name)), name});
  return classes;
}

/// What is left of a sample's name below the split and its class.
std::string_view below(std::string_view name, const std::string& split, const ClassFolder& owner) {
  if (name.starts_with(split)) name.remove_prefix(split.size());
  for (const std::string& folder : {owner.name, owner.folder}) {
    if (name.size() > folder.size() && name.starts_with(folder) && name[folder.size()] == '/') {
      return name.substr(folder.size() + 1);
    }
  }
  return name;
}

/// The name as folders and a file.
std::string place_below(std::string_view name) {
  constexpr std::size_t kMostPath = 2000;  // the system takes 4,096 with what stands before
  std::string made;
  for (std::size_t begin = 0; begin <= name.size() && name.size() <= kMostPath;) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (!part.empty() && part != ".") made += (made.empty() ? "" : "/") + held_name(part);
    begin = end + 1;
  }
  return made.empty() || made.size() > kMostPath ? held_name(name.empty() ? "image" : name) : made;
}

/// All folders above a place.
template <class Use>
void for_each_folder(const std::string& place, const Use& use) {
  for (std::size_t slash = place.find('/'); slash != std::string::npos; slash = place.find('/', slash + 1)) {
    use(place.substr(0, slash));
  }
}

bool needs_list(const std::vector<ClassFolder>& classes, const std::vector<bool>& has_images) {
  const auto by_folder = [](const ClassFolder& a, const ClassFolder& b) { return a.folder < b.folder; };
  return std::any_of(classes.begin(), classes.end(),
                     [](const ClassFolder& each) { return each.folder != each.name; }) ||
         !std::is_sorted(classes.begin(), classes.end(), by_folder) ||
         std::find(has_images.begin(), has_images.end(), false) != has_images.end();
}

[[noreturn]] void fail_in_the_way(const fs::path& path, const char* what) {
  fail("{}: {}; give an empty folder to unpack into", path.string(), what);
}

}  // namespace

UnpackPlan plan_unpack(const Source& source, const Split& split,
                       const std::function<std::string(std::int64_t)>& ending) {
  const std::string top = split.name() + "/";
  UnpackPlan plan{.places = {}, .classes = class_folders(source)};
  std::vector<bool> has_images(plan.classes.size());
  Places places;
  std::unordered_set<std::string> folders;
  for (std::int64_t i = 0; i < source.size(); ++i) {
    const std::int64_t target = source.target(i);
    const std::string name = source.name(i);
    if (target < 0) fail("{}: has no class, and so no folder to go to", name);
    has_images.at(static_cast<std::size_t>(target)) = true;
    const ClassFolder& owner = plan.classes.at(static_cast<std::size_t>(target));
    std::string place = place_below(below(name, top, owner));
    if (!is_image_name(place)) {
      const std::size_t last = place.rfind('/') + 1;
      place = place.substr(0, last) + held_name(place.substr(last) + ending(i));
    }
    plan.places.push_back(owner.folder + "/" + place);
    for_each_folder(plan.places.back(), [&](const std::string& folder) { folders.insert(folder); });
  }
  for (const std::string& folder : folders) places.reserve(folder);
  for (std::string& place : plan.places) place = places.take(place);
  plan.listed = needs_list(plan.classes, has_images);
  return plan;
}

void check_room(const UnpackPlan& plan, const fs::path& folder) {
  std::error_code error;
  if (fs::is_symlink(folder, error)) fail_in_the_way(folder, "is a link");
  if (!fs::exists(folder, error)) return;
  if (!fs::is_directory(folder, error)) fail_in_the_way(folder, "is no folder");
  const std::unordered_set<std::string> files(plan.places.begin(), plan.places.end());
  std::unordered_set<std::string> folders;
  for (const std::string& place : plan.places) {
    for_each_folder(place, [&](const std::string& each) { folders.insert(each); });
  }
  const fs::path list = folder / kClassFoldersFile;
  const std::string wanted = class_folders_text(plan.classes);
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string place = at->path().lexically_relative(folder).string();
    const fs::file_status status = at->symlink_status(error);
    if (fs::is_symlink(status)) fail_in_the_way(at->path(), "is a link");
    if (fs::is_directory(status)) {
      if (!folders.contains(place)) fail_in_the_way(at->path(), "is a folder that the packed set has not");
    } else if (folders.contains(place)) {
      fail_in_the_way(at->path(), "is a file where a folder is to be");
    } else if (!files.contains(place) && is_image_name(place)) {
      fail_in_the_way(at->path(), "is an image that the packed set has not");
    } else if (files.contains(place) && !fs::is_regular_file(status)) {
      fail_in_the_way(at->path(), "is no regular file");
    }
  }
  if (error) fail("cannot list {}: {}", folder.string(), error.message());
  if (!fs::exists(list, error)) return;
  if (!plan.listed || read_text(list) != wanted) fail_in_the_way(list, "is of another set");
}

}  // namespace springbok::data
