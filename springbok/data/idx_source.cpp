// The IDX files of the MNIST family, plain or gzip.
#include "springbok/data/idx_source.h"

#include <algorithm>
#include <span>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/digest.h"
#include "springbok/data/folder_tree.h"
#include "springbok/data/gz_file.h"
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

const char* split_name(Split split) {
  return split == Split::train ? "train" : "t10k";
}

std::string counted(std::uint64_t count) {
  return with_commas(static_cast<std::int64_t>(count));
}

/// `train-images-idx3-ubyte` and `train-images.idx3-ubyte`, each plain and .gz.
std::vector<std::string> file_names(Split split, const Kind& kind) {
  std::vector<std::string> names;
  for (const char* joint : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      names.push_back(format("{}-{}{}idx{}-ubyte{}", split_name(split), kind.what, joint, kind.dimensions, ending));
    }
  }
  return names;
}

fs::path find_file(const fs::path& folder, Split split, const Kind& kind) {
  for (const fs::path& place : {folder, folder / "raw"}) {
    for (const std::string& name : file_names(split, kind)) {
      std::error_code ignored;
      if (fs::is_regular_file(place / name, ignored)) return place / name;
    }
  }
  return {};
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

std::vector<std::string> listed_classes(const fs::path& file) {
  std::vector<std::string> names;
  const std::string text = read_text(file);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() && end < text.size() && text.find_first_not_of("\r\n ", end) != std::string::npos) {
      fail("{}: line {} is empty; expected one class name a line", file.string(), names.size() + 1);
    }
    if (!line.empty()) {
      if (std::find(names.begin(), names.end(), line) != names.end()) fail("{}: class '{}' twice", file.string(), line);
      names.push_back(std::move(line));
    }
    begin = end + 1;
  }
  return names;
}

bool looks_like_fashion(const fs::path& folder) {
  std::error_code ignored;
  std::string path = fs::weakly_canonical(folder, ignored).string();
  std::transform(path.begin(), path.end(), path.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return path.find("fashion") != std::string::npos;
}

std::vector<std::string> class_names(const fs::path& folder, std::span<const std::uint8_t> labels) {
  std::error_code ignored;
  if (fs::exists(folder / "classes.txt", ignored)) return listed_classes(folder / "classes.txt");
  if (looks_like_fashion(folder)) {
    return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
  }
  const int largest = labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end());
  std::vector<std::string> names;
  for (int i = 0; i <= std::max(9, largest); ++i) names.push_back(std::to_string(i));
  return names;
}

class IdxSource : public Source {
 public:
  IdxSource(const fs::path& images_path, const fs::path& labels_path, Split split)
      : split_(split == Split::train ? "train" : "val"),
        images_(read_array(images_path, kImages)),
        labels_(read_array(labels_path, kLabels)),
        stamp_(file_stamp(images_path) + " " + file_stamp(labels_path)),
        classes_(class_names(images_path.parent_path(), labels_.values)) {
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

fs::path find_idx_images(const fs::path& folder, Split split) {
  return find_file(folder, split, kImages);
}

std::string idx_names(Split split) {
  return format("{}-images-idx3-ubyte[.gz]", split_name(split));
}

std::unique_ptr<Source> open_idx(const fs::path& folder, Split split) {
  const fs::path images = find_file(folder, split, kImages);
  if (images.empty()) fail("{}: no {}", folder.string(), idx_names(split));
  const fs::path labels = find_file(folder, split, kLabels);
  if (labels.empty())
    fail("{}: no {}-labels-idx1-ubyte[.gz] for {}", folder.string(), split_name(split), images.string());
  return std::make_unique<IdxSource>(images, labels, split);
}

}  // namespace springbok::data
