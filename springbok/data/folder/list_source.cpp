// Images that a text file lists.
#include "springbok/data/folder/list_source.h"

#include <algorithm>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/lines.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/folder/list_lines.h"
#include "springbok/data/source/bytes_source.h"
#include "springbok/data/source/class_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

class ListSource : public BytesSource {
 public:
  ListSource(fs::path folder, const fs::path& file) : folder_(std::move(folder)) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) fail("{}: no such list; expected one 'PATH CLASS' a line", file.string());
    const ListLines list =
        parse_list(read_lines(file), file.string(), [&](const std::string& path) { return is_file(folder_ / path); });
    std::vector<std::string> labels;
    for (const ListEntry& entry : list.entries) {
      names_.push_back(with_slashes(entry.path));
      labels.push_back(entry.label);
    }
    if (names_.empty()) fail("{}: lists no image", file.string());
    Labelled labelled = label(labels, names_if_there(folder_ / "classes.txt"), file.string());
    classes_ = std::move(labelled.classes);
    targets_ = std::move(labelled.targets);
    description_ = format("list: {} images in {} classes ({}){}", with_commas(size()),
                          with_commas(static_cast<std::int64_t>(classes_.size())), file.string(),
                          list.header.empty() ? "" : format("; its first line, '{}', is a header", list.header));
  }

  std::string name(std::int64_t index) const override { return names_.at(static_cast<std::size_t>(index)); }
  std::string stamp(std::int64_t index) const override { return file_stamp(folder_ / name(index)); }

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override {
    return {.table = 0, .image = read_file(folder_ / name(index), memory), .units = 0, .size = {}};
  }

 private:
  static bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
  }

  /// A path as Windows writes it, where it leads to a file only so.
  std::string with_slashes(std::string path) const {
    if (path.find('\\') == std::string::npos || is_file(folder_ / path)) return path;
    std::string slashes = path;
    std::replace(slashes.begin(), slashes.end(), '\\', '/');
    return is_file(folder_ / slashes) ? slashes : path;
  }

  fs::path folder_;
  std::vector<std::string> names_;
};

}  // namespace

fs::path list_file(const fs::path& folder, const Split& split) {
  return folder / (split.name() + ".txt");
}

bool has_list(const fs::path& folder, const Split& split) {
  std::error_code ignored;
  return fs::is_regular_file(list_file(folder, split), ignored);
}

std::unique_ptr<Source> open_list(const fs::path& folder, const Split& split) {
  return std::make_unique<ListSource>(folder, list_file(folder, split));
}

}  // namespace springbok::data
