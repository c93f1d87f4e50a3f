// Columns of characters.
#include "springbok/cli/plot.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "springbok/base/text.h"

namespace springbok::cli {
namespace {

constexpr int kEighths = 8;
constexpr std::array<const char*, kEighths + 1> kBlocks = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::int64_t kLooks = 64;  // values looked at for a column

/// The largest value of a column's share.
double column_value(const std::function<double(std::int64_t)>& curve, std::int64_t first, std::int64_t last) {
  const std::int64_t looks = std::min(kLooks, last - first + 1);
  double most = curve(last);
  for (std::int64_t i = 0; i < looks; ++i) most = std::max(most, curve(first + (last - first) * i / looks));
  return most;
}

/// What a column shows in a row, `filled` eighths above the row's foot.
const char* cell(int filled, Ink ink) {
  const int eighths = std::clamp(filled, 0, kEighths);
  if (ink == Ink::ascii) return eighths >= kEighths / 2 ? "#" : eighths > 0 ? "." : " ";
  return kBlocks[static_cast<std::size_t>(eighths)];
}

}  // namespace

Ink terminal_ink() {
  if (::isatty(STDOUT_FILENO) != 1) return Ink::ascii;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view text = value;
    const bool shows = text.find("UTF-8") != std::string_view::npos || text.find("utf8") != std::string_view::npos;
    return shows ? Ink::blocks : Ink::ascii;
  }
  return Ink::ascii;
}

std::string plot(const std::function<double(std::int64_t)>& curve, std::int64_t last, Ink ink, PlotSize size) {
  std::vector<double> values;
  const std::int64_t count = last + 1, columns = std::min<std::int64_t>(size.columns, count);
  for (std::int64_t c = 0; c < columns; ++c) {
    values.push_back(column_value(curve, count * c / columns, count * (c + 1) / columns - 1));
  }
  const double top = *std::max_element(values.begin(), values.end());
  std::string text;
  for (int row = size.rows - 1; row >= 0; --row) {
    const bool labelled = row == size.rows - 1 || row == 0;
    const std::string label = !labelled ? "" : row == 0 ? "0" : format("{:.4g}", top);
    std::string line = format("{:>10} {}", label, ink == Ink::ascii ? "|" : "│");
    for (const double value : values) {
      const double eighths = top > 0 ? value / top * kEighths * size.rows : 0;
      const int filled = static_cast<int>(std::ceil(eighths - 1e-9)) - row * kEighths;
      line += cell(filled, ink);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace springbok::cli
