// Mixing the images of a batch with others of it.
#include "springbok/data/load/mix.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "springbok/base/error.h"

namespace springbok::data {
namespace {

/// The logarithm of one draw of Gamma(shape, 1): Marsaglia and Tsang 2000; shapes below 1 by their section 6. The
/// logarithm, because small shapes give values below the smallest double.
double log_gamma_draw(double shape, Rng& rng) {
  if (shape < 1) return log_gamma_draw(shape + 1, rng) + std::log(1 - rng.uniform()) / shape;
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = rng.normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return std::log(d * v);
  }
}

/// Walks over the images so that each is mixed with its partner as it was: `change` is given its place too.
template <class F>
void with_partners(Batch& batch, const std::vector<std::int64_t>& partners, F change) {
  const std::size_t count = static_cast<std::size_t>(batch.size), values = batch.pixels.size() / count;
  float* const pixels = batch.pixels.data();
  if (!partners.empty()) {
    const std::vector<float> before = batch.pixels;
    for (std::size_t i = 0; i < count; ++i) {
      change(i, pixels + i * values, before.data() + static_cast<std::size_t>(partners[i]) * values);
    }
    return;
  }
  std::vector<float> before_first = batch.previous;
  if (before_first.empty()) before_first.assign(pixels + (count - 1) * values, pixels + count * values);
  for (std::size_t i = count; i-- > 0;) {
    change(i, pixels + i * values, i == 0 ? before_first.data() : pixels + (i - 1) * values);
  }
}

void blend(float* image, const float* partner, std::size_t values, double share) {
  const auto own = static_cast<float>(share), other = static_cast<float>(1 - share);
  for (std::size_t i = 0; i < values; ++i) image[i] = partner[i] * other + image[i] * own;
}

void paste(float* image, const float* partner, const Batch& batch, const image::Region& box) {
  const auto width = static_cast<std::size_t>(batch.width), channels = static_cast<std::size_t>(batch.channels);
  for (int y = 0; y < box.height; ++y) {
    const std::size_t at =
        (static_cast<std::size_t>(box.top + y) * width + static_cast<std::size_t>(box.left)) * channels;
    std::copy_n(partner + at, static_cast<std::size_t>(box.width) * channels, image + at);
  }
}

void mix_pixels(Batch& batch, const MixChoice& choice) {
  const std::size_t values = batch.pixels.size() / static_cast<std::size_t>(batch.size);
  const ImageMix all{choice.share, choice.box};
  with_partners(batch, choice.partners, [&](std::size_t i, float* image, const float* partner) {
    const ImageMix& own = choice.each.empty() ? all : choice.each[i];
    if (own.box) return paste(image, partner, batch, *own.box);
    if (choice.each.empty() || own.share != 1) blend(image, partner, values, own.share);
  });
}

/// Places in the batch, or nothing for the images before.
std::vector<std::int64_t> draw_partners(MixPartner kind, std::int64_t images, Rng& rng) {
  std::vector<std::int64_t> partners;
  if (kind == MixPartner::previous || images == 0) return partners;
  const Permutation order(static_cast<std::uint64_t>(images), kind == MixPartner::permuted ? rng.next_u64() : 0);
  for (std::int64_t i = 0; i < images; ++i) {
    partners.push_back(kind == MixPartner::flipped
                           ? images - 1 - i
                           : static_cast<std::int64_t>(order.at(static_cast<std::uint64_t>(i))));
  }
  return partners;
}

/// Where CutMix's box begins or ends on one side.
struct Side {
  int from = 0, to = 0;
};
Side side_of(int length, double share, int middle, CutmixBox box) {
  const double root = std::sqrt(1.0 - share);
  const int half = static_cast<int>(0.5 * root * length), whole = static_cast<int>(root * length);
  const bool odd = box == CutmixBox::odd;
  return {std::max(middle - (odd ? whole / 2 : half), 0), std::min(middle + (odd ? (whole + 1) / 2 : half), length)};
}

/// Of rows of targets those of the partners. `before_first`: the row of the image before the first one, or nothing.
template <class T>
std::vector<T> rows_of_partners(const std::vector<T>& rows, const std::vector<T>& before_first, const MixChoice& choice,
                                std::int64_t images) {
  std::vector<T> partners = rows;
  const std::ptrdiff_t width = std::ssize(rows) / images;
  if (choice.partners.empty()) {
    std::rotate(partners.begin(), partners.end() - width, partners.end());
    std::copy(before_first.begin(), before_first.begin() + std::min(width, std::ssize(before_first)), partners.begin());
  }
  for (std::ptrdiff_t i = 0; width > 0 && i < std::ssize(choice.partners); ++i) {
    std::copy_n(rows.begin() + choice.partners[static_cast<std::size_t>(i)] * width, width,
                partners.begin() + i * width);
  }
  return partners;
}

void check_whole(const Batch& batch, const MixChoice& choice) {
  const std::size_t values = static_cast<std::size_t>(batch.height) * batch.width * batch.channels;
  if (!batch.masks.empty()) fail("mixing: images with masks are not mixed");
  const auto size = static_cast<std::size_t>(batch.size);
  const bool labelled = batch.labels.empty() ? batch.targets.size() == size : batch.labels.size() % size == 0;
  const bool whole =
      labelled && batch.pixels.size() == size * values && (batch.previous.empty() || batch.previous.size() == values);
  if (!whole) fail("mixing: the batch does not hold the pixels and targets of its {} images", batch.size);
  const auto lies_outside = [&](const std::optional<image::Region>& box) {
    return box && !image::inside(*box, {batch.height, batch.width}) && box->height > 0 && box->width > 0;
  };
  if (lies_outside(choice.box) ||
      std::any_of(choice.each.begin(), choice.each.end(), [&](const ImageMix& one) { return lies_outside(one.box); })) {
    fail("mixing: the box to paste does not lie inside the images");
  }
  if (!choice.each.empty() && choice.each.size() != size) {
    fail("mixing: {} draws for {} images", choice.each.size(), batch.size);
  }
  const bool known =
      choice.partners.empty() ||
      (choice.partners.size() == size && std::all_of(choice.partners.begin(), choice.partners.end(),
                                                     [&](std::int64_t at) { return at >= 0 && at < batch.size; }));
  if (!known) fail("mixing: the partners are not {} places in the batch", batch.size);
}

}  // namespace

