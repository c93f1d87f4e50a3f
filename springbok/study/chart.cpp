// Drawing charts.
#include "springbok/study/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/study/ticks.h"

namespace springbok::study {
namespace {

constexpr double kWidth = 560, kHeight = 300;
constexpr double kLeft = 64, kRight = 14, kTop = 12, kBottom = 48;  // around the plot, for the labels

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

/// Six digits, which are more than a picture shows.
nlohmann::ordered_json rounded(double value) {
  return std::stod(format("{:.6g}", value));
}

/// Where data lands in the picture.
struct Frame {
  Axis x, y;

  double at_x(double value) const {
    return kLeft + (value - x.low()) / (x.high() - x.low()) * (kWidth - kLeft - kRight);
  }
  double at_y(double value) const {
    return kHeight - kBottom - (value - y.low()) / (y.high() - y.low()) * (kHeight - kTop - kBottom);
  }
};

/// What the page's script shows under the pointer: the plot's place, and each series' points.
std::string data_of(const Chart& chart, const Frame& frame) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const Series& series : chart.series) {
    if (series.points.empty()) continue;
    Json points = Json::array();
    for (const auto& [x, y] : series.points) points.push_back({rounded(x), std::isfinite(y) ? rounded(y) : Json()});
    const std::string name = series.detail.empty() ? series.name : series.name + ", " + series.detail;
    list.push_back({{"name", printable(name)}, {"colour", series.colour % kColours}, {"points", std::move(points)}});
  }
  const Json json{{"x", chart.x_label},
                  {"frame", {frame.x.low(), frame.x.high(), kLeft, kWidth - kRight}},
                  {"series", std::move(list)}};
  return json_text(json);
}

std::string grid(const Frame& frame) {
  std::string svg;
  for (const double tick : frame.y.ticks) {
    const double y = frame.at_y(tick);
    svg +=
        format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", kLeft, kWidth - kRight, y, y);
    svg += format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 8, y + 4, frame.y.label(tick));
  }
  for (const double tick : frame.x.ticks) {
    const double x = frame.at_x(tick);
    svg += format("<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\"/>", x, x, kHeight - kBottom,
                  kHeight - kBottom + 4);
    svg += format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x, kHeight - kBottom + 18,
                  frame.x.label(tick));
  }
  return svg;
}

std::string labels(const Chart& chart) {
  const double middle_x = (kLeft + kWidth - kRight) / 2, middle_y = (kTop + kHeight - kBottom) / 2;
  return format("<text class=\"axis\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", middle_x, kHeight - 8,
                escape(chart.x_label)) +
         format("<text class=\"axis\" transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                middle_y, escape(chart.y_label));
}

std::string path(const Series& series, const Frame& frame) {
  std::string data;
  bool pen_down = false;
  for (const auto& [x, y] : series.points) {
    const bool drawn = std::isfinite(y);
    if (drawn) data += format("{}{:.1f} {:.1f}", pen_down ? 'L' : 'M', frame.at_x(x), frame.at_y(y));
    pen_down = drawn;
  }
  return format("<path class=\"{} s{}\" d=\"{}\"/>\n", series.faint ? "faint" : "bold", series.colour % kColours, data);
}

std::string dots(const Series& series, const Frame& frame) {
  std::string svg;
  for (const auto& [x, y] : series.points) {
    if (!std::isfinite(y)) continue;
    svg +=
        format("<circle class=\"s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"><title>{}, {:g}: {:.4g}</title></circle>\n",
               series.colour % kColours, frame.at_x(x), frame.at_y(y), escape(series.name), x, y);
  }
  return svg;
}

}  // namespace

std::string to_svg(const Chart& chart) {
  Range x, y;
  for (const Series& series : chart.series) {
    for (const auto& point : series.points) {
      if (!std::isfinite(point.second)) continue;
      x.add(point.first);
      y.add(point.second);
    }
  }
  if (y.empty()) return "";
  const Frame frame{.x = axis(std::min(0.0, x.low), x.high, 8), .y = axis(y.low, y.high, 5)};
  std::string svg = format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" data-chart=\"{}\">\n", kWidth,
                           kHeight, escape(chart.title), escape(data_of(chart, frame)));
  svg += grid(frame) + labels(chart);
  for (const bool faint : {true, false}) {  // background lines first
    for (const Series& series : chart.series) {
      if (series.faint != faint) continue;
      svg += path(series, frame);
      if (!faint) svg += dots(series, frame);
    }
  }
  return svg + format("<line class=\"rule\" y1=\"{}\" y2=\"{}\"/></svg>\n", kTop, kHeight - kBottom);
}

std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>>& points,
                                               std::size_t count) {
  if (points.size() <= count) return points;
  std::vector<std::pair<double, double>> means;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * points.size() / count, end = (i + 1) * points.size() / count;
    std::pair<double, double> sum{0, 0};
    for (std::size_t k = begin; k < end; ++k) {
      sum.first += points[k].first;
      sum.second += points[k].second;
    }
    const auto n = static_cast<double>(end - begin);
    means.emplace_back(sum.first / n, sum.second / n);
  }
  return means;
}

std::string escape(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

}  // namespace springbok::study
