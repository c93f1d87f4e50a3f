// Inside the room: the samples of one tar shard: its members put together by name, each with an image and a class, a
// set of labels or a mask.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "springbok/data/folder/image_names.h"
#include "springbok/data/shards/shard_files.h"
#include "springbok/data/shards/tar_reader.h"

namespace springbok::data {

/// How the name of a member is split into that of its sample and an ending. It is WebDataset's rule at the first dot of
/// the base name (`0001.seg.png` is of `0001`), or at the last one (`photo.v2.0001.jpg` is of `photo.v2.0001`).
enum class NameRule : std::uint8_t { first_dot, last_dot };

/// The endings that give a sample's class, the one that counts before the others first; in any case.
inline constexpr std::array<std::string_view, 5> kLabelEndings{"cls", "cls.txt", "json", "label", "txt"};
inline constexpr std::uint8_t kTextEnding = 4;  ///< the last: a `txt` may be a caption

/// What a sample without a class may have in its place, counted on from kLabelEndings: a mask, a text of labels, or a
/// JSON with a list of them.
inline constexpr std::uint8_t kMask = 5, kLabelsText = 6, kLabelsJson = 7;
inline constexpr std::array<std::string_view, 3> kTargetEndings{"mask.png", "labels.txt", "json"};
inline constexpr std::size_t kAllEndings = kLabelEndings.size() + kTargetEndings.size();

/// `cls`, ..., `mask.png`, ... by its number.
inline std::string_view target_ending(std::size_t number) {
  return number < kLabelEndings.size() ? kLabelEndings.at(number) : kTargetEndings.at(number - kLabelEndings.size());
}

/// The samples of one shard, in its order, and what is to be said of the others.
struct ShardSamples {
  std::vector<TarReader::Member> images;
  std::vector<std::string> labels;          ///< of each image: its class, or its labels, one a line
  std::vector<std::uint8_t> label_endings;  ///< `target_ending`, of each
  std::vector<TarReader::Member> masks;     ///< of each that has one, in the order of the images
  LeftOut left_out;                         ///< members that are of no sample, or not what it is read from
  std::string dotted;                       ///< the first image whose name the other rule splits otherwise
  std::string unfit;                        ///< the first image that the rule puts into a sample where it has no place
  std::string lone_text;                    ///< the first text that has no image
  std::string disagree;                     ///< the first sample with different labels, and them
  std::string problem;                      ///< the first image without a class, or the reverse: an Error's message
};

/// Reads all headers and short texts of a shard. Throws Error for one that is no tar, was cut, is compressed, or has a
/// name twice.
ShardSamples scan_shard(const ShardFiles& files, std::size_t shard, NameRule rule);

}  // namespace springbok::data
