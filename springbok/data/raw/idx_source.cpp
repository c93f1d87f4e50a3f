// The IDX files of the MNIST family, plain or gzip.
#include "springbok/data/raw/idx_source.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/raw/gz_file.h"
#include "springbok/data/source/class_names.h"
#include "springbok/data/source/digest.h"
#include "springbok/image/convert.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// One of the two kinds of file: unsigned bytes in `dimensions` dimensions, which the magic number says.
struct Kind {
  const char* what;
  std::size_t dimensions;
  std::uint32_t magic() const { return 0x0800U + static_cast<std::uint32_t>(dimensions); }
};
constexpr Kind kImages{"images", 3};
constexpr Kind kLabels{"labels", 1};

constexpr std::int64_t kLargestSide = 1 << 14;

/// What the files' names begin with: the second part is a test, MNIST's `t10k`, EMNIST's `test`.
std::vector<std::string> stems(const Split& split) {
  if (split.is_second()) return {"t10k", "test"};
  return {split.name()};
}

std::string counted(std::uint64_t count) {
  return with_commas(static_cast<std::int64_t>(count));
}

/// A folder with IDX files, and what stands before their names: `emnist-letters-`, or nothing.
struct Set {
  fs::path folder;
  std::string prefix;

  /// As the user may name it.
  std::string name() const {
    return prefix.empty() ? folder.string() : (folder / prefix.substr(0, prefix.size() - 1)).string();
  }
};

/// `train-images-idx3-ubyte` and `train-images.idx3-ubyte`, each plain and .gz; an empty path when there is none.
fs::path find_file(const Set& set, const Split& split, const Kind& kind) {
  for (const std::string& stem : stems(split)) {
    for (const char* joint : {"-", "."}) {
      for (const char* ending : {"", ".gz"}) {
        const fs::path file =
            set.folder / format("{}{}-{}{}idx{}-ubyte{}", set.prefix, stem, kind.what, joint, kind.dimensions, ending);
        std::error_code ignored;
        if (fs::is_regular_file(file, ignored)) return file;
      }
    }
  }
  return {};
}

bool is_there(const Set& set) {
  return !find_file(set, Split::train, kImages).empty() || !find_file(set, Split::val, kImages).empty();
}

/// The sets of EMNIST lie in one folder, each with its name before those of its files.
constexpr const char* kEmnist[] = {"byclass", "bymerge", "balanced", "letters", "digits", "mnist"};

std::vector<Set> sets_in(const fs::path& folder) {
  std::vector<Set> sets;
  if (const Set plain{folder, ""}; is_there(plain)) sets.push_back(plain);
  for (const char* each : kEmnist) {
    if (const Set one{folder, format("emnist-{}-", each)}; is_there(one)) sets.push_back(one);
  }
  return sets;
}

/// Where files lie: in the folder, in its `raw/` as torchvision unpacks them (`gzip/` in EMNIST's archive), or in the
/// `raw/` of one of its sets.
std::vector<fs::path> near_places(const fs::path& folder) {
  return {folder, folder / "raw", folder / "gzip"};
}
std::vector<fs::path> far_places(const fs::path& folder) {
  std::vector<fs::path> places;
  for (const char* set : {"MNIST", "FashionMNIST", "KMNIST", "QMNIST", "EMNIST"})
    places.push_back(folder / set / "raw");
  return places;
}

/// A path whose last part begins the names of files: `EMNIST/raw/emnist-letters`.
std::optional<Set> set_by_prefix(const fs::path& path) {
  std::error_code ignored;
  if (path.filename().empty() || fs::exists(path, ignored)) return std::nullopt;
  std::vector<fs::path> places = near_places(path.parent_path());
  places.push_back(path.parent_path() / "EMNIST/raw");
  for (const fs::path& place : places) {
    const Set set{place, path.filename().string() + "-"};
    if (is_there(set)) return set;
  }
  return std::nullopt;
}

