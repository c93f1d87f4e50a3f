// Reading the headers of shards, and keeping what they said.
#include "springbok/data/shard_samples.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/threads.h"
#include "springbok/data/http_file.h"
#include "springbok/data/image_names.h"
#include "springbok/data/kept_index.h"

namespace springbok::data {
namespace {

/// `dir/0001.seg.png` -> (`dir/0001`, `seg.png`).
std::pair<std::string, std::string> split_name(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t dot = name.find('.', slash == std::string::npos ? 0 : slash + 1);
  return {name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1)};
}

bool is_class(const std::string& ending) {
  return ending == "cls" || ending == "cls.txt" || ending == "txt";
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// Groups the members of one shard into samples: those of one name up to its first dot. Throws Error for a shard that
/// is no tar, was cut, or has an image without a class or the reverse.
class Scan {
 public:
  Scan(const ShardFiles& files, std::size_t shard) : shard_(files.name(shard)), reader_(at(files, shard)) {}

  ShardSamples samples() {
    Sample sample;
    while (const auto member = reader_.next()) {
      const auto [key, ending] = split_name(member->name);
      if (key != sample.key) finish(std::exchange(sample, {.key = key, .image = {}, .label = {}}));
      if (is_class(ending)) {
        sample.label = trimmed(reader_.text_of(*member));
      } else if (ending.find('.') == std::string::npos && is_image_name("." + ending)) {
        sample.image = member;
      }
    }
    finish(sample);
    return std::move(found_);
  }

 private:
  struct Sample {
    std::string key;
    std::optional<TarReader::Member> image;
    std::optional<std::string> label;
  };

  static TarReader at(const ShardFiles& files, std::size_t shard) {
    const auto read = [&files, shard](std::uint64_t offset, std::span<std::byte> room) {
      files.peek(shard, offset, room);
    };
    return {read, files.size(shard), files.name(shard)};
  }

  void finish(const Sample& sample) {
    if (sample.key.empty() || (!sample.image && !sample.label)) return;  // other members, such as json alone
    if (!sample.image) fail("{}/{}: has a class but no image ({})", shard_, sample.key, image_endings());
    if (!sample.label) fail("{}/{}: has no class; expected {}.cls beside it", shard_, sample.image->name, sample.key);
    found_.images.push_back(*sample.image);
    found_.labels.push_back(*sample.label);
  }

  const std::string& shard_;
  TarReader reader_;
  ShardSamples found_;
};

constexpr std::string_view kFormat = "springbok-shards-1";

/// What an index holds: the samples of a shard by its stamp.
using Known = std::map<std::string, ShardSamples, std::less<>>;

std::string index_body(const ShardFiles& files, const std::vector<ShardSamples>& shards) {
  IndexWriter out;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string stamp = files.stamp(i);
    if (stamp.empty()) continue;
    out.text(stamp);
    out.number<std::uint64_t>(shards[i].images.size());
    for (std::size_t j = 0; j < shards[i].images.size(); ++j) {
      out.text(shards[i].images[j].name);
      out.number(shards[i].images[j].at);
      out.number(shards[i].images[j].size);
      out.text(shards[i].labels[j]);
    }
  }
  return out.bytes();
}

Known read_body(std::string_view body) {
  Known known;
  IndexReader in(body);
  while (in.good() && !in.at_end()) {
    const std::string stamp(in.text());
    ShardSamples samples;
    for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
      TarReader::Member& member = samples.images.emplace_back();
      member.name = in.text();
      member.at = in.number<std::uint64_t>();
      member.size = in.number<std::uint64_t>();
      samples.labels.emplace_back(in.text());
    }
    known.insert_or_assign(stamp, std::move(samples));
  }
  return in.good() ? std::move(known) : Known{};
}

/// Takes what is known of the shards, and says which are left to be read.
std::vector<std::size_t> take_known(const ShardFiles& files, Known known, std::vector<ShardSamples>& shards) {
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string stamp = files.stamp(i);
    const auto found = stamp.empty() ? known.end() : known.find(stamp);
    if (found == known.end()) {
      left.push_back(i);
    } else {
      shards[i] = found->second;
    }
  }
  return left;
}

std::int64_t count_of(const std::vector<ShardSamples>& shards) {
  std::int64_t count = 0;
  for (const ShardSamples& shard : shards) count += static_cast<std::int64_t>(shard.images.size());
  return count;
}

/// Whether the index can hold anything: a server may give no version of its files.
bool any_stamp(const ShardFiles& files) {
  for (std::size_t i = 0; i < files.count(); ++i) {
    if (!files.stamp(i).empty()) return true;
  }
  return false;
}

}  // namespace

IndexedShards indexed_shards(const ShardFiles& files, const std::string& place, const ShardIndexSettings& settings) {
  std::error_code ignored;
  const auto index =
      KeptIndex::of("shards", kFormat, is_url(place) ? place : std::filesystem::canonical(place, ignored).string());
  Known known;
  if (const auto body = index.read(settings.rescan)) known = read_body(*body);
  IndexedShards found{.shards = std::vector<ShardSamples>(files.count()), .read = 0, .index = index.file};
  const std::vector<std::size_t> left = take_known(files, std::move(known), found.shards);
  parallel_for(left.size(), files.threads(),
               [&](std::size_t i) { found.shards[left[i]] = Scan(files, left[i]).samples(); });
  found.read = static_cast<std::int64_t>(left.size());
  const bool small = !files.far() && count_of(found.shards) < settings.least_samples;
  if (small || !any_stamp(files)) {
    found.index.clear();
  } else if (!left.empty() && !index.write(index_body(files, found.shards))) {
    found.index.clear();
  }
  return found;
}

}  // namespace springbok::data
