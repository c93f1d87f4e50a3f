// Writing plain LMDB databases: what lmdb_source.cpp reads, and any program with an LMDB library.
#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/random_file.h"
#include "springbok/base/threads.h"
#include "springbok/data/lmdb/lmdb_source.h"
#include "springbok/data/pack/pack.h"
#include "springbok/image/encode.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

/// The class, 8 bytes with the low one first, and the encoded image, which is decoded once to know that it is sound.
Bytes make_value(const Source& source, std::int64_t index) {
  const std::int64_t target = source.target(index);
  if (target < 0) fail("{}: has no class, which an LMDB database needs", source.name(index));
  Bytes value(8);
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<std::byte>(target >> (8 * i) & 255);
  if (const auto encoded = source.encoded(index, source.channels())) {
    encoded->whole();
    value.insert(value.end(), encoded->bytes().begin(), encoded->bytes().end());
  } else {
    const Bytes png = image::encode_png(source.image(index, source.channels()));
    value.insert(value.end(), png.begin(), png.end());
  }
  return value;
}

/// A database in the making, of one file. Every failure is an Error with its path.
class Database {
 public:
  explicit Database(fs::path path) : path_(std::move(path)) {
    expect(mdb_env_create(&env_));
    const int opened = mdb_env_open(env_, path_.c_str(), MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0666);
    if (opened != 0) mdb_env_close(env_);
    expect(opened);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { mdb_env_close(env_); }

  /// All of them in one transaction.
  void put(const std::vector<std::pair<std::string, Bytes>>& entries) {
    make_room(entries);
    MDB_txn* transaction = nullptr;
    expect(mdb_txn_begin(env_, nullptr, 0, &transaction));
    MDB_dbi main = 0;
    int result = mdb_dbi_open(transaction, nullptr, 0, &main);
    for (std::size_t i = 0; i < entries.size() && result == 0; ++i) {
      const auto& [name, bytes] = entries[i];
      MDB_val key{name.size(), const_cast<char*>(name.data())},
          value{bytes.size(), const_cast<std::byte*>(bytes.data())};
      result = mdb_put(transaction, main, &key, &value, 0);
    }
    if (result != 0) mdb_txn_abort(transaction);
    expect(result != 0 ? result : mdb_txn_commit(transaction));
  }

 private:
  void expect(int result) const {
    if (result == EIO) result = reason_of_short_write();
    if (result != 0) fail("cannot write {}: {}", path_.string(), mdb_strerror(result));
  }

  /// LMDB calls a write that was cut short an input/output error, whatever cut it: a full disk, a quota, a limit of
  /// the process. Writing once more tells.
  int reason_of_short_write() const {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) return EIO;
    const Bytes zeros(std::size_t{1} << 20);
    int reason = EIO;
    for (int tries = 0; tries < 2; ++tries) {  // what is cut short first, fails the second time
      const ssize_t count = ::write(fd, zeros.data(), zeros.size());
      if (count < 0) reason = errno;
      if (count < 0 || static_cast<std::size_t>(count) == zeros.size()) break;
    }
    ::close(fd);
    return reason;
  }

  /// The map is as large as the file may become.
  void make_room(const std::vector<std::pair<std::string, Bytes>>& entries) {
    constexpr std::size_t kSpare = std::size_t{1} << 20, kPagesAnEntry = 4;
    MDB_envinfo info{};
    MDB_stat stat{};
    expect(mdb_env_info(env_, &info));
    expect(mdb_env_stat(env_, &stat));
    std::size_t needed = (info.me_last_pgno + 1 + kPagesAnEntry * entries.size()) * stat.ms_psize + kSpare;
    for (const auto& [name, bytes] : entries) needed += bytes.size();
    if (needed > info.me_mapsize) expect(mdb_env_set_mapsize(env_, std::max(needed, info.me_mapsize / 4 * 5)));
  }

  fs::path path_;
  MDB_env* env_ = nullptr;
};

std::string joined_classes(const Source& source) {
  std::string text;
  for (const std::string& name : source.classes()) {
    if (name.find('\n') != std::string::npos) fail("class '{}': a name of two lines cannot be written", name);
    text += name + "\n";
  }
  return text;
}

Bytes bytes_of_text(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void write_entries(const Source& source, const fs::path& path, const PackSettings& settings, PackReport& report) {
  constexpr std::int64_t kEach = 64;
  Database database(path);
  for (std::int64_t first = 0; first < source.size();) {
    const std::int64_t count = std::min(source.size() - first, kEach);
    std::vector<std::pair<std::string, Bytes>> entries(static_cast<std::size_t>(count));
    parallel_for(entries.size(), settings.threads, [&](std::size_t i) {
      const std::int64_t index = first + static_cast<std::int64_t>(i);
      entries[i] = {std::to_string(index), make_value(source, index)};
    });
    database.put(entries);
    first += count;
    report.images = first;
    if (settings.done) settings.done(first);
  }
  database.put(
      {{"__len__", bytes_of_text(std::to_string(source.size()))}, {"classes", bytes_of_text(joined_classes(source))}});
}

}  // namespace

PackReport write_lmdb(const Source& source, const fs::path& folder, const Split& split, const PackSettings& settings) {
  if (source.target_kind() != TargetKind::classes) {
    fail("{}: databases hold classes, no labels or masks; leave --to lmdb out, packs hold them", source.description());
  }
  make_folder(folder);
  const fs::path path = lmdb_path(folder, split);
  if (has_lmdb(folder, split)) fail("{}: is there already; remove it to write the source anew", path.string());
  RandomFile part(fs::path(path.string() + ".part"), RandomFile::Mode::write);
  if (!part.lock()) fail("{}: another process is writing it", part.path().string());
  part.truncate(0);
  PackReport report;
  write_entries(source, part.path(), settings, report);
  report.file = part.size();
  part.commit(path);
  return report;
}

}  // namespace springbok::data
