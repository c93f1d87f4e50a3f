// Affine transforms: Pillow's three ways to find the nearest pixel, and its bilinear and bicubic interpolation.
#include "springbok/image/warp.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/alpha.h"
#include "springbok/image/expect.h"
#include "springbok/image/geometry.h"

namespace springbok::image {
namespace {

/// Which input column or row a position falls into; -1 for those below 0.
int pixel_at(double position) {
  return position < 0 ? -1 : static_cast<int>(std::min(position, 2e9));
}

void copy_pixel(const Image& in, int y, int x, std::uint8_t* to) {
  std::memcpy(to, in.row(y) + static_cast<std::size_t>(x) * in.channels, in.channels);
}

/// Without rotation or shear, rows and columns are found apart, by adding up steps.
void nearest_scaled(const Image& in, const Matrix& m, Image& out) {
  std::vector<int> columns(static_cast<std::size_t>(out.width));
  double at = m[2] + m[0] * 0.5;
  for (int& column : columns) {
    column = pixel_at(at);
    at += m[0];
  }
  at = m[5] + m[4] * 0.5;
  for (int y = 0; y < out.height; ++y, at += m[4]) {
    const int row = pixel_at(at);
    if (row < 0 || row >= in.height) continue;
    std::uint8_t* to = out.row(y);
    for (const int column : columns) {
      if (column >= 0 && column < in.width) copy_pixel(in, row, column, to);
      to += in.channels;
    }
  }
}

/// Positions in 16.16 fixed point.
int fixed(double value) {
  return static_cast<int>(std::floor(value * 65536.0 + 0.5));
}

void nearest_fixed(const Image& in, const Matrix& m, Image& out) {
  const int a = fixed(m[0]), b = fixed(m[1]), d = fixed(m[3]), e = fixed(m[4]);
  int left_x = fixed(m[2] + m[0] * 0.5 + m[1] * 0.5), left_y = fixed(m[5] + m[3] * 0.5 + m[4] * 0.5);
  for (int y = 0; y < out.height; ++y, left_x += b, left_y += e) {
    std::uint8_t* to = out.row(y);
    int at_x = left_x, at_y = left_y;
    for (int x = 0; x < out.width; ++x, at_x += a, at_y += d, to += in.channels) {
      const int column = at_x >> 16, row = at_y >> 16;
      if (column >= 0 && column < in.width && row >= 0 && row < in.height) copy_pixel(in, row, column, to);
    }
  }
}

/// For images that fixed point cannot hold.
void nearest_real(const Image& in, const Matrix& m, Image& out) {
  double left_x = m[2] + m[1] * 0.5 + m[0] * 0.5, left_y = m[5] + m[4] * 0.5 + m[3] * 0.5;
  for (int y = 0; y < out.height; ++y, left_x += m[1], left_y += m[4]) {
    std::uint8_t* to = out.row(y);
    double at_x = left_x, at_y = left_y;
    for (int x = 0; x < out.width; ++x, at_x += m[0], at_y += m[3], to += in.channels) {
      const int column = pixel_at(at_x), row = pixel_at(at_y);
      if (column >= 0 && column < in.width && row >= 0 && row < in.height) copy_pixel(in, row, column, to);
    }
  }
}

bool fits_fixed(const Matrix& m, Size size) {
  const auto fits = [&](double x, double y) {
    return std::fabs(x * m[0] + y * m[1] + m[2]) < 32768.0 && std::fabs(x * m[3] + y * m[4] + m[5]) < 32768.0;
  };
  return fits(0, 0) && fits(size.width, size.height) && fits(0, size.height) && fits(size.width, 0);
}

void nearest(const Image& in, const Matrix& m, Image& out) {
  if (m[1] == 0 && m[3] == 0) return nearest_scaled(in, m, out);
  if (fits_fixed(m, {out.height, out.width})) return nearest_fixed(in, m, out);
  nearest_real(in, m, out);
}

/// `Taps` values around a position, `first` being the one of the lowest coordinate; the curve through them at `share`.
struct Bilinear {
  static constexpr int kTaps = 2, kBefore = 0;
  static double at(const double* v, double share) { return v[0] + (v[1] - v[0]) * share; }
};

struct Bicubic {
  static constexpr int kTaps = 4, kBefore = 1;
  static double at(const double* v, double share) {
    const double p1 = v[1], p2 = -v[0] + v[2], p3 = 2 * (v[0] - v[1]) + v[2] - v[3], p4 = -v[0] + v[1] - v[2] + v[3];
    return p1 + share * (p2 + share * (p3 + share * p4));
  }
};

/// The pixel at a position inside; columns outside repeat the edge, and so do rows, below from the last one there.
template <class Curve>
void interpolate(const Image& in, double position_x, double position_y, std::uint8_t* to) {
  position_x -= 0.5;
  position_y -= 0.5;
  const int left = static_cast<int>(std::floor(position_x)), top = static_cast<int>(std::floor(position_y));
  const double share_x = position_x - left, share_y = position_y - top;
  int columns[Curve::kTaps];
  for (int i = 0; i < Curve::kTaps; ++i)
    columns[i] = std::clamp(left - Curve::kBefore + i, 0, in.width - 1) * in.channels;
  const int first = top - Curve::kBefore;
  for (int c = 0; c < in.channels; ++c) {
    double down[Curve::kTaps];
    for (int i = 0; i < Curve::kTaps; ++i) {
      const bool there = i == 0 || (first + i >= 0 && first + i < in.height);
      if (!there) {
        down[i] = down[i - 1];
        continue;
      }
      const std::uint8_t* row = in.row(std::clamp(first + i, 0, in.height - 1)) + c;
      double across[Curve::kTaps];
      for (int j = 0; j < Curve::kTaps; ++j) across[j] = row[columns[j]];
      down[i] = Curve::at(across, share_x);
    }
    to[c] = static_cast<std::uint8_t>(std::clamp(Curve::at(down, share_y), 0.0, 255.0));
  }
}

template <class Curve>
void interpolated(const Image& in, const Matrix& m, Image& out) {
  for (int y = 0; y < out.height; ++y) {
    std::uint8_t* to = out.row(y);
    for (int x = 0; x < out.width; ++x, to += in.channels) {
      const double centre_x = x + 0.5, centre_y = y + 0.5;
      const double at_x = m[0] * centre_x + m[1] * centre_y + m[2], at_y = m[3] * centre_x + m[4] * centre_y + m[5];
      const bool within = at_x >= 0 && at_x < in.width && at_y >= 0 && at_y < in.height;
      if (within) interpolate<Curve>(in, at_x, at_y, to);
    }
  }
}

Image filled(const Image& like, Size size, const Fill& fill) {
  Image out(size.height, size.width, like.channels);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) out.pixels[i] = fill[i % static_cast<std::size_t>(like.channels)];
  return out;
}

/// Python's round(value, 15): the shortest decimal of so many digits nearest to the value.
double rounded_15(double value) {
  return std::stod(format("{:.15f}", value));
}

Matrix rotation(Size size, double degrees) {
  const double angle = -(degrees * (std::numbers::pi / 180));
  const double cosine = rounded_15(std::cos(angle)), sine = rounded_15(std::sin(angle));
  const double minus_sine = rounded_15(-std::sin(angle));
  const double x = size.width / 2.0, y = size.height / 2.0;
  Matrix m{cosine, sine, 0, minus_sine, cosine, 0};
  m[2] = m[0] * -x + m[1] * -y + 0.0 + x;
  m[5] = m[3] * -x + m[4] * -y + 0.0 + y;
  return m;
}

/// Columns become rows, the last one first: a quarter turn counter-clockwise.
Image quarter_turn(const Image& image) {
  Image out(image.width, image.height, image.channels);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      copy_pixel(image, x, image.width - 1 - y, out.row(y) + static_cast<std::size_t>(x) * out.channels);
    }
  }
  return out;
}

}  // namespace

