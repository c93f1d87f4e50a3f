// Line charts as inline SVG, coloured by the page's style sheet.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace springbok::study {

/// One line. Points whose y is not finite are gaps.
struct Series {
  std::string name;                               ///< tooltips say it
  std::size_t colour = 0;                         ///< class `s0`..., repeated after kColours
  std::vector<std::pair<double, double>> points;  ///< (x, y), x ascending
  bool faint = false;       ///< a thin background line; else bold with a dot and a tooltip a point
  std::string detail = {};  ///< which of the name's values it is: `training`
};

inline constexpr std::size_t kColours = 8;

struct Chart {
  std::string title, x_label, y_label;
  std::vector<Series> series;
};

/// An `<svg>` element, 560 x 300, that scales with its container. "" when no series has a finite point.
std::string to_svg(const Chart& chart);

/// At most `count` points: means of runs of neighbours, so that a noisy curve of many steps stays readable and small.
std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>>& points, std::size_t count);

/// The text as base/quote.h's `printable` shows it, with & < > " ' as entities: fit for HTML and SVG contents and
/// attributes.
std::string escape(const std::string& text);

}  // namespace springbok::study