double beta(double alpha, Rng& rng) {
  const bool above = alpha > 0 && std::isfinite(alpha);
  if (!above) fail("mixing: the parameter of a beta distribution is above 0 and finite, got {}", alpha);
  const double a = log_gamma_draw(alpha, rng), b = log_gamma_draw(alpha, rng);
  return 1 / (1 + std::exp(b - a));
}

const std::vector<std::string>& mix_mode_names() {
  static const std::vector<std::string> names{"batch", "elem", "pair"};
  return names;
}

const std::vector<std::string>& mix_partner_names() {
  static const std::vector<std::string> names{"previous", "flipped", "permuted"};
  return names;
}

const std::vector<std::string>& cutmix_share_names() {
  static const std::vector<std::string> names{"area", "drawn"};
  return names;
}

const std::vector<std::string>& cutmix_box_names() {
  static const std::vector<std::string> names{"even", "odd"};
  return names;
}

MixOdds mix_odds(const MixSettings& settings) {
  if (!settings.any()) return {};
  const bool both = settings.mixup > 0 && settings.cutmix > 0;
  const double cuts = both ? settings.cutmix_odds : settings.cutmix > 0 ? 1 : 0;
  return {.mixup = settings.prob * (1 - cuts), .cutmix = settings.prob * cuts, .none = 1 - settings.prob};
}

MixChoice cutmix_choice(image::Size image, double share, int y, int x, CutmixBox box, CutmixShare kept) {
  const Side down = side_of(image.height, share, y, box), across = side_of(image.width, share, x, box);
  const image::Region region{down.from, across.from, down.to - down.from, across.to - across.from};
  const double covered = static_cast<double>(region.width) * region.height;
  const double left = 1.0 - covered / (static_cast<double>(image.width) * image.height);
  return {.share = kept == CutmixShare::area ? left : share, .box = region};
}