Image affine(const Image& image, const Matrix& matrix, Size size, const WarpOptions& options) {
  constexpr double kFarthest = 1e6;
  expect_whole(image, "an affine transform");
  if (size.height < 1 || size.width < 1) {
    fail("an affine transform: sizes are above 0, got {} x {}", size.height, size.width);
  }
  for (const double value : matrix) expect_between(value, -kFarthest, kFarthest, "an affine transform's matrix");
  Image out = filled(image, size, options.fill);
  const bool alpha = image.channels == 4 && options.filter != Filter::nearest;
  Image weighted;
  if (alpha) {
    weighted = image;
    multiply_by_alpha(weighted);
  }
  const Image& in = alpha ? weighted : image;
  switch (options.filter) {
    case Filter::nearest:
      nearest(in, matrix, out);
      break;
    case Filter::bilinear:
      interpolated<Bilinear>(in, matrix, out);
      break;
    case Filter::bicubic:
      interpolated<Bicubic>(in, matrix, out);
      break;
    default:
      fail("an affine transform takes the filters nearest, bilinear and bicubic");
  }
  if (alpha) divide_by_alpha(out);
  return out;
}

Image rotate(const Image& image, double degrees, const WarpOptions& options) {
  expect_whole(image, "a rotation");
  if (!std::isfinite(degrees)) fail("a rotation by {} degrees: give a finite number", degrees);
  double angle = std::fmod(degrees, 360.0);
  if (angle < 0) angle += 360.0;
  if (angle == 0) return image;
  if (angle == 180) return flip_vertically(flip_horizontally(image));
  if (image.width == image.height && angle == 90) return quarter_turn(image);
  if (image.width == image.height && angle == 270) {
    return quarter_turn(flip_vertically(flip_horizontally(image)));
  }
  return affine(image, rotation({image.height, image.width}, angle), {image.height, image.width}, options);
}

}  // namespace springbok::image
