// The binary files of CIFAR: records of one or two labels and 32 x 32 bytes for each of red, green and blue.
#include "springbok/data/cifar_source.h"

#include <array>
#include <utility>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/class_names.h"
#include "springbok/data/digest.h"
#include "springbok/image/convert.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 32;
constexpr std::size_t kPlane = std::size_t{kSide} * kSide;

/// How one of the two sets is stored.
struct Layout {
  std::string set;
  std::size_t labels;  ///< bytes before the pixels; the last one counts
  std::size_t classes;
  std::string names_file;
  std::vector<std::string> train, val;

  std::size_t record() const { return labels + 3 * kPlane; }
};

const std::array<Layout, 2>& layouts() {
  static const std::array<Layout, 2> known{{
      {"CIFAR-10",
       1,
       10,
       "batches.meta.txt",
       {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
       {"test_batch.bin"}},
      {"CIFAR-100", 2, 100, "fine_label_names.txt", {"train.bin"}, {"test.bin"}},
  }};
  return known;
}

bool there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

const Layout* layout_in(const fs::path& folder) {
  for (const Layout& layout : layouts()) {
    if (there(folder / layout.train.front()) || there(folder / layout.val.front())) return &layout;
  }
  return nullptr;
}

class CifarSource : public Source {
 public:
  CifarSource(const fs::path& folder, const Layout& layout, Split split)
      : layout_(layout), split_(split == Split::train ? "train" : "val") {
    for (const std::string& name : split == Split::train ? layout.train : layout.val) add(folder / name);
    classes_ = lines_if_there(folder / layout.names_file);
    for (std::size_t i = classes_.size(); i < layout.classes; ++i) classes_.push_back(std::to_string(i));
    if (classes_.size() != layout.classes) {
      fail("{}: {} names for {} classes", (folder / layout.names_file).string(), classes_.size(), layout.classes);
    }
    for (std::int64_t i = 0; i < size(); ++i) check_label(i);
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(records_.size()); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return 3; }
  std::int64_t target(std::int64_t index) const override {
    return std::to_integer<std::int64_t>(record(index)[layout_.labels - 1]);
  }
  std::string name(std::int64_t index) const override { return format("{}/{:05}", split_, index); }
  std::string description() const override {
    return format("{}: {} images of 32 x 32 in {} classes", layout_.set, with_commas(size()), classes_.size());
  }
  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    digest.add(layout_.set + split_);
    for (const auto& file : files_) digest.add(file);
    return digest.hex();
  }
  image::Image image(std::int64_t index, int channels) const override {
    image::Image image(kSide, kSide, 3);
    const std::byte* planes = record(index) + layout_.labels;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = std::to_integer<std::uint8_t>(planes[i % 3 * kPlane + i / 3]);
    }
    return image::to_channels(std::move(image), channels);
  }

 private:
  void add(const fs::path& path) {
    if (!there(path)) fail("{}: no such file; unpack the whole binary version of {}", path.string(), layout_.set);
    files_.push_back(read_file(path));
    const std::vector<std::byte>& bytes = files_.back();
    if (bytes.empty() || bytes.size() % layout_.record() != 0) {
      fail("{}: {} bytes are no whole number of {}'s records of {}; get it again", path.string(),
           with_commas(static_cast<std::int64_t>(bytes.size())), layout_.set, layout_.record());
    }
    for (std::size_t at = 0; at < bytes.size(); at += layout_.record()) records_.push_back(bytes.data() + at);
  }

  void check_label(std::int64_t index) const {
    if (static_cast<std::size_t>(target(index)) < layout_.classes) return;
    fail("{}: {}: label {} of {} classes; the file is damaged, or not {}", layout_.set, name(index), target(index),
         layout_.classes, layout_.set);
  }

  const std::byte* record(std::int64_t index) const { return records_.at(static_cast<std::size_t>(index)); }

  const Layout& layout_;
  std::string split_;
  std::vector<std::vector<std::byte>> files_;
  std::vector<const std::byte*> records_;
  std::vector<std::string> classes_;
};

}  // namespace

fs::path find_cifar(const fs::path& folder) {
  for (const char* below : {"", "cifar-10-batches-bin", "cifar-100-binary"}) {
    if (layout_in(folder / below) != nullptr) return folder / below;
  }
  return {};
}

std::unique_ptr<Source> open_cifar(const fs::path& folder, Split split) {
  const fs::path found = find_cifar(folder);
  if (found.empty()) {
    fail(
        "{}: no binary files of CIFAR; looked for data_batch_1.bin and test_batch.bin (CIFAR-10), train.bin and "
        "test.bin (CIFAR-100)",
        folder.string());
  }
  return std::make_unique<CifarSource>(found, *layout_in(found), split);
}

}  // namespace springbok::data