std::vector<Set> all_sets(const fs::path& path) {
  if (const auto set = set_by_prefix(path)) return {*set};
  for (const fs::path& place : near_places(path)) {
    if (auto sets = sets_in(place); !sets.empty()) return sets;
  }
  std::vector<Set> sets;
  for (const fs::path& place : far_places(path)) {
    for (Set& set : sets_in(place)) sets.push_back(std::move(set));
  }
  return sets;
}

/// The one set of the path; nothing when there is none. Throws Error for several.
std::optional<Set> the_set(const fs::path& path) {
  const std::vector<Set> sets = all_sets(path);
  if (sets.empty()) return std::nullopt;
  if (sets.size() > 1) {
    fail("{}: holds several data sets: {}; name one of them", path.string(), join_first(idx_sets(path), 8));
  }
  return sets.front();
}

struct Array {
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> values;
};

std::vector<std::int64_t> read_shape(GzFile& file, const Kind& kind, const std::string& path) {
  const std::vector<std::uint8_t> header = file.read(4 * (1 + kind.dimensions));
  std::vector<std::uint32_t> words;
  for (std::size_t i = 0; i + 4 <= header.size(); i += 4) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 4; ++k) word = word << 8 | header[i + k];
    words.push_back(word);
  }
  if (words.empty()) fail("{}: not an IDX file of {}: it has {} bytes", path, kind.what, header.size());
  if (words[0] != kind.magic()) {
    fail("{}: not an IDX file of {}: it begins with 0x{:08x}, not 0x{:08x}", path, kind.what, words[0], kind.magic());
  }
  if (words.size() != 1 + kind.dimensions) fail("{}: cut within its header, after {} bytes", path, header.size());
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] < 1 || words[i] > kLargestSide) {
      fail("{}: images of {} x {} pixels; a side is 1 to {}", path, words[1 + 1], words[2 + 1],
           with_commas(kLargestSide));
    }
  }
  return {words.begin() + 1, words.end()};
}

Array read_array(const fs::path& path, const Kind& kind) {
  const std::string name = path.string();
  GzFile file(path);
  Array array{.shape = read_shape(file, kind, name), .values = {}};
  std::uint64_t size = 1;
  for (const std::int64_t side : array.shape) size *= static_cast<std::uint64_t>(side);
  array.values = file.read(size);
  if (array.values.size() < size) {
    fail("{}: cut: its header says {} {} ({} bytes), but {} bytes follow; get it again", name, counted(array.shape[0]),
         kind.what, counted(size), counted(array.values.size()));
  }
  if (!file.read(1).empty())
    fail("{}: goes on after the {} {} that its header says", name, counted(array.shape[0]), kind.what);
  return array;
}

bool looks_like_fashion(const fs::path& folder) {
  std::error_code ignored;
  std::string path = fs::weakly_canonical(folder, ignored).string();
  std::transform(path.begin(), path.end(), path.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return path.find("fashion") != std::string::npos;
}

std::vector<std::string> single_letters(const char* letters) {
  std::vector<std::string> names;
  for (const char* c = letters; *c != '\0'; ++c) names.emplace_back(1, *c);
  return names;
}

/// As torchvision's EMNIST has them: the labels of `letters` count from 1.
std::vector<std::string> emnist_classes(const std::string& prefix) {
  const std::string set = prefix.substr(prefix.find('-') + 1);
  if (set == "byclass-") return single_letters("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  if (set == "bymerge-" || set == "balanced-") {
    return single_letters("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt");
  }
  if (set != "letters-") return single_letters("0123456789");
  std::vector<std::string> names = single_letters("abcdefghijklmnopqrstuvwxyz");
  names.insert(names.begin(), "N/A");
  return names;
}

std::vector<std::string> class_names(const Set& set, std::span<const std::uint8_t> labels) {
  if (auto listed = names_if_there(set.folder / "classes.txt"); !listed.empty()) return listed;
  if (set.prefix.starts_with("emnist-")) return emnist_classes(set.prefix);
  if (looks_like_fashion(set.folder)) {
    return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
  }
  const int largest = labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end());
  std::vector<std::string> names;
  for (int i = 0; i <= std::max(9, largest); ++i) names.push_back(std::to_string(i));
  return names;
}

