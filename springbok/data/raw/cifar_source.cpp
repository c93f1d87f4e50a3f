// The files of CIFAR: records of one or two labels and 32 x 32 bytes for each of red, green and blue.
#include "springbok/data/raw/cifar_source.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/raw/pickle_value.h"
#include "springbok/data/source/class_names.h"
#include "springbok/data/source/digest.h"
#include "springbok/image/convert.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 32;
constexpr std::size_t kPlane = std::size_t{kSide} * kSide;

/// How one of the two sets is stored: as records, or as Python's pickles, which become the same records.
struct Layout {
  std::string set;
  std::size_t labels;  ///< bytes before the pixels; the last one counts
  std::size_t classes;
  std::string names_file;
  std::vector<std::string> train, test;
  std::string archive;                  ///< the folder that it unpacks to
  std::vector<std::string> label_keys;  ///< of pickles: where each of the labels stands
  std::string names_key = {};

  std::size_t record() const { return labels + 3 * kPlane; }
  bool pickled() const { return !names_key.empty(); }
};

std::vector<std::string> five(const char* ending) {
  std::vector<std::string> names;
  for (int i = 1; i <= 5; ++i) names.push_back(format("data_batch_{}{}", i, ending));
  return names;
}

const std::array<Layout, 4>& layouts() {
  static const std::array<Layout, 4> known{{
      {"CIFAR-10", 1, 10, "batches.meta.txt", five(".bin"), {"test_batch.bin"}, "cifar-10-batches-bin", {}},
      {"CIFAR-100", 2, 100, "fine_label_names.txt", {"train.bin"}, {"test.bin"}, "cifar-100-binary", {}},
      {"CIFAR-10", 1, 10, "batches.meta", five(""), {"test_batch"}, "cifar-10-batches-py", {"labels"}, "label_names"},
      {"CIFAR-100",
       2,
       100,
       "meta",
       {"train"},
       {"test"},
       "cifar-100-python",
       {"coarse_labels", "fine_labels"},
       "fine_label_names"},
  }};
  return known;
}

bool there(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// Files called `train` and `test` alone say little: with pickles the names of the classes must be there too.
const Layout* layout_in(const fs::path& folder) {
  for (const Layout& layout : layouts()) {
    const bool images = there(folder / layout.train.front()) || there(folder / layout.test.front());
    if (images && (!layout.pickled() || there(folder / layout.names_file))) return &layout;
  }
  return nullptr;
}

constexpr std::uint64_t kMostPickle = std::uint64_t{1} << 28;  // CIFAR-100's is 155 MB

/// The records of a pickle.
std::vector<std::byte> unpickled(const fs::path& path, const Layout& layout) {
  const std::string where = path.string();
  const std::vector<std::byte> bytes = read_file(path, kMostPickle);
  const PickleFile pickle(bytes, where);
  const PickleFile::Value& images = pickle.entry("data", PickleFile::Kind::array);
  if (!images.bytes || images.shape.size() != 2 || images.shape[1] != std::int64_t{3} * kPlane) {
    fail("{}: its 'data' are no rows of {} bytes as {} has them", where, 3 * kPlane, layout.set);
  }
  const auto count = static_cast<std::size_t>(images.shape[0]);
  std::vector<std::byte> records(count * layout.record());
  for (std::size_t i = 0; i < count; ++i) {
    const auto* row = reinterpret_cast<const std::byte*>(images.text.data()) + i * 3 * kPlane;
    std::copy_n(row, 3 * kPlane, records.data() + i * layout.record() + layout.labels);
  }
  for (std::size_t k = 0; k < layout.labels; ++k) {
    const auto labels = pickle.numbers(pickle.entry(layout.label_keys[k], PickleFile::Kind::list));
    if (labels.size() != count) fail("{}: {} labels for {} images", where, labels.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      if (labels[i] < 0 || labels[i] > 255) fail("{}: image {} has the label {}", where, i, labels[i]);
      records[i * layout.record() + k] = static_cast<std::byte>(labels[i]);
    }
  }
  return records;
}

std::vector<std::string> class_names(const fs::path& folder, const Layout& layout) {
  const fs::path file = folder / layout.names_file;
  if (!layout.pickled()) return names_if_there(file);
  if (!there(file)) return {};
  const std::vector<std::byte> bytes = read_file(file, kMostPickle);
  const PickleFile pickle(bytes, file.string());
  return pickle.texts(pickle.entry(layout.names_key, PickleFile::Kind::list));
}

class CifarSource : public Source {
 public:
  CifarSource(const fs::path& folder, const Layout& layout, const Split& split)
      : layout_(layout), split_(split.name()) {
    for (const std::string& name : split == Split::train ? layout.train : layout.test) add(folder / name);
    classes_ = class_names(folder, layout);
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
    if (!there(path)) fail("{}: no such file; unpack the whole archive of {}", path.string(), layout_.set);
    files_.push_back(layout_.pickled() ? unpickled(path, layout_) : read_file(path));
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

std::vector<std::string> cifar_sets(const fs::path& folder) {
  std::vector<std::string> found;
  if (layout_in(folder) != nullptr) return {folder.string()};
  for (const Layout& layout : layouts()) {
    if (layout_in(folder / layout.archive) != nullptr) found.push_back((folder / layout.archive).string());
  }
  return found;
}

bool has_cifar(const fs::path& folder, const Split& split) {
  return (split == Split::train || split.is_second()) && !cifar_sets(folder).empty();
}

std::unique_ptr<Source> open_cifar(const fs::path& folder, const Split& split) {
  const std::vector<std::string> sets = cifar_sets(folder);
  if (sets.empty()) {
    fail(
        "{}: no files of CIFAR; looked for data_batch_1.bin and test_batch.bin (CIFAR-10), train.bin and test.bin "
        "(CIFAR-100), data_batch_1 and batches.meta (CIFAR-10 for Python), train and meta (CIFAR-100 for Python)",
        folder.string());
  }
  if (sets.size() > 1) fail("{}: holds several data sets: {}; name one of them", folder.string(), join(sets));
  const Layout& layout = *layout_in(sets.front());
  if (!has_cifar(folder, split))
    fail("{}: {} has a train and a test part, no {}", folder.string(), layout.set, split.name());
  return std::make_unique<CifarSource>(sets.front(), layout, split);
}

}  // namespace springbok::data
