// Shards by the names of files, and by the ranges of lists.
#include "springbok/data/shards/shard_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/data/folder/folder_tree.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// The endings of tar files: plain first, then compressed.
constexpr std::array<std::string_view, 11> kTarEndings{".tar",  ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.bz2",
                                                       ".tbz2", ".tar.xz", ".txz", ".tar.lz4", ".tar.z"};

/// `a.tar.gz` -> `a`; nothing for what is no tar.
std::optional<std::string> tar_stem(const std::string& name) {
  for (const std::string_view ending : kTarEndings) {
    if (name.size() > ending.size() && lower_case(name).ends_with(ending))
      return name.substr(0, name.size() - ending.size());
  }
  return std::nullopt;
}

bool is_plain_tar(const std::string& name) {
  return lower_case(name).ends_with(kTarEndings.front());
}

const Split kTest{"test"};

/// Whether a word of the name, letters with none beside them, is one of the split's.
bool names_split(const std::string& name, const Split& split) {
  const std::string text = lower_case(name);
  const std::vector<Split> names = split.spellings();
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string word = text.substr(at, end - at);
    if (std::any_of(names.begin(), names.end(), [&](const Split& each) { return each.name() == word; })) return true;
    at = end + 1;
  }
  return false;
}

/// Names in `folder`, without its folders; `folders` tells whether there are any but hidden ones.
std::vector<std::string> files_in(const fs::path& folder, bool& folders) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    std::string name = entry.path().filename().string();
    if (!entry.is_directory(error)) {
      names.push_back(std::move(name));
    } else if (!name.starts_with(".")) {
      folders = true;
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Sorts `files` into shards and others. `flat`: those of the other split count as neither.
void take_shards(const std::vector<std::string>& files, const std::string& before, bool flat, const Split& split,
                 LocalShardNames& found) {
  for (const std::string& name : files) {
    const auto stem = tar_stem(name);
    if (!stem || name.front() == '.') {
      const bool part_of_set = name == "shards.txt" || name == "classes.txt";
      if (!flat && !part_of_set) found.left_out.add(name);
      continue;
    }
    std::int64_t parts = names_split(name, Split::train) + names_split(name, Split::val) + names_split(name, kTest);
    const bool asked = names_split(name, split);
    if (parts == 0 && asked) parts = 1;
    const bool twin = !is_plain_tar(name) && std::binary_search(files.begin(), files.end(), *stem + ".tar");
    if (twin || (flat && parts != 1)) {
      found.left_out.add(name);
    } else if (!flat || asked) {
      found.names.push_back(before + name);
    }
  }
}

std::optional<std::uint64_t> digits(std::string_view text) {
  constexpr std::size_t kMostDigits = 20;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > kMostDigits) return std::nullopt;
  return value;
}

/// A part of a pattern: text, then perhaps the numbers `first` to `first + count - 1`, of `width` digits at least.
struct Piece {
  std::string text;
  std::uint64_t first = 0, count = 1;
  std::size_t width = 0;
  bool range = false;
};

[[noreturn]] void fail_too_many(const std::string& pattern) {
  fail("{}: stands for more shards than a list may have, which is {} and {} of names; name fewer", shortened(pattern),
       with_commas(static_cast<std::int64_t>(kMostShards)), human_bytes(kMostShardBytes));
}

/// The piece that begins at `at`, which moves behind it.
Piece next_piece(const std::string& pattern, std::size_t& at) {
  const std::size_t open = pattern.find('{', at);
  Piece piece{.text = pattern.substr(at, open - at)};
  at = std::min(open, pattern.size());
  if (open == std::string::npos) return piece;
  const std::size_t close = pattern.find('}', open), dots = pattern.find("..", open);
  const bool whole = close != std::string::npos && dots < close;
  const std::string_view text = pattern;
  const std::string_view low = whole ? text.substr(open + 1, dots - open - 1) : "";
  const auto first = digits(low), last = digits(whole ? text.substr(dots + 2, close - dots - 2) : "");
  if (!first || !last || *last < *first) {
    fail("{}: expected a range such as {{000..127}} in the braces", shortened(pattern));
  }
  if (*last - *first >= kMostShards) fail_too_many(pattern);
  at = close + 1;
  piece.first = *first;
  piece.count = *last - *first + 1;
  piece.width = low.size();
  piece.range = true;
  return piece;
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

LocalShardNames find_local_shards(const fs::path& folder, const Split& split) {
  const std::string& part = split.name();
  LocalShardNames found;
  const auto has_folder = [&](const Split& each) { return is_folder(folder / each.name()); };
  const std::vector<Split> vals = Split::val.spellings();
  if (has_folder(Split::train) || has_folder(split) || std::any_of(vals.begin(), vals.end(), has_folder)) {
    found.place = (folder / part).string();
    bool ignored = false;
    take_shards(files_in(folder / part, ignored), part + "/", false, split, found);
  } else {
    found.place = (folder / format("*{}*.tar", part)).string();
    take_shards(files_in(folder, found.beside_folders), "", true, split, found);
  }
  return found;
}

std::vector<std::string> expand_ranges(const std::string& pattern) {
  std::vector<Piece> pieces;
  std::uint64_t count = 1;
  for (std::size_t at = 0; at < pattern.size();) {
    pieces.push_back(next_piece(pattern, at));
    count *= pieces.back().count;  // both at most a million before
    if (count > kMostShards || count * pattern.size() > kMostShardBytes) fail_too_many(pattern);
  }
  std::vector<std::string> all(1);
  for (const Piece& piece : pieces) {
    std::vector<std::string> longer;
    for (const std::string& begun : all) {
      for (std::uint64_t i = 0; i < piece.count; ++i) {
        const std::string number = piece.range ? std::to_string(piece.first + i) : "";
        const std::string zeros(piece.width > number.size() ? piece.width - number.size() : 0, '0');
        longer.push_back(begun + piece.text + zeros + number);
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace springbok::data
