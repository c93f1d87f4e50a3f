// A curve drawn with characters.
#pragma once

#include <functional>
#include <string>

namespace springbok::cli {

/// What the characters may be.
enum class Ink { ascii, blocks };

/// Blocks where standard output is a terminal that says it shows UTF-8.
Ink terminal_ink();

struct PlotSize {
  int columns = 64;
  int rows = 8;
};

/// The values of 0 to `last` in `rows` lines, as columns of equal share. A column is as high as its largest value. The
/// first and the last line say the largest value of all, and 0.
std::string plot(const std::function<double(std::int64_t)>& curve, std::int64_t last, Ink ink, PlotSize size = {});

}  // namespace springbok::cli
