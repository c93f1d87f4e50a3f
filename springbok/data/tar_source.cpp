// WebDataset shards: the members of tar files, grouped into samples.
#include "springbok/data/tar_source.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/random_file.h"
#include "springbok/data/bytes_source.h"
#include "springbok/data/class_names.h"
#include "springbok/data/image_names.h"
#include "springbok/data/tar_reader.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// `dir/0001.seg.png` -> (`dir/0001`, `seg.png`).
std::pair<std::string, std::string> split_name(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t dot = name.find('.', slash == std::string::npos ? 0 : slash + 1);
  return {name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1)};
}

bool is_class(const std::string& ending) {
  return ending == "cls" || ending == "cls.txt" || ending == "txt";
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<fs::path> shards_in(const fs::path& folder) {
  std::vector<fs::path> shards;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".tar") shards.push_back(entry.path());
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

fs::path split_folder(const fs::path& folder, Split split) {
  return folder / (split == Split::train ? "train" : "val");
}

class TarSource : public BytesSource {
 public:
  TarSource(const fs::path& root, const fs::path& folder) {
    for (const fs::path& path : shards_in(folder)) add(path, path.lexically_relative(root).string());
    if (samples_.empty()) fail("{}: no *.tar files with samples", folder.string());
    Labelled labelled = label(labels_, lines_if_there(root / "classes.txt"), folder.string());
    classes_ = std::move(labelled.classes);
    targets_ = std::move(labelled.targets);
    description_ = format("tar: {} images in {} classes, {} shards ({})", with_commas(size()), classes_.size(),
                          shards_.size(), folder.string());
  }

  std::string name(std::int64_t index) const override { return samples_.at(static_cast<std::size_t>(index)).name; }

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override {
    const Sample& sample = samples_.at(static_cast<std::size_t>(index));
    const Shard& shard = shards_[sample.shard];
    if (shard.file != nullptr) {
      shard.file->read(sample.at, sample.size, memory);
    } else {
      RandomFile(shard.path, RandomFile::Mode::read).read(sample.at, sample.size, memory);
    }
    return {.table = 0, .image = sample.size, .units = 0, .size = {}};
  }

 private:
  /// The first ones stay open; with thousands, the others are opened for each image, as files a process may have open
  /// are limited.
  struct Shard {
    fs::path path;
    std::unique_ptr<RandomFile> file;
  };
  struct Sample {
    std::string name;
    std::size_t shard = 0;
    std::uint64_t at = 0;
    std::size_t size = 0;
  };
  /// What has been found of the sample whose members are being read.
  struct Open {
    std::string key;
    std::optional<TarMember> image;
    std::optional<std::string> label;
  };

  void add(const fs::path& path, const std::string& shard) {
    constexpr std::size_t kMostOpen = 256;
    auto file = std::make_unique<RandomFile>(path, RandomFile::Mode::read);
    TarReader reader(*file, shard);
    Open open;
    while (const auto member = reader.next()) {
      const auto [key, ending] = split_name(member->name);
      if (key != open.key) finish(std::exchange(open, Open{.key = key, .image = {}, .label = {}}), shard);
      if (is_class(ending)) {
        open.label = trimmed(reader.text(*member));
      } else if (ending.find('.') == std::string::npos && is_image_name("." + ending)) {
        open.image = member;
      }
    }
    finish(open, shard);
    shards_.push_back({path, shards_.size() < kMostOpen ? std::move(file) : nullptr});
  }

  void finish(const Open& open, const std::string& shard) {
    if (open.key.empty() || (!open.image && !open.label)) return;  // other members, such as json alone
    if (!open.image) fail("{}/{}: has a class but no image ({})", shard, open.key, image_endings());
    if (!open.label) fail("{}/{}: has no class; expected {}.cls beside it", shard, open.image->name, open.key);
    samples_.push_back({shard + "/" + open.image->name, shards_.size(), open.image->at, open.image->size});
    labels_.push_back(*open.label);
  }

  std::vector<Shard> shards_;
  std::vector<Sample> samples_;
  std::vector<std::string> labels_;
};

}  // namespace

bool has_shards(const fs::path& folder, Split split) {
  return !shards_in(split_folder(folder, split)).empty();
}

std::unique_ptr<Source> open_tar(const fs::path& folder, Split split) {
  return std::make_unique<TarSource>(folder, split_folder(folder, split));
}

}  // namespace springbok::data
