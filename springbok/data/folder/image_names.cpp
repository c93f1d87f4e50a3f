// Endings of image files.
#include "springbok/data/folder/image_names.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "springbok/base/text.h"

namespace springbok::data {
namespace {

/// torchvision's IMG_EXTENSIONS: with any other ending a folder would not have ImageFolder's samples.
constexpr std::array<std::string_view, 9> kEndings{".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                                   ".pgm", ".tif",  ".tiff", ".webp"};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// `.txt`, or `none` for a name without a dot.
std::string ending_of(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? "none" : lower(name.substr(dot));
}

}  // namespace

bool is_image_name(std::string_view name) {
  const auto ends_so = [&](std::string_view end) {
    return name.size() >= end.size() && lower(std::string(name.substr(name.size() - end.size()))) == end;
  };
  return std::any_of(kEndings.begin(), kEndings.end(), ends_so);
}

std::string image_endings() {
  return join({kEndings.begin(), kEndings.end()});
}

void LeftOut::add(const std::string& name) {
  ++counts_[ending_of(name)];
}

void LeftOut::remove(const std::string& name) {
  const auto found = counts_.find(ending_of(name));
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

void LeftOut::add(const LeftOut& others) {
  for (const auto& [ending, count] : others.counts_) counts_[ending] += count;
}

std::int64_t LeftOut::total() const {
  std::int64_t total = 0;
  for (const auto& [ending, count] : counts_) total += count;
  return total;
}

std::string LeftOut::text() const {
  if (counts_.empty()) return "";
  std::vector<std::string> parts;
  for (const bool ending : {false, true}) {  // kinds in words first: they say more
    for (const auto& [kind, count] : counts_) {
      if ((kind.starts_with('.') || kind == "none") == ending)
        parts.push_back(format("{} {}", with_commas(count), kind));
    }
  }
  return format("{} other file{} left out ({})", with_commas(total()), total() == 1 ? "" : "s", join_first(parts));
}

}  // namespace springbok::data
