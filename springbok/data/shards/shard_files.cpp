// Shards on a disk, and shards on a server.
#include "springbok/data/shards/shard_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/lines.h"
#include "springbok/base/process.h"
#include "springbok/base/random_file.h"
#include "springbok/base/threads.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/shards/block_cache.h"
#include "springbok/data/shards/http_file.h"
#include "springbok/data/shards/shard_names.h"
#include "springbok/data/source/class_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// Path, size, inode and times; nothing while the file is young.
std::string stamp_text(const fs::path& file) {
  const std::string stamp = settled_stamp(file);
  return stamp.empty() ? "" : format("{} {}", file.string(), stamp);
}

/// The first ones stay open; with thousands, the others are opened for each read, as a process may have so many open
/// files.
class LocalShards : public ShardFiles {
 public:
  LocalShards(fs::path root, const Split& split) : root_(std::move(root)), found_(find_local_shards(root_, split)) {
    for (const std::string& name : found_.names) {
      auto file = std::make_unique<RandomFile>(root_ / name, RandomFile::Mode::read);
      sizes_.push_back(file->size());
      stamps_.push_back(stamp_text(root_ / name));
      if (open_.size() < kMostOpen) open_.push_back(std::move(file));
    }
  }

  std::size_t count() const override { return found_.names.size(); }
  const std::string& name(std::size_t shard) const override { return found_.names.at(shard); }
  const std::string& place() const override { return found_.place; }
  LeftOut left_out() const override { return found_.left_out; }
  std::uint64_t size(std::size_t shard) const override { return sizes_.at(shard); }
  std::string stamp(std::size_t shard) const override { return stamps_.at(shard); }
  void read(std::size_t shard, std::uint64_t offset, std::span<std::byte> room) const override {
    if (shard < open_.size()) return open_[shard]->read(offset, room);
    RandomFile(root_ / name(shard), RandomFile::Mode::read).read(offset, room);
  }
  void expect(std::size_t shard, std::uint64_t offset, std::uint64_t size) const override {
    if (shard < open_.size()) open_[shard]->expect(offset, size);
  }
  void peek(std::size_t shard, std::uint64_t offset, std::span<std::byte> room) const override {
    read(shard, offset, room);
  }
  std::vector<std::string> classes() const override { return names_if_there(root_ / "classes.txt"); }
  std::uint64_t kept() const override { return 0; }
  int threads() const override { return usable_cores(); }

 private:
  static constexpr std::size_t kMostOpen = 256;

  fs::path root_;
  LocalShardNames found_;
  std::vector<std::unique_ptr<RandomFile>> open_;
  std::vector<std::string> stamps_;
  std::vector<std::uint64_t> sizes_;
};

class ListedShards : public ShardFiles {
 public:
  ListedShards(std::string base, const Split& split) : base_(std::move(base)), place_(base_ + "/" + split.name()) {
    const std::string list = base_ + "/" + split.name() + "/shards.txt";
    for (const std::string& line : shard_lines(list)) {
      if (line.empty()) continue;
      for (const std::string& shard : expand_ranges(line)) add(address(shard, split), list);
    }
    if (addresses_.empty()) fail("{}: lists no shards; write one name or address a line", list);
    check_twice(list);
    for (const std::string& each : addresses_) names_.push_back(name_of(each, split));
    files_.resize(addresses_.size());
    parallel_for(files_.size(), kThreads, [&](std::size_t i) { files_[i].emplace(addresses_[i]); });
  }

  ListedShards(const ListedShards&) = delete;
  ListedShards& operator=(const ListedShards&) = delete;
  /// A child forked from the maker has not the threads that would be joined.
  ~ListedShards() override {
    if (!home_.is_here()) cache_.release();
  }