MixChoice cutmix_box_choice(const MixSettings& settings, image::Size image, Rng& rng) {
  const auto side = [&](int length) {
    const auto least = static_cast<int>(length * settings.box_min), most = static_cast<int>(length * settings.box_max);
    return least + static_cast<int>(rng.below(static_cast<std::uint64_t>(std::max(most - least, 1))));
  };
  const auto place = [&](int length, int size) {
    return static_cast<int>(rng.below(static_cast<std::uint64_t>(std::max(length - size, 1))));
  };
  image::Region box{.height = side(image.height), .width = side(image.width)};
  box.top = place(image.height, box.height);
  box.left = place(image.width, box.width);
  const double area = static_cast<double>(image.height) * image.width;
  return {.share = 1.0 - static_cast<double>(box.height) * box.width / area, .box = box};
}

namespace {

/// One draw: of a batch, or of one image.
MixChoice draw(const MixSettings& settings, image::Size image, Rng& rng) {
  const MixOdds odds = mix_odds(settings);
  if (odds.none >= 1 || (odds.none > 0 && rng.uniform() < odds.none)) return {.mixed = false};
  bool cuts = odds.mixup <= 0;
  if (odds.mixup > 0 && odds.cutmix > 0) {
    cuts = settings.cutmix_odds == 0.5 ? rng.below(2) == 1 : rng.uniform() < settings.cutmix_odds;
  }
  const bool boxes = cuts && settings.box_max > 0;
  MixChoice choice{.share = boxes ? 1 : beta(cuts ? settings.cutmix : settings.mixup, rng)};
  if (boxes) {
    choice = cutmix_box_choice(settings, image, rng);
  } else if (cuts) {
    const auto x = static_cast<int>(rng.below(static_cast<std::uint64_t>(image.width)));
    const auto y = static_cast<int>(rng.below(static_cast<std::uint64_t>(image.height)));
    choice = cutmix_choice(image, choice.share, y, x, settings.box, settings.share);
  }
  return choice;
}

}  // namespace

MixChoice choose_mix(const MixSettings& settings, image::Size image, std::int64_t images, Rng& rng) {
  MixChoice choice = draw(settings, image, rng);
  if (choice.mixed) choice.partners = draw_partners(settings.partner, images, rng);
  return choice;
}

MixChoice choose_mix(const MixSettings& settings, image::Size image, std::int64_t images, Rng& rng,
                     const std::function<Rng(std::int64_t image)>& stream_of) {
  if (settings.mode == MixMode::batch) return choose_mix(settings, image, images, rng);
  const bool pairs = settings.mode == MixMode::pair;
  MixChoice choice{.partners = draw_partners(settings.partner, images, rng),
                   .each = std::vector<ImageMix>(static_cast<std::size_t>(images))};
  const std::int64_t draws = pairs ? images / 2 : images;
  for (std::int64_t i = 0; i < draws; ++i) {
    Rng own = stream_of(i);
    const MixChoice one = draw(settings, image, own);
    choice.each[static_cast<std::size_t>(i)] = {one.share, one.box};
    if (pairs) choice.each[static_cast<std::size_t>(images - 1 - i)] = {one.share, one.box};
  }
  return choice;
}

std::vector<std::int64_t> mix(Batch& batch, const MixChoice& choice) {
  if (!choice.mixed) return {};
  check_whole(batch, choice);
  if (batch.size == 0) return {};
  mix_pixels(batch, choice);
  const std::vector<std::int64_t> before_first =
      batch.previous.empty() ? std::vector<std::int64_t>{} : std::vector{batch.previous_target};
  return rows_of_partners(batch.targets, before_first, choice, batch.size);
}

std::vector<std::uint8_t> partner_labels(const Batch& batch, const MixChoice& choice) {
  if (!choice.mixed || batch.size == 0) return {};
  return rows_of_partners(batch.labels, batch.previous_labels, choice, batch.size);
}

}  // namespace springbok::data
