// Images that a text file lists.
#include "springbok/data/list_source.h"

#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/bytes_source.h"
#include "springbok/data/class_names.h"
#include "springbok/data/folder_tree.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

class ListSource : public BytesSource {
 public:
  ListSource(fs::path folder, const fs::path& file) : folder_(std::move(folder)) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) fail("{}: no such list; expected one 'PATH CLASS' a line", file.string());
    const std::vector<std::string> lines = lines_if_there(file);
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string& line = lines[i];
      if (line.empty() || line.starts_with('#')) continue;
      const std::size_t gap = line.find_last_of(" \t");
      if (gap == std::string::npos || gap + 1 == line.size() || gap == 0) {
        fail("{}:{}: expects 'PATH CLASS', got '{}'", file.string(), i + 1, line);
      }
      names_.push_back(line.substr(0, line.find_last_not_of(" \t", gap) + 1));
      labels.push_back(line.substr(gap + 1));
    }
    if (names_.empty()) fail("{}: lists no image", file.string());
    Labelled labelled = label(labels, lines_if_there(folder_ / "classes.txt"), file.string());
    classes_ = std::move(labelled.classes);
    targets_ = std::move(labelled.targets);
    description_ = format("list: {} images in {} classes ({})", with_commas(size()),
                          with_commas(static_cast<std::int64_t>(classes_.size())), file.string());
  }

  std::string name(std::int64_t index) const override { return names_.at(static_cast<std::size_t>(index)); }
  std::string stamp(std::int64_t index) const override { return file_stamp(folder_ / name(index)); }

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override {
    return {.table = 0, .image = read_file(folder_ / name(index), memory), .units = 0, .size = {}};
  }

 private:
  fs::path folder_;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Source> open_list(const fs::path& folder, Split split) {
  return std::make_unique<ListSource>(folder, folder / (split == Split::train ? "train.txt" : "val.txt"));
}

}  // namespace springbok::data
