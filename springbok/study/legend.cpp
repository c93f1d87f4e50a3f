// Legends as HTML.
#include "springbok/study/legend.h"

#include <algorithm>
#include <numeric>

#include "springbok/base/error.h"
#include "springbok/image/paint.h"
#include "springbok/study/chart.h"
#include "springbok/study/sections.h"

namespace springbok::study {

void Legend::add(const std::vector<std::int64_t>& counts) {
  ++images;
  pixels.resize(std::max(pixels.size(), counts.size()));
  shown.resize(pixels.size());
  for (std::size_t c = 0; c < counts.size(); ++c) {
    pixels[c] += counts[c];
    shown[c] += counts[c] > 0 ? 1 : 0;
  }
}

std::string legend_table(const Legend& legend, const std::vector<std::string>& classes) {
  if (legend.pixels.size() > classes.size()) {
    fail("{} names for the {} classes of a legend", classes.size(), legend.pixels.size());
  }
  std::vector<std::size_t> order(legend.pixels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t c) { return legend.pixels[c] == 0; });
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return legend.pixels[a] > legend.pixels[b]; });
  const auto all = static_cast<double>(std::accumulate(legend.pixels.begin(), legend.pixels.end(), std::int64_t{0}));
  const image::Palette palette = image::voc_palette();
  std::string html =
      "<div class=\"scroll\"><table class=\"sortable\">\n<thead><tr><th>class</th><th class=\"n\">of all pixels</th>"
      "<th class=\"n\">images</th></tr></thead>\n<tbody>\n";
  for (const std::size_t c : order) {
    const double share = 100 * static_cast<double>(legend.pixels[c]) / all;
    html += format(
        "<tr><td><i class=\"block\" style=\"--c:{}\"></i>{}</td><td class=\"n\" data-v=\"{:.6g}\">{:.2f} %</td>"
        "<td class=\"n\" data-v=\"{}\">{}</td></tr>\n",
        image::hex_colour(palette, static_cast<std::uint8_t>(c)), escape(classes[c]), share, share, legend.shown[c],
        with_commas(legend.shown[c]));
  }
  return html + "</tbody></table></div>\n";
}

std::string legend_page(const Legend& legend, const std::vector<std::string>& classes) {
  return format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Legend – Springbok</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n<section>\n"
      "<h2>What the colours are</h2>\n<p class=\"note\">{} images. Index 0 is not painted in overlays.</p>\n{}"
      "</section>\n</main>\n</body>\n</html>\n",
      style_sheet(), with_commas(legend.images), legend_table(legend, classes));
}

}  // namespace springbok::study
