// Turning: EXIF's eight orientations are a transposition or none, then mirrored rows and columns.
#include "springbok/image/upright.h"

#include <algorithm>
#include <array>
#include <utility>

#include "springbok/base/error.h"

namespace springbok::image {
namespace {

/// Where the pixel (y, x) of the turned image is stored: at (y, x), or (x, y) when transposed. It is counted from the
/// other end of the stored rows or columns when these are mirrored.
struct Turn {
  bool transposed, rows, columns;
};

constexpr std::array<Turn, 9> kTurns{{{},
                                      {},
                                      {false, false, true},
                                      {false, true, true},
                                      {false, true, false},
                                      {true, false, false},
                                      {true, true, false},
                                      {true, true, true},
                                      {true, false, true}}};

const Turn& turn_of(int orientation) {
  check(orientation >= 1 && orientation <= 8, "an orientation is 1 to 8");
  return kTurns[static_cast<std::size_t>(orientation)];
}

Region mirrored(Region region, Size size, const Turn& turn) {
  if (turn.rows) region.top = size.height - region.top - region.height;
  if (turn.columns) region.left = size.width - region.left - region.width;
  return region;
}

Region transposed(const Region& region) {
  return {region.left, region.top, region.width, region.height};
}

Box turned(const Box& box, Size size, int orientation) {
  const Turn& turn = turn_of(orientation);
  Box out = box;
  const auto height = static_cast<float>(size.height), width = static_cast<float>(size.width);
  if (turn.rows) out.top = height - box.bottom, out.bottom = height - box.top;
  if (turn.columns) out.left = width - box.right, out.right = width - box.left;
  if (turn.transposed) out = {out.top, out.left, out.bottom, out.right};
  return out;
}

}  // namespace

Image turned(Image image, int orientation) {
  if (orientation == 1) return image;
  const Turn& turn = turn_of(orientation);
  const Size size = turned(Size{image.height, image.width}, orientation);
  Image out(size.height, size.width, image.channels);
  const auto pixel = static_cast<std::ptrdiff_t>(image.channels), row = static_cast<std::ptrdiff_t>(image.stride());
  const std::ptrdiff_t down = turn.rows ? -row : row, right = turn.columns ? -pixel : pixel;
  const std::uint8_t* corner =
      image.pixels.data() + (turn.rows ? (image.height - 1) * row : 0) + (turn.columns ? (image.width - 1) * pixel : 0);
  for (int y = 0; y < size.height; ++y) {
    const std::uint8_t* from = corner + y * (turn.transposed ? right : down);
    for (std::uint8_t* to = out.row(y); to != out.row(y) + out.stride(); to += pixel) {
      std::copy_n(from, pixel, to);
      from += turn.transposed ? down : right;
    }
  }
  return out;
}

Size turned(Size size, int orientation) {
  return turn_of(orientation).transposed ? Size{size.width, size.height} : size;
}

Region turned(const Region& region, Size size, int orientation) {
  const Turn& turn = turn_of(orientation);
  const Region out = mirrored(region, size, turn);
  return turn.transposed ? transposed(out) : out;
}

Region turned_back(const Region& region, Size size, int orientation) {
  const Turn& turn = turn_of(orientation);
  return mirrored(turn.transposed ? transposed(region) : region, turned(size, orientation), turn);
}

Part Upright::part(const Region& region, Image reused) const {
  Part part = encoded_.part(turned_back(region, size(), orientation_), std::move(reused));
  const Size stored{part.pixels.height, part.pixels.width};
  return {turned(std::move(part.pixels), orientation_), turned(part.region, stored, orientation_)};
}

std::optional<Reduced> Upright::reduced(const Region& region, int factor, Image reused) const {
  auto reduced = encoded_.reduced(turned_back(region, size(), orientation_), factor, std::move(reused));
  if (!reduced || orientation_ == 1) return reduced;
  const Size stored{reduced->pixels.height, reduced->pixels.width};
  const Box box = turned(reduced->box, stored, orientation_);
  return Reduced{.pixels = turned(std::move(reduced->pixels), orientation_), .box = box};
}

}  // namespace springbok::image