  std::size_t count() const override { return names_.size(); }
  const std::string& name(std::size_t shard) const override { return names_.at(shard); }
  const std::string& place() const override { return place_; }
  std::uint64_t size(std::size_t shard) const override { return files_.at(shard)->size(); }
  std::string stamp(std::size_t shard) const override {
    const HttpFile& file = *files_.at(shard);
    return file.version().empty() ? "" : format("{} {} {}", file.url(), file.size(), file.version());
  }
  void read(std::size_t shard, std::uint64_t offset, std::span<std::byte> room) const override {
    home_.expect_here("a source of shards over the net");
    cache_->read(shard, *files_.at(shard), offset, room);
  }
  void expect(std::size_t shard, std::uint64_t offset, std::uint64_t size) const override {
    if (home_.is_here()) cache_->expect(shard, *files_.at(shard), offset, size);
  }
  /// With what follows, which is often what is wanted next.
  void peek(std::size_t shard, std::uint64_t offset, std::span<std::byte> room) const override {
    constexpr std::size_t kAhead = 16 << 10;
    thread_local std::vector<std::byte> bytes;
    thread_local std::uint64_t begin = 0;
    thread_local std::string of;
    const HttpFile& file = *files_.at(shard);
    if (room.size() > kAhead) return file.read(offset, room);
    if (of != file.url() + file.version() || offset < begin || offset + room.size() > begin + bytes.size()) {
      of.clear();  // should reading fail
      bytes.resize(offset < file.size() ? std::min<std::uint64_t>(kAhead, file.size() - offset) : 0);
      file.read(offset, bytes);
      begin = offset;
      of = file.url() + file.version();
    }
    if (room.size() > begin + bytes.size() - offset) return file.read(offset, room);  // says what is missing
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset - begin), room.size(), room.begin());
  }
  std::vector<std::string> classes() const override {
    return is_url(base_) ? names_of(read_url(base_ + "/classes.txt"), base_ + "/classes.txt")
                         : names_if_there(fs::path(base_) / "classes.txt");
  }
  std::uint64_t kept() const override { return kBlock * kBlocks; }
  int threads() const override { return kThreads; }

 private:
  static constexpr std::size_t kBlock = 2 << 20, kBlocks = 128;
  static constexpr int kThreads = 16;

  std::vector<std::string> shard_lines(const std::string& list) const {
    return lines_of(is_url(list) ? read_url(list) : read_text(list), list);
  }

  void add(std::string address, const std::string& list) {
    bytes_ += address.size();
    if (addresses_.size() >= kMostShards || bytes_ > kMostShardBytes) {
      fail("{}: lists more than {} shards, or {} of names; list fewer", list, with_commas(kMostShards),
           human_bytes(kMostShardBytes));
    }
    addresses_.push_back(std::move(address));
  }

  void check_twice(const std::string& list) const {
    std::vector<std::string> sorted = addresses_;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) fail("{}: lists {} twice; name each shard once", list, *twice);
  }

  std::string address(const std::string& shard, const Split& split) const {
    if (is_url(shard)) return shard;
    if (is_url(base_)) return base_ + "/" + split.name() + "/" + shard;
    fail("{}/{}/shards.txt: {} is no address (http://... or https://...); shards on this machine need no list", base_,
         split.name(), shard);
  }

  static std::string name_of(const std::string& address, const Split& split) {
    const std::string path = address.substr(0, address.find_first_of("?#"));
    return split.name() + "/" + path.substr(path.rfind('/') + 1);
  }

  std::string base_, place_;
  std::vector<std::string> addresses_, names_;
  std::uint64_t bytes_ = 0;  ///< of all addresses
  std::vector<std::optional<HttpFile>> files_;
  Home home_;
  std::unique_ptr<BlockCache> cache_ =
      std::make_unique<BlockCache>(kBlock, kBlocks);  ///< last: it fetches from the files
};

}  // namespace

std::unique_ptr<ShardFiles> local_shards(const fs::path& folder, const Split& split) {
  return std::make_unique<LocalShards>(folder, split);
}

std::unique_ptr<ShardFiles> listed_shards(const std::string& base, const Split& split) {
  return std::make_unique<ListedShards>(base.ends_with('/') ? base.substr(0, base.size() - 1) : base, split);
}

bool has_shard_list(const fs::path& folder, const Split& split) {
  std::error_code ignored;
  return fs::is_regular_file(folder / split.name() / "shards.txt", ignored);
}

}  // namespace springbok::data
