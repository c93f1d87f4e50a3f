// Describing and painting samples.
#include "springbok/study/sample_view.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "springbok/base/label_sizes.h"
#include "springbok/base/text.h"
#include "springbok/image/convert.h"
#include "springbok/image/paint.h"
#include "springbok/study/chart.h"

namespace springbok::study {
namespace {

constexpr std::uint8_t kIgnored = 255;

/// ` (small, large)`.
std::string sizes_text(std::uint8_t sizes) {
  static constexpr std::array<std::pair<std::uint8_t, const char*>, kSizes> kNames{
      {{kSmall, "small"}, {kMedium, "medium"}, {kLarge, "large"}}};
  std::string text;
  for (const auto& [bit, name] : kNames) {
    if ((sizes & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text.empty() ? "" : format(" ({})", text);
}

std::string labels_text(const data::Source& source, std::int64_t index) {
  const std::vector<std::uint8_t> labels = source.labels(index);
  std::vector<std::string> names;
  for (std::size_t c = 0; c < labels.size(); ++c) {
    if (labels[c] != 0) names.push_back(source.classes()[c] + sizes_text(labels[c]));
  }
  return join(names);
}

std::string mask_text(const data::Source& source, std::int64_t index) {
  const image::Image mask = source.mask(index);
  std::vector<std::int64_t> counts(source.classes().size());
  for (const std::uint8_t pixel : mask.pixels) {
    if (pixel != kIgnored) ++counts.at(pixel);
  }
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<std::string> names;
  for (const std::size_t c : order) {
    if (counts[c] > 0) {
      names.push_back(format("{} {:.1f} %", source.classes()[c], 100 * static_cast<double>(counts[c]) / all));
    }
  }
  return join(names);
}

}  // namespace

std::string target_text(const data::Source& source, std::int64_t index) {
  switch (source.target_kind()) {
    case data::TargetKind::classes:
      break;
    case data::TargetKind::labels:
      return labels_text(source, index);
    case data::TargetKind::masks:
      return mask_text(source, index);
  }
  const std::int64_t target = source.target(index);
  return target < 0 ? "" : source.classes()[static_cast<std::size_t>(target)];
}

image::Image with_mask(const image::Image& image, const image::Image& mask) {
  if (mask.pixels.empty()) return image;
  const image::Palette palette = image::voc_palette();
  image::Image painted = image::overlay(image, mask, palette);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    for (std::size_t c = 0; mask.pixels[i] == kIgnored && c < 3; ++c) {
      painted.pixels[3 * i + c] = static_cast<std::uint8_t>((painted.pixels[3 * i + c] + 2 * palette[kIgnored][c]) / 3);
    }
  }
  return painted;
}

std::string colours_html(const data::Source& source) {
  if (source.target_kind() != data::TargetKind::masks) return "";
  std::string html = "<p class=\"colours\">";
  for (std::size_t c = 0; c < std::min<std::size_t>(source.classes().size(), kIgnored); ++c) {
    html += format("<span><i style=\"background:{}\"></i>{}</span> ",
                   image::hex_colour(image::voc_palette(), static_cast<std::uint8_t>(c)), escape(source.classes()[c]));
  }
  return html + format("<span><i style=\"background:{}\"></i>counts for nothing</span></p>\n",
                       image::hex_colour(image::voc_palette(), kIgnored));
}

}  // namespace springbok::study
