// LMDB databases of images.
#include "springbok/data/lmdb/lmdb_source.h"

#include <atomic>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/lmdb/arrow_value.h"
#include "springbok/data/lmdb/lmdb_file.h"
#include "springbok/data/source/bytes_source.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

using Bytes = std::span<const std::byte>;

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::int64_t> digits(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && value >= 0;
  return whole ? std::optional(value) : std::nullopt;
}

struct Entry {
  std::int64_t target = -1;
  Bytes image;
};

class LmdbSource : public BytesSource {
 public:
  LmdbSource(const fs::path& path, std::string split) : path_(path.string()), split_(std::move(split)), file_(path) {
    find_values();
    description_ = format("lmdb: {} images in {} classes ({}{})", with_commas(size()), with_commas(class_count()),
                          path_, pyarrow_ ? ", ModelZoo's" : "");
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(values_.size()); }
  /// Lies inside the value, which is seldom read for it alone: reading an image notes it.
  std::int64_t target(std::int64_t index) const override {
    if (const std::int32_t noted = note(index).load(std::memory_order_relaxed); noted >= 0) return noted;
    const std::vector<std::byte> value = file_.read(values_.at(static_cast<std::size_t>(index)));
    return entry(value, index).target;
  }
  std::string name(std::int64_t index) const override { return format("{}/{}", split_, index); }
  std::string stamp(std::int64_t /*index*/) const override { return file_.stamp(); }
  void expect(std::int64_t index) const override { file_.expect(values_.at(static_cast<std::size_t>(index))); }
  /// Of names, classes and the places of the values: reading all targets would read the whole file.
  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    digest.add(std::to_string(size()));
    for (const LmdbValue& value : values_) digest.add(std::to_string(value.size));
    return digest.hex();
  }

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override {
    const LmdbValue& value = values_.at(static_cast<std::size_t>(index));
    file_.read(value, memory);
    const Bytes image = entry(Bytes(memory).first(value.size), index).image;
    const auto before = static_cast<std::size_t>(image.data() - memory.data());
    return {.table = before, .image = image.size(), .units = 0, .size = {}};
  }

 private:
  std::int64_t class_count() const { return static_cast<std::int64_t>(classes_.size()); }

  std::atomic<std::int32_t>& note(std::int64_t index) const { return notes_[static_cast<std::size_t>(index)]; }

  /// Finds each value once: later a look at a vector does.
  void find_values() {
    std::map<std::string, LmdbValue> others;
    std::map<std::int64_t, LmdbValue> found;
    file_.for_each([&](const std::string& key, const LmdbValue& value) {
      if (const auto index = digits(key)) {
        found.emplace(*index, value);
      } else if (key == "__len__" || key == "classes") {
        others.emplace(key, value);
      }
    });
    if (!others.contains("__len__")) {
      fail("{}: has no entry '__len__'; expected keys 0 to N-1, __len__ and classes", path_);
    }
    if (!others.contains("classes")) fail("{}: has no entry 'classes' that names them", path_);
    const std::int64_t count = read_length(file_.read(others["__len__"]));
    read_classes(file_.read(others["classes"]));
    found.erase(found.lower_bound(count), found.end());
    if (static_cast<std::int64_t>(found.size()) != count) {
      fail("{}: __len__ says {} images, but {} are there; make it again", path_, with_commas(count),
           with_commas(static_cast<std::int64_t>(found.size())));
    }
    for (const auto& [index, value] : found) values_.push_back(value);
    notes_ = std::make_unique<std::atomic<std::int32_t>[]>(values_.size());
    for (std::size_t i = 0; i < values_.size(); ++i) notes_[i] = -1;
  }

  std::int64_t read_length(Bytes value) {
    const auto plain = digits(text_of(value));
    pyarrow_ = !plain;
    const std::int64_t count = plain ? *plain : arrow_number(value);
    if (count < 1 || count > std::int64_t{1} << 40) fail("{}: __len__ says {} images", path_, count);
    return count;
  }

  std::int64_t arrow_number(Bytes value) const {
    const std::string where = path_ + ": __len__";
    const ArrowValue read = read_arrow(value, where);
    if (read.number() == nullptr) fail("{}: __len__ is no number", path_);
    return *read.number();
  }

  void read_classes(Bytes value) {
    if (pyarrow_) {
      const ArrowValue read = read_arrow(value, path_ + ": classes");
      if (read.list() == nullptr) fail("{}: classes is no list", path_);
      for (const ArrowValue& each : *read.list()) {
        if (each.bytes() == nullptr) fail("{}: a class is no text", path_);
        classes_.push_back(text_of(*each.bytes()));
      }
      return;
    }
    const std::string text = text_of(value);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      classes_.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  Entry entry(Bytes value, std::int64_t index) const {
    const Entry entry = pyarrow_ ? arrow_entry(value, index) : plain_entry(value, index);
    if (entry.target < 0 || entry.target >= class_count()) {
      fail("{}: entry {}: class {} of {}", path_, index, entry.target, class_count());
    }
    note(index).store(static_cast<std::int32_t>(entry.target), std::memory_order_relaxed);
    return entry;
  }

  Entry arrow_entry(Bytes value, std::int64_t index) const {
    const ArrowValue read = read_arrow(value, format("{}: entry {}", path_, index));
    const ArrowValue::List* pair = read.list();
    if (pair == nullptr || pair->size() != 2 || (*pair)[0].bytes() == nullptr || (*pair)[1].number() == nullptr) {
      fail("{}: entry {} is no pair of bytes and a class", path_, index);
    }
    return {.target = *(*pair)[1].number(), .image = *(*pair)[0].bytes()};
  }

  Entry plain_entry(Bytes value, std::int64_t index) const {
    constexpr std::size_t kTarget = 8;
    if (value.size() < kTarget) fail("{}: entry {} has {} bytes; it is damaged", path_, index, value.size());
    std::uint64_t target = 0;
    for (std::size_t i = kTarget; i-- > 0;) target = target << 8 | std::to_integer<std::uint64_t>(value[i]);
    return {.target = static_cast<std::int64_t>(target), .image = value.subspan(kTarget)};
  }

  std::string path_, split_;
  LmdbFile file_;
  bool pyarrow_ = false;
  std::vector<LmdbValue> values_;
  std::unique_ptr<std::atomic<std::int32_t>[]> notes_;  ///< targets seen so far, -1 for the others
};

}  // namespace

fs::path lmdb_path(const fs::path& folder, const Split& split) {
  return folder / (split.name() + ".lmdb");
}

bool has_lmdb(const fs::path& folder, const Split& split) {
  std::error_code ignored;
  return fs::exists(lmdb_path(folder, split), ignored);
}

std::unique_ptr<Source> open_lmdb(const fs::path& folder, const Split& split) {
  const fs::path path = lmdb_path(folder, split);
  if (!has_lmdb(folder, split)) fail("{}: no such database", path.string());
  return std::make_unique<LmdbSource>(path, split.name());
}

}  // namespace springbok::data
