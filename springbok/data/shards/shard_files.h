// Inside the room: the files of a split of tar shards, on a disk or on a server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "springbok/data/folder/image_names.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// Shards in the order in which their samples are counted. `read` may be called from many threads at once.
class ShardFiles {
 public:
  virtual ~ShardFiles() = default;
  virtual std::size_t count() const = 0;
  /// How messages and samples name it: `train/000.tar`.
  virtual const std::string& name(std::size_t shard) const = 0;
  virtual std::uint64_t size(std::size_t shard) const = 0;
  /// Changes when the content does; empty where nothing tells that.
  virtual std::string stamp(std::size_t shard) const = 0;
  /// Fills the room. Throws Error naming the shard.
  virtual void read(std::size_t shard, std::uint64_t offset, std::span<std::byte> room) const = 0;
  /// The part will soon be read: begins to fetch it, without waiting and without an Error.
  virtual void expect(std::size_t shard, std::uint64_t offset, std::uint64_t size) const = 0;
  /// As `read`, for short parts that lie far from each other.
  virtual void peek(std::size_t shard, std::uint64_t offset, std::span<std::byte> room) const = 0;
  /// Where they were looked for, in words.
  virtual const std::string& place() const = 0;
  /// Other files that lie there.
  virtual LeftOut left_out() const { return {}; }
  /// The lines of the data set's classes.txt, where it has one.
  virtual std::vector<std::string> classes() const = 0;
  /// Bytes that it keeps of what was read, 0 when it keeps nothing: samples that lie within half of it, read in any
  /// order, are fetched once.
  virtual std::uint64_t kept() const = 0;
  /// Whether a server has them.
  bool far() const { return kept() > 0; }
  /// How many threads it can serve at once.
  virtual int threads() const = 0;
};

/// Those that find_local_shards (shard_names.h) finds.
std::unique_ptr<ShardFiles> local_shards(const std::filesystem::path& folder, const Split& split);

/// The shards that `base`/train/shards.txt (or val/) lists, one a line: a name beside the list, or an address;
/// `{000..127}` stands for all numbers of the range. `base` is a folder or an address.
std::unique_ptr<ShardFiles> listed_shards(const std::string& base, const Split& split);

/// Whether a split has a list of shards.
bool has_shard_list(const std::filesystem::path& folder, const Split& split);

}  // namespace springbok::data
