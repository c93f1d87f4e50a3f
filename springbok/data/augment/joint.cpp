// Joint transforms of image and mask.
#include "springbok/data/augment/joint.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"
#include "springbok/image/geometry.h"

namespace springbok::data {
namespace {

using image::Image;

/// An image of `size` that is `fill` but for `image` at (top, left).
Image placed(Image image, image::Size size, int top, int left, const image::Fill& fill) {
  if (image.height == size.height && image.width == size.width) return image;
  Image out(size.height, size.width, image.channels);
  const auto channels = static_cast<std::size_t>(out.channels);
  for (std::size_t i = 0; i < out.stride(); ++i) out.pixels[i] = fill[i % channels];
  for (int y = 1; y < out.height; ++y) std::copy_n(out.row(0), out.stride(), out.row(y));
  const std::ptrdiff_t skipped = std::ptrdiff_t{left} * image.channels;
  for (int y = 0; y < image.height; ++y) std::copy_n(image.row(y), image.stride(), out.row(y + top) + skipped);
  return out;
}

/// What is padded along one axis: before and behind.
struct Padding {
  int before = 0, behind = 0;
};

Padding padding(int side, int crop, JointForm form) {
  if (form == JointForm::plain) return {0, std::max(0, crop - side)};
  const int each = std::max(0, (1 + crop - side) / 2);
  return {each, each};
}

int padded_side(int side, int crop, JointForm form) {
  const Padding pad = padding(side, crop, form);
  return pad.before + side + pad.behind;
}

struct ScaledPart {
  JointForm form = JointForm::plain;
  image::PassOrder order = image::PassOrder::pillow12;
  std::optional<image::Region> part = {};  ///< of the scaled and mirrored image; all by default
};

Labelling scaled_part(const Labelling& labelling, const JointChoice& choice, const ScaledPart& wanted) {
  const int height = scaled_side(labelling.image.height, choice.scale, wanted.form);
  const int width = scaled_side(labelling.image.width, choice.scale, wanted.form);
  const bool first = wanted.form == JointForm::elastic;  // mirrored before it is scaled
  const bool after = !first && choice.flip;
  std::optional<image::Region> window = wanted.part;
  if (window && after) window->left = width - window->left - window->width;
  const auto scaled = [&](const Image& image, image::Filter filter) {
    return image::resize(
        first && choice.flip ? image::flip_horizontally(image) : image,
        {.height = height, .width = width, .filter = filter, .order = wanted.order, .window = window, .flip = after});
  };
  return {scaled(labelling.image, first ? image::Filter::lanczos : image::Filter::bilinear),
          scaled(labelling.mask, image::Filter::nearest)};
}

/// [first, second) of a Python slice of `length` items.
std::pair<int, int> slice(int from, int to, int length) {
  const auto place = [&](int at) { return std::clamp(at < 0 ? at + length : at, 0, length); };
  return {place(from), std::max(place(from), place(to))};
}

void check_prediction(const Image& prediction, const JointCrop& crop) {
  const Image& mask = crop.labelling.mask;
  image::expect_channels(prediction, {1}, "a predicted mask");
  if (prediction.height != mask.height || prediction.width != mask.width) {
    fail("a prediction of {} x {} does not fit its crop of {} x {}", prediction.height, prediction.width, mask.height,
         mask.width);
  }
}

}  // namespace

void expect_fitting(const Labelling& labelling) {
  image::expect_whole(labelling.image, "a labelled image");
  image::expect_channels(labelling.mask, {1}, "a mask");
  if (labelling.image.height != labelling.mask.height || labelling.image.width != labelling.mask.width) {
    fail("a mask of {} x {} does not fit its image of {} x {}", labelling.mask.height, labelling.mask.width,
         labelling.image.height, labelling.image.width);
  }
}

const std::vector<std::string>& joint_form_names() {
  static const std::vector<std::string> names{"plain", "elastic"};
  return names;
}

JointDraws draw_joint(Rng& rng) {
  JointDraws draws;
  for (double* draw : {&draws.flip, &draws.scale, &draws.row, &draws.column}) *draw = rng.uniform();
  return draws;
}

int scaled_side(int size, double scale, JointForm form) {
  const double side = size * scale;
  return std::max(1, static_cast<int>(form == JointForm::elastic ? std::nearbyint(side) : side));
}

JointChoice choose_joint(const JointAugment& augment, image::Size size, const JointDraws& draws) {
  const bool valid = augment.scale_min > 0 && augment.scale_min <= augment.scale_max && augment.crop.height > 0 &&
                     augment.crop.width > 0;
  if (!valid) {
    fail_usage("scales from {} to {} and a crop of {} x {}: they must be above 0 and in order", augment.scale_min,
               augment.scale_max, augment.crop.height, augment.crop.width);
  }
  const double low = std::log2(augment.scale_min), high = std::log2(augment.scale_max);
  JointChoice choice{.scale = std::pow(2.0, low + draws.scale * (high - low)), .flip = draws.flip < augment.flip};
  const auto place = [&](int side, int crop, double draw) {
    const int free = padded_side(scaled_side(side, choice.scale, augment.form), crop, augment.form) - crop;
    return std::min(static_cast<int>(draw * (free + 1)), free);
  };
  choice.top = place(size.height, augment.crop.height, draws.row);
  choice.left = place(size.width, augment.crop.width, draws.column);
  return choice;
}

Labelling joint_scaled(const Labelling& labelling, const JointChoice& choice, JointForm form, image::PassOrder order) {
  expect_fitting(labelling);
  return scaled_part(labelling, choice, {.form = form, .order = order});
}

image::Region JointCrop::content() const {
  const int first_row = std::max(0, padded_top - top), first_column = std::max(0, padded_left - left);
  const int last_row = std::min(labelling.mask.height, padded_top - top + size.height);
  const int last_column = std::min(labelling.mask.width, padded_left - left + size.width);
  return {first_row, first_column, std::max(0, last_row - first_row), std::max(0, last_column - first_column)};
}

JointCrop place_joint(image::Size size, const JointChoice& choice, const JointAugment& augment) {
  JointCrop crop{.size = {scaled_side(size.height, choice.scale, augment.form),
                          scaled_side(size.width, choice.scale, augment.form)},
                 .top = choice.top,
                 .left = choice.left};
  crop.padded_top = padding(crop.size.height, augment.crop.height, augment.form).before;
  crop.padded_left = padding(crop.size.width, augment.crop.width, augment.form).before;
  crop.labelling.mask.height = augment.crop.height;  // which `content` asks for
  crop.labelling.mask.width = augment.crop.width;
  return crop;
}

JointCrop apply_joint(const Labelling& labelling, const JointChoice& choice, const JointAugment& augment,
                      const image::Fill& fill, image::PassOrder order) {
  expect_fitting(labelling);
  JointCrop crop = place_joint({labelling.image.height, labelling.image.width}, choice, augment);
  const image::Region content = crop.content();
  const image::Region part{content.top + crop.top - crop.padded_top, content.left + crop.left - crop.padded_left,
                           content.height, content.width};
  Labelling shown = scaled_part(labelling, choice, {.form = augment.form, .order = order, .part = part});
  crop.labelling = {placed(std::move(shown.image), augment.crop, content.top, content.left, fill),
                    placed(std::move(shown.mask), augment.crop, content.top, content.left, {kIgnored})};
  return crop;
}

std::vector<float> normalised(const JointCrop& crop, const image::Normaliser& normaliser) {
  const Image& image = crop.labelling.image;
  std::vector<float> pixels(image.pixels.size());
  normaliser(image, pixels.data());
  const image::Region content = crop.content();
  for (int y = 0; y < image.height; ++y) {
    const auto row = pixels.begin() + static_cast<std::ptrdiff_t>(y * image.stride());
    const bool inside = y >= content.top && y < content.top + content.height;
    const int from = inside ? content.left : image.width, to = inside ? content.left + content.width : image.width;
    std::fill(row, row + std::ptrdiff_t{from} * image.channels, 0.0F);
    std::fill(row + std::ptrdiff_t{to} * image.channels, row + static_cast<std::ptrdiff_t>(image.stride()), 0.0F);
  }
  return pixels;
}

Labelling pad_to(const Labelling& labelling, int size, const image::Fill& fill) {
  expect_fitting(labelling);
  const image::Size whole{std::max(labelling.image.height, size), std::max(labelling.image.width, size)};
  return {placed(labelling.image, whole, 0, 0, fill), placed(labelling.mask, whole, 0, 0, {kIgnored})};
}

image::Image cut_back(const image::Image& prediction, const JointCrop& crop) {
  check_prediction(prediction, crop);
  const image::Region content = crop.content();
  return placed(image::crop(prediction, content), crop.size, content.top - (crop.padded_top - crop.top),
                content.left - (crop.padded_left - crop.left), {kIgnored});
}

image::Image cut_back_swapped(const image::Image& prediction, const JointCrop& crop) {
  check_prediction(prediction, crop);
  const int first_row = crop.padded_top - crop.left, first_column = crop.padded_left - crop.top;
  const auto [top, bottom] = slice(first_row, first_row + crop.size.height, prediction.height);
  const auto [left, right] = slice(first_column, first_column + crop.size.width, prediction.width);
  if (bottom > top && right > left) return image::crop(prediction, {top, left, bottom - top, right - left});
  Image empty;
  empty.height = bottom - top;
  empty.width = right - left;
  empty.channels = 1;
  return empty;
}

image::Fill mean_colour(const Preprocess& preprocess) {
  image::Fill fill{};
  for (std::size_t c = 0; c < preprocess.mean.size() && c < fill.size(); ++c) {
    fill[c] = static_cast<std::uint8_t>(std::clamp(std::lround(255 * preprocess.mean[c]), 0L, 255L));
  }
  return fill;
}

}  // namespace springbok::data
