// Resizing: which passes run, in which order, over which rows and columns.
#include "springbok/image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/image/alpha.h"
#include "springbok/image/decode.h"
#include "springbok/image/expect.h"
#include "springbok/image/passes.h"
#include "springbok/image/scratch.h"
#include "springbok/image/taps.h"

namespace springbok::image {
namespace {

struct Axes {
  Axis down;
  Axis across;
};

Rows cut(const Rows& rows, int top, int left, int height, int width) {
  const std::size_t skipped = top * rows.stride + static_cast<std::size_t>(left) * rows.channels;
  return {rows.pixels + skipped, rows.stride, height, width, rows.channels, rows.readable - skipped};
}

Rows rows_of(const Image& image) {
  return {image.pixels.data(), image.stride(), image.height, image.width, image.channels, image.pixels.size()};
}

Axes axes_of(const Rows& in, const ResizeOptions& options) {
  const Box all{0, 0, static_cast<float>(in.width), static_cast<float>(in.height)};
  const Box box = options.box.value_or(all);
  const bool inside = box.left >= 0 && box.top >= 0 && box.right <= all.right && box.bottom <= all.bottom &&
                      box.left < box.right && box.top < box.bottom;
  if (!inside) {
    fail("the box of a resize: {}, {} to {}, {} does not lie inside {} x {}", box.top, box.left, box.bottom, box.right,
         in.height, in.width);
  }
  const Region window = options.window.value_or(Region{0, 0, options.height, options.width});
  expect_inside(window, {options.height, options.width}, "the window of a resize");
  return {.down = {in.height, box.top, box.bottom, options.height, window.top, window.height, false},
          .across = {in.width, box.left, box.right, options.width, window.left, window.width, options.flip}};
}

/// Moves the taps so that input position `begin` becomes 0.
void shift(Taps& taps, int begin) {
  for (int& first : taps.first) first -= begin;
}

/// What lies between the two passes.
thread_local Scratch scratch;

Image pass_across(const Rows& in, const Taps& taps, Image reused) {
  Image out = reshaped(std::move(reused), in.height, taps.outputs(), in.channels);
  horizontal_pass(in, taps, out.pixels.data());
  return out;
}

Image pass_down(const Rows& in, const Taps& taps, Image reused) {
  Image out = reshaped(std::move(reused), taps.outputs(), in.width, in.channels);
  vertical_pass(in, taps, out.pixels.data());
  return out;
}

Image copy(const Rows& in, Image reused) {
  Image out = reshaped(std::move(reused), in.height, in.width, in.channels);
  for (int y = 0; y < in.height; ++y) std::memcpy(out.row(y), in.pixels + y * in.stride, out.stride());
  return out;
}

/// An axis that scales nothing and mirrors nothing needs no pass: its part of the input is its output.
bool only_cuts(const Axis& axis) {
  return axis.identity() && !axis.reversed;
}

bool starts_down(const Axes& axes, PassOrder order) {
  if (order == PassOrder::pillow12) return false;
  const int down = axes.down.inputs - axes.down.outputs;
  const int across = axes.across.inputs - axes.across.outputs;
  return down > 0 && down > 2 * across;
}

Image filtered(Rows in, const Axes& axes, const ResizeOptions& options, Image reused) {
  if (only_cuts(axes.down)) in = cut(in, axes.down.part_first, 0, axes.down.part_count, in.width);
  if (only_cuts(axes.across)) in = cut(in, 0, axes.across.part_first, in.height, axes.across.part_count);
  if (only_cuts(axes.down) && only_cuts(axes.across)) return copy(in, std::move(reused));
  if (only_cuts(axes.down)) return pass_across(in, make_taps(axes.across, options.filter), std::move(reused));
  if (only_cuts(axes.across)) return pass_down(in, make_taps(axes.down, options.filter), std::move(reused));

  Taps down = make_taps(axes.down, options.filter);
  Taps across = make_taps(axes.across, options.filter);
  const int top = down.begin(), bottom = down.end(), left = across.begin(), right = across.end();
  in = cut(in, top, left, bottom - top, right - left);
  shift(down, top);
  shift(across, left);
  const bool down_first = starts_down(axes, options.order);
  Image between = down_first ? pass_down(in, down, scratch.take()) : pass_across(in, across, scratch.take());
  Image out = down_first ? pass_across(rows_of(between), across, std::move(reused))
                         : pass_down(rows_of(between), down, std::move(reused));
  scratch.give_back(std::move(between));
  return out;
}

Image nearest(const Rows& in, const Axes& axes, Image reused) {
  const Taps down = make_nearest_taps(axes.down);
  const Taps across = make_nearest_taps(axes.across);
  Image out = reshaped(std::move(reused), down.outputs(), across.outputs(), in.channels);
  std::uint8_t* to = out.pixels.data();
  for (const int y : down.first) {
    for (const int x : across.first) {
      std::memcpy(to, in.pixels + y * in.stride + static_cast<std::size_t>(x) * in.channels, in.channels);
      to += in.channels;
    }
  }
  return out;
}

}  // namespace

Image resize(const Image& image, const ResizeOptions& options, Image reused) {
  expect_whole(image, "a resize");
  if (options.height < 1 || options.width < 1) {
    fail("a resize: sizes are above 0, got {} x {}", options.height, options.width);
  }
  const Region crop = options.crop.value_or(Region{0, 0, image.height, image.width});
  expect_inside(crop, {image.height, image.width}, "the crop of a resize");
  const Rows in = cut(rows_of(image), crop.top, crop.left, crop.height, crop.width);
  const Axes axes = axes_of(in, options);
  if (options.filter == Filter::nearest) return nearest(in, axes, std::move(reused));
  const bool copies = axes.down.identity() && axes.across.identity();
  if (image.channels != 4 || copies) return filtered(in, axes, options, std::move(reused));
  Image weighted = copy(in, {});
  multiply_by_alpha(weighted);
  Image out = filtered(rows_of(weighted), axes, options, std::move(reused));
  divide_by_alpha(out);
  return out;
}

Image resize(const Image& image, int height, int width, Filter filter, PassOrder order) {
  return resize(image, {.height = height, .width = width, .filter = filter, .order = order});
}

Size shorter_side_to(Size image, int shorter) {
  const bool tall = image.height >= image.width;
  const int short_side = std::min(image.height, image.width);
  const int long_side = std::max(image.height, image.width);
  const double exact = static_cast<double>(static_cast<std::int64_t>(shorter) * long_side) / short_side;
  if (exact > static_cast<double>(kMaxPixels)) {
    fail(
        "{} x {} pixels (height x width) cannot be scaled to a shorter side of {}, the longer one would be over the "
        "limit of {}; crop or remove the image",
        with_commas(image.height), with_commas(image.width), shorter, with_commas(kMaxPixels));
  }
  const auto scaled = static_cast<int>(exact);
  return tall ? Size{scaled, shorter} : Size{shorter, scaled};
}

namespace {

/// Half of the excess, rounded half to even as Python's `round`.
int half_of(int excess) {
  return static_cast<int>(std::nearbyint(excess / 2.0));
}

}  // namespace

Region centre(Size image, Size crop) {
  if (crop.height > image.height || crop.width > image.width) {
    fail("a centre crop of {} x {} does not lie inside {} x {}", crop.height, crop.width, image.height, image.width);
  }
  return {half_of(image.height - crop.height), half_of(image.width - crop.width), crop.height, crop.width};
}

const std::vector<std::string>& filter_names() {
  static const std::vector<std::string> names{"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"};
  return names;
}

const std::vector<std::string>& pass_order_names() {
  static const std::vector<std::string> names{"pillow12", "pillow13"};
  return names;
}

Filter filter_from_name(const std::string& name) {
  if (const auto filter = find_choice<Filter>(name, filter_names())) return *filter;
  fail_usage("unknown filter '{}'; known are {}", name, join(filter_names()));
}

PassOrder pass_order_from_name(const std::string& name) {
  if (const auto order = find_choice<PassOrder>(name, pass_order_names())) return *order;
  fail_usage("unknown resampler '{}'; known are {}", name, join(pass_order_names()));
}

}  // namespace springbok::image
