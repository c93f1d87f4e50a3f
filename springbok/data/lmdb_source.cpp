// LMDB databases of images.
#include "springbok/data/lmdb_source.h"

#include <lmdb.h>

#include <charconv>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/arrow_value.h"
#include "springbok/data/bytes_source.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

using Bytes = std::span<const std::byte>;

fs::path database(const fs::path& folder, Split split) {
  return folder / (split == Split::train ? "train.lmdb" : "val.lmdb");
}

Bytes bytes_of(const MDB_val& value) {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A read-only transaction that lives as long as the object. Values lie in the map and are read without it, so that
/// any thread may.
class Database {
 public:
  explicit Database(const fs::path& path) : path_(path.string()) {
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    const fs::path file = folder ? path / "data.mdb" : path;
    file_size_ = fs::file_size(file, ignored);
    if (ignored) fail("{}: {}", file.string(), ignored.message());
    const unsigned flags = MDB_RDONLY | MDB_NOLOCK | MDB_NORDAHEAD | (folder ? 0U : MDB_NOSUBDIR);
    expect(mdb_env_create(&env_));
    try {
      expect(mdb_env_open(env_, path.c_str(), flags, 0));
      check_whole();
      expect(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn_));
      expect(mdb_dbi_open(txn_, nullptr, 0, &dbi_));
    } catch (const Error&) {
      close();
      throw;
    }
  }
  ~Database() { close(); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::optional<Bytes> get(const std::string& key) const {
    MDB_val name{key.size(), const_cast<char*>(key.data())}, value{};
    const int result = mdb_get(txn_, dbi_, &name, &value);
    if (result == MDB_NOTFOUND) return std::nullopt;
    expect(result);
    return checked(value);
  }

  /// Calls `use(key, value)` for each entry in the order of the file's pages.
  template <class F>
  void for_each(F use) const {
    MDB_cursor* cursor = nullptr;
    expect(mdb_cursor_open(txn_, dbi_, &cursor));
    try {
      MDB_val key{}, value{};
      int result = 0;
      while ((result = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        use(text_of(checked(key)), checked(value));
      }
      if (result != MDB_NOTFOUND) expect(result);
    } catch (const Error&) {
      mdb_cursor_close(cursor);
      throw;
    }
    mdb_cursor_close(cursor);
  }

 private:
  void expect(int result) const {
    if (result != 0) fail("{}: {}", path_, mdb_strerror(result));
  }
  void close() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
    mdb_env_close(env_);
  }
  /// Pages past the end of a file that was cut would stop the program when touched.
  void check_whole() {
    MDB_envinfo info{};
    MDB_stat stat{};
    expect(mdb_env_info(env_, &info));
    expect(mdb_env_stat(env_, &stat));
    map_ = static_cast<const std::byte*>(info.me_mapaddr);
    const std::uint64_t needed = (static_cast<std::uint64_t>(info.me_last_pgno) + 1) * stat.ms_psize;
    if (needed <= file_size_) return;
    fail("{}: cut: {} of {} bytes are there; copy it again", path_, with_commas(static_cast<std::int64_t>(file_size_)),
         with_commas(static_cast<std::int64_t>(needed)));
  }
  Bytes checked(const MDB_val& value) const {
    const Bytes bytes = bytes_of(value);
    const bool inside =
        map_ == nullptr || (bytes.data() >= map_ && bytes.size() <= file_size_ &&
                            static_cast<std::uint64_t>(bytes.data() - map_) <= file_size_ - bytes.size());
    if (!inside) fail("{}: an entry points outside the file; it is damaged", path_);
    return bytes;
  }

  std::string path_;
  std::uint64_t file_size_ = 0;
  const std::byte* map_ = nullptr;
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
  MDB_dbi dbi_ = 0;
};

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
  LmdbSource(const fs::path& path, std::string split) : path_(path.string()), split_(std::move(split)), db_(path) {
    const auto length = db_.get("__len__");
    if (!length) fail("{}: has no entry '__len__'; expected keys 0 to N-1, __len__ and classes", path_);
    const auto plain = digits(text_of(*length));
    pyarrow_ = !plain;
    const std::int64_t count = plain ? *plain : arrow_number(*length);
    if (count < 1 || count > std::int64_t{1} << 40) fail("{}: __len__ says {} images", path_, count);
    read_classes();
    find_values(count);
    description_ = format("lmdb: {} images in {} classes ({}{})", with_commas(size()), with_commas(class_count()),
                          path_, pyarrow_ ? ", ModelZoo's" : "");
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(values_.size()); }
  std::int64_t target(std::int64_t index) const override { return entry(index).target; }
  std::string name(std::int64_t index) const override { return format("{}/{}", split_, index); }
  /// Of names, classes and the places of the values: reading all targets would read the whole file.
  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    digest.add(std::to_string(size()));
    for (const Bytes& value : values_) digest.add(std::to_string(value.size()));
    return digest.hex();
  }

 protected:
  std::vector<std::byte> bytes(std::int64_t index) const override {
    const Bytes image = entry(index).image;
    return {image.begin(), image.end()};
  }

 private:
  std::int64_t class_count() const { return static_cast<std::int64_t>(classes_.size()); }

  std::int64_t arrow_number(Bytes value) const {
    const ArrowValue read = read_arrow(value, path_ + ": __len__");
    if (read.number() == nullptr) fail("{}: __len__ is no number", path_);
    return *read.number();
  }

  void read_classes() {
    const auto value = db_.get("classes");
    if (!value) fail("{}: has no entry 'classes' that names them", path_);
    if (pyarrow_) {
      const ArrowValue read = read_arrow(*value, path_ + ": classes");
      if (read.list() == nullptr) fail("{}: classes is no list", path_);
      for (const ArrowValue& each : *read.list()) {
        if (each.bytes() == nullptr) fail("{}: a class is no text", path_);
        classes_.push_back(text_of(*each.bytes()));
      }
      return;
    }
    const std::string text = text_of(*value);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      classes_.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  /// Finds each value once: later a look at a vector does.
  void find_values(std::int64_t count) {
    std::int64_t found = 0;
    values_.resize(0);
    std::vector<Bytes> values;
    db_.for_each([&](const std::string& key, Bytes value) {
      const auto index = digits(key);
      if (!index || *index >= count) return;
      if (static_cast<std::size_t>(*index) >= values.size()) values.resize(static_cast<std::size_t>(*index) + 1);
      found += values[static_cast<std::size_t>(*index)].data() == nullptr;
      values[static_cast<std::size_t>(*index)] = value;
    });
    if (found != count) {
      fail("{}: __len__ says {} images, but {} are there; make it again", path_, with_commas(count),
           with_commas(found));
    }
    values_ = std::move(values);
  }

  Entry entry(std::int64_t index) const {
    const Bytes value = values_.at(static_cast<std::size_t>(index));
    Entry entry = pyarrow_ ? arrow_entry(value, index) : plain_entry(value, index);
    if (entry.target < 0 || entry.target >= class_count()) {
      fail("{}: entry {}: class {} of {}", path_, index, entry.target, class_count());
    }
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
  Database db_;
  bool pyarrow_ = false;
  std::vector<Bytes> values_;
};

}  // namespace

bool has_lmdb(const fs::path& folder, Split split) {
  std::error_code ignored;
  return fs::exists(database(folder, split), ignored);
}

std::unique_ptr<Source> open_lmdb(const fs::path& folder, Split split) {
  const fs::path path = database(folder, split);
  if (!has_lmdb(folder, split)) fail("{}: no such database", path.string());
  return std::make_unique<LmdbSource>(path, split == Split::train ? "train" : "val");
}

}  // namespace springbok::data
