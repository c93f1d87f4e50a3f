// The index file: magic and version, the path it is for, the folders, and the SHA-256 of all that. Numbers lie as in
// memory: the cache does not travel.
#include "springbok/data/tree_index.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <utility>

#include "springbok/base/cache_folder.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "springbok-tree-1";  // the digit is the version
constexpr std::size_t kHash = 64;                        // hex digits at the end

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  template <class T>
  void number(T value) {
    static_assert(std::is_integral_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number<std::uint64_t>(value.size());
    out_ += value;
  }

 private:
  std::string& out_;
};

/// Reads what Writer wrote; `good` turns false where there is less.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (good_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view text() { return take(number<std::uint64_t>()); }
  bool good() const { return good_; }
  bool at_end() const { return in_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    good_ = good_ && size <= in_.size();
    if (!good_) return {};
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
  }

  std::string_view in_;
  bool good_ = true;
};

void write_listing(Writer& out, const Listing& listing) {
  out.number(listing.stamp.inode);
  out.number(listing.stamp.modified);
  out.number(listing.stamp.changed);
  out.number<std::uint8_t>(listing.settled);
  out.number<std::uint64_t>(listing.folders.size());
  for (const std::string& name : listing.folders) out.text(name);
  out.number(listing.count);
  out.text(listing.images);
  out.number<std::uint64_t>(listing.others.counts().size());
  for (const auto& [ending, count] : listing.others.counts()) {
    out.text(ending);
    out.number(count);
  }
}

Listing read_listing(Reader& in) {
  Listing listing;
  listing.stamp.inode = in.number<std::uint64_t>();
  listing.stamp.modified = in.number<std::int64_t>();
  listing.stamp.changed = in.number<std::int64_t>();
  listing.settled = in.number<std::uint8_t>() != 0;
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) listing.folders.emplace_back(in.text());
  listing.count = in.number<std::int64_t>();
  listing.images = in.text();
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    const std::string ending(in.text());
    listing.others.add(ending, in.number<std::int64_t>());
  }
  return listing;
}

std::string_view hash_place(std::string_view bytes) {
  return bytes.substr(bytes.size() - kHash);
}

std::string hash_of(std::string_view bytes) {
  return sha256(std::as_bytes(std::span(bytes)));
}

fs::path index_file(const fs::path& cache, const std::string& top) {
  return cache / "folders" / (hash_of(top).substr(0, 32) + ".index");
}

/// Nothing when there is no index, or none that can be used.
Listings read_known(const fs::path& file, const std::string& top) {
  try {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return {};
    return read_index(read_text(file), top).value_or(Listings{});
  } catch (const Error&) {  // what cannot be read is made again
    return {};
  }
}

bool keep(const fs::path& file, const std::string& top, const Listings& folders) {
  try {
    if (file.empty()) fail("there is no home folder");
    make_folder(file.parent_path());
    AtomicFile written(file);
    written.write(write_index(top, folders));
    written.commit(/*durable=*/false);
    return true;
  } catch (const Error& error) {
    static std::atomic<bool> said = false;
    if (!said.exchange(true)) {
      std::fprintf(
          stderr,
          "springbok: warning: no index of %s is kept, so that it is listed each time: %s; set SPRINGBOK_CACHE "
          "to a folder that can be written\n",
          top.c_str(), error.what());
    }
    return false;
  }
}

bool asks_for_rescan() {
  const char* value = std::getenv("SPRINGBOK_RESCAN");
  return value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
}

std::int64_t files_in(const Listings& folders) {
  std::int64_t files = 0;
  for (const auto& [path, listing] : folders) {
    files += listing.count + listing.others.total();
  }
  return files;
}

}  // namespace

std::string write_index(const std::string& top, const Listings& folders) {
  std::string bytes(kMagic);
  Writer out(bytes);
  out.text(top);
  out.number<std::uint64_t>(folders.size());
  for (const auto& [path, listing] : folders) {
    out.text(path);
    write_listing(out, listing);
  }
  return bytes + hash_of(bytes);
}

std::optional<Listings> read_index(std::string_view bytes, const std::string& top) {
  if (bytes.size() < kMagic.size() + kHash || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::string_view hash = hash_place(bytes);
  bytes.remove_suffix(kHash);
  if (hash_of(bytes) != hash) return std::nullopt;
  Reader in(bytes.substr(kMagic.size()));
  if (in.text() != top) return std::nullopt;
  Listings folders;
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    std::string path(in.text());
    folders.emplace_hint(folders.end(), std::move(path), read_listing(in));
  }
  if (!in.good() || !in.at_end()) return std::nullopt;
  return folders;
}

IndexedTree indexed_tree(const fs::path& top, const IndexSettings& settings) {
  std::error_code ignored;
  const std::string whole = fs::canonical(top, ignored).string();
  const fs::path cache = cache_folder(), file = cache.empty() ? cache : index_file(cache, whole);
  const bool look_up = !settings.rescan && !asks_for_rescan() && !whole.empty();
  IndexedTree found{
      .tree = scan_tree(top, look_up ? read_known(file, whole) : Listings{}, settings.now, usable_cores()),
      .index = file};
  if (files_in(found.tree.folders) < settings.least_files) {
    found.index.clear();
  } else if (found.tree.differs && !keep(file, whole, found.tree.folders)) {
    found.index.clear();
  }
  return found;
}

}  // namespace springbok::data