class IdxSource : public Source {
 public:
  IdxSource(const Set& set, const fs::path& images_path, const fs::path& labels_path, const Split& split)
      : split_(split.name()),
        images_(read_array(images_path, kImages)),
        labels_(read_array(labels_path, kLabels)),
        stamp_(file_stamp(images_path) + " " + file_stamp(labels_path)),
        classes_(class_names(set, labels_.values)) {
    if (labels_.shape[0] != images_.shape[0]) {
      fail("{}: {} labels for the {} images of {}", labels_path.string(), counted(labels_.shape[0]),
           counted(images_.shape[0]), images_path.string());
    }
    for (std::size_t i = 0; i < labels_.values.size(); ++i) {
      if (labels_.values[i] < classes_.size()) continue;
      fail("{}: label {} at {}, but there are {} classes", labels_path.string(), labels_.values[i], counted(i),
           classes_.size());
    }
    description_ = format("idx: {} images of {} x {} in {} classes ({})", counted(images_.shape[0]), images_.shape[1],
                          images_.shape[2], classes_.size(), images_path.string());
  }

  std::int64_t size() const override { return images_.shape[0]; }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return 1; }
  std::int64_t target(std::int64_t index) const override { return labels_.values.at(static_cast<std::size_t>(index)); }
  std::string name(std::int64_t index) const override { return format("{}/{:05}", split_, index); }
  std::string stamp(std::int64_t /*index*/) const override { return stamp_; }
  std::string description() const override { return description_; }

  image::Image image(std::int64_t index, int channels) const override {
    if (index < 0 || index >= size()) fail("there is no sample {} among {} ({})", index, size(), description_);
    image::Image grey(static_cast<int>(images_.shape[1]), static_cast<int>(images_.shape[2]), 1);
    const std::uint8_t* first = images_.values.data() + static_cast<std::size_t>(index) * grey.pixels.size();
    std::copy_n(first, grey.pixels.size(), grey.pixels.begin());
    return image::to_channels(std::move(grey), channels);
  }

  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    digest.add(std::as_bytes(std::span(images_.shape)));
    digest.add(std::as_bytes(std::span(labels_.values)));
    return digest.hex();
  }

 private:
  std::string split_;
  Array images_;
  Array labels_;
  std::string stamp_;
  std::vector<std::string> classes_;
  std::string description_;
};

}  // namespace

std::vector<std::string> idx_sets(const fs::path& path) {
  std::vector<std::string> names;
  for (const Set& set : all_sets(path)) names.push_back(set.name());
  return names;
}

bool is_idx_prefix(const fs::path& path) {
  return set_by_prefix(path).has_value();
}

fs::path find_idx_images(const fs::path& path, const Split& split) {
  const auto set = the_set(path);
  return set ? find_file(*set, split, kImages) : fs::path();
}

std::string idx_names(const Split& split) {
  return format("{}-images-idx3-ubyte[.gz]", stems(split).front());
}

std::unique_ptr<Source> open_idx(const fs::path& path, const Split& split) {
  const auto set = the_set(path);
  const fs::path images = set ? find_file(*set, split, kImages) : fs::path();
  if (images.empty()) fail("{}: no {}", path.string(), idx_names(split));
  const fs::path labels = find_file(*set, split, kLabels);
  if (labels.empty()) {
    fail("{}: no {}-labels-idx1-ubyte[.gz] for {}", path.string(), stems(split).front(), images.string());
  }
  return std::make_unique<IdxSource>(*set, images, labels, split);
}

}  // namespace springbok::data
