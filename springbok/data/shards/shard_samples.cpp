// Reading the headers of shards, and keeping what they said.
#include "springbok/data/shards/shard_samples.h"

#include <algorithm>
#include <map>
#include <utility>

#include "springbok/base/threads.h"
#include "springbok/data/shards/http_file.h"
#include "springbok/data/source/kept_index.h"

namespace springbok::data {
namespace {

constexpr std::string_view kFormat = "springbok-shards-3";

/// What an index holds: the samples of a shard by its stamp.
using Known = std::map<std::string, ShardSamples, std::less<>>;

std::string index_body(const ShardFiles& files, const std::vector<ShardSamples>& shards) {
  IndexWriter out;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const ShardSamples& shard = shards[i];
    const std::string stamp = files.stamp(i);
    if (stamp.empty() || !shard.problem.empty()) continue;
    out.text(stamp);
    out.number<std::uint64_t>(shard.images.size());
    for (std::size_t j = 0; j < shard.images.size(); ++j) {
      out.text(shard.images[j].name);
      out.number(shard.images[j].at);
      out.number(shard.images[j].size);
      out.text(shard.labels[j]);
      out.number(shard.label_endings[j]);
    }
    out.number<std::uint64_t>(shard.masks.size());
    for (const TarReader::Member& mask : shard.masks) {
      out.text(mask.name);
      out.number(mask.at);
      out.number(mask.size);
    }
    out.number<std::uint64_t>(shard.left_out.counts().size());
    for (const auto& [ending, count] : shard.left_out.counts()) {
      out.text(ending);
      out.number(count);
    }
    for (const std::string* text : {&shard.dotted, &shard.unfit, &shard.lone_text, &shard.disagree}) out.text(*text);
  }
  return out.bytes();
}

TarReader::Member read_member(IndexReader& in) {
  TarReader::Member member;
  member.name = in.text();
  member.at = in.number<std::uint64_t>();
  member.size = in.number<std::uint64_t>();
  return member;
}

ShardSamples read_shard(IndexReader& in) {
  ShardSamples shard;
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    shard.images.push_back(read_member(in));
    shard.labels.emplace_back(in.text());
    shard.label_endings.push_back(in.number<std::uint8_t>());
  }
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) shard.masks.push_back(read_member(in));
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    const std::string ending(in.text());
    shard.left_out.add(ending, in.number<std::int64_t>());
  }
  for (std::string* text : {&shard.dotted, &shard.unfit, &shard.lone_text, &shard.disagree}) *text = in.text();
  return shard;
}

Known read_body(std::string_view body) {
  Known known;
  IndexReader in(body);
  while (in.good() && !in.at_end()) {
    std::string stamp(in.text());
    known.insert_or_assign(std::move(stamp), read_shard(in));
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
  const std::string whole = is_url(place) ? place : std::filesystem::weakly_canonical(place, ignored).string();
  const auto index =
      KeptIndex::of("shards", kFormat, whole + (settings.rule == NameRule::last_dot ? " to the last dot" : ""));
  Known known;
  if (const auto body = index.read(settings.rescan)) known = read_body(*body);
  IndexedShards found{.shards = std::vector<ShardSamples>(files.count()), .read = 0, .index = index.file};
  const std::vector<std::size_t> left = take_known(files, std::move(known), found.shards);
  parallel_for(left.size(), files.threads(),
               [&](std::size_t i) { found.shards[left[i]] = scan_shard(files, left[i], settings.rule); });
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
