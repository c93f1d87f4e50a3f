// Loading images with labels and with masks: the same batches whatever the workers and ranks, and what is refused.
#include <gtest/gtest.h>

#include <memory>

#include "springbok/data/load/loader.h"
#include "springbok/data/load/mix.h"
#include "tests/support/message_of.h"
#include "tests/support/squares.h"

namespace springbok::data {
namespace {

using springbok::testing::message_of;
using springbok::testing::Squares;

const Preprocess kSmallImages{.size = 16, .crop_ratio = 1};

PixelTransform joint(JointForm form = JointForm::plain) {
  return PixelTransform(kSmallImages, {.crop = {16, 16}, .form = form}, {.brightness = 0.3, .saturation = 0.2});
}

/// Batches of all ranks, one after the other, and what their images were mixed with.
struct Epoch {
  std::vector<float> pixels;
  std::vector<std::uint8_t> labels, masks, partners;
  std::vector<std::int64_t> indices;
  bool operator==(const Epoch&) const = default;

  template <class T>
  static void append(std::vector<T>& all, const std::vector<T>& more) {
    all.insert(all.end(), more.begin(), more.end());
  }
  void add(const Batch& batch) {
    EXPECT_TRUE(batch.targets.empty());
    append(pixels, batch.pixels);
    append(labels, batch.labels);
    append(masks, batch.masks);
    append(indices, batch.indices);
  }
};

Epoch load(const Source& source, const SampleTransform& transform, LoaderSettings settings, int ranks = 1,
           const MixChoice& choice = {.mixed = false}) {
  settings.ranks = ranks;
  std::vector<std::unique_ptr<Loader>> loaders;
  for (settings.rank = 0; settings.rank < ranks; ++settings.rank) {
    loaders.push_back(std::make_unique<Loader>(source, transform, settings));
  }
  Epoch epoch;
  for (bool more = true; more;) {
    for (const auto& loader : loaders) {
      std::optional<Batch> batch = loader->next();
      more = batch.has_value();
      if (!batch) break;
      Epoch::append(epoch.partners, partner_labels(*batch, choice));
      mix(*batch, choice);
      epoch.add(*batch);
      loader->recycle(std::move(*batch));
    }
  }
  return epoch;
}

constexpr LoaderSettings kShuffled{.batch = 6, .workers = 0, .seed = 3, .epoch = 2, .shuffle = true, .repeats = 2};

TEST(LabelledLoad, LabelsAreTheSamplesOwnForAnyWorkersAndRanks) {
  const Squares source(TargetKind::labels, 21);
  const Transform transform(kSmallImages, Augment{});
  const Epoch expected = load(source, transform, kShuffled);
  ASSERT_EQ(expected.labels.size(), expected.indices.size() * 2);
  for (std::size_t i = 0; i < expected.indices.size(); ++i) {
    const std::vector<std::uint8_t> row(expected.labels.begin() + static_cast<std::ptrdiff_t>(2 * i),
                                        expected.labels.begin() + static_cast<std::ptrdiff_t>(2 * i + 2));
    EXPECT_EQ(row, source.labels(expected.indices[i])) << i;
  }
  for (const int workers : {1, 3}) {
    LoaderSettings settings = kShuffled;
    settings.workers = workers;
    for (const int ranks : {1, 2, 4}) EXPECT_EQ(load(source, transform, settings, ranks), expected) << ranks;
  }
}

TEST(LabelledLoad, MixedImagesHaveTheLabelsOfTheirNeighboursWhateverTheRanks) {
  const Squares source(TargetKind::labels, 18);
  const Transform transform(kSmallImages, Augment{});
  LoaderSettings settings = kShuffled;
  settings.repeats = 1;
  settings.mix_over = 6;
  const MixChoice choice{.share = 0.75};
  const Epoch expected = load(source, transform, settings, 1, choice);
  for (std::size_t i = 0; i < 6; ++i) {  // of the first step
    const std::int64_t before = expected.indices[(i + 5) % 6];
    const std::vector<std::uint8_t> row(expected.partners.begin() + static_cast<std::ptrdiff_t>(2 * i),
                                        expected.partners.begin() + static_cast<std::ptrdiff_t>(2 * i + 2));
    EXPECT_EQ(row, source.labels(before)) << i;
  }
  for (const int ranks : {2, 3}) EXPECT_EQ(load(source, transform, settings, ranks, choice), expected) << ranks;
  const Epoch flipped = load(source, transform, settings, 1, {.share = 0.75, .partners = {5, 4, 3, 2, 1, 0}});
  EXPECT_EQ((std::vector<std::uint8_t>{flipped.partners[0], flipped.partners[1]}), source.labels(flipped.indices[5]));
}

TEST(LabelledLoad, MasksAreTheSameForAnyWorkersAndRanks) {
  const Squares source(TargetKind::masks, 21);
  for (const JointForm form : {JointForm::plain, JointForm::elastic}) {
    const Epoch expected = load(source, joint(form), kShuffled);
    EXPECT_EQ(expected.masks.size() * 3, expected.pixels.size());
    LoaderSettings other = kShuffled;
    other.workers = 3;
    for (const int ranks : {1, 2, 4}) EXPECT_EQ(load(source, joint(form), other, ranks), expected) << ranks;
    other.epoch = 3;
    EXPECT_NE(load(source, joint(form), other).masks, expected.masks) << "another epoch is drawn anew";
  }
}

/// Red squares are where the mask says so, and what is padded is the mean colour and counts for nothing.
TEST(LabelledLoad, ImagesAndMasksAreDrawnTogether) {
  const Squares source(TargetKind::masks, 40);
  const JointAugment augment{.crop = {26, 26}, .scale_min = 0.8, .scale_max = 1.6};
  const Epoch epoch = load(source, PixelTransform(kSmallImages, augment), kShuffled);
  std::int64_t red = 0, padded = 0, wrong = 0;
  for (std::size_t i = 0; i < epoch.masks.size(); ++i) {
    const float* const rgb = epoch.pixels.data() + 3 * i;
    if (epoch.masks[i] == 1) {
      ++red;
      wrong += rgb[0] < 1.5F || rgb[1] > 0;
    }
    padded += epoch.masks[i] == 255 && rgb[0] == 0 && rgb[1] == 0 && rgb[2] == 0;
  }
  EXPECT_GT(red, 500);
  EXPECT_LT(wrong, red / 20) << "but for rounding at edges";
  EXPECT_GT(padded, 1000);
}

TEST(LabelledLoad, NativeImagesComeOneByOneInTheirOwnSize) {
  const Squares source(TargetKind::masks, 7);
  for (const int workers : {0, 2}) {
    Loader loader(source, PixelTransform(kSmallImages), {.batch = 1, .workers = workers});
    for (std::int64_t i = 0; i < source.size(); ++i) {
      const std::optional<Batch> batch = loader.next();
      ASSERT_TRUE(batch);
      const image::Image mask = source.mask(i);
      EXPECT_EQ(batch->height, mask.height);
      EXPECT_EQ(batch->width, mask.width);
      EXPECT_EQ(batch->masks, mask.pixels);
      EXPECT_EQ(batch->pixels.size(), 3 * mask.pixels.size());
    }
  }
}

TEST(LabelledLoad, BadImagesAreLeftOutWithTheirLabelsAndMasks) {
  for (const TargetKind kind : {TargetKind::labels, TargetKind::masks}) {
    Squares source(kind, 12);
    source.broken = {2, 7};
    const SampleTransform transform =
        kind == TargetKind::masks ? SampleTransform(joint()) : SampleTransform(Transform(kSmallImages, Augment{}));
    EXPECT_NE(message_of<Error>([&] { load(source, transform, {.batch = 6}); }).find("square2: is broken"),
              std::string::npos);
    const Epoch kept = load(source, transform, {.batch = 6, .skip_bad = true});
    EXPECT_EQ(kept.indices, (std::vector<std::int64_t>{0, 1, 3, 4, 5, 6, 8, 9, 10, 11}));
    EXPECT_EQ(kept.labels.size(), kind == TargetKind::labels ? 20U : 0U);
    EXPECT_EQ(kept.masks.size(), kind == TargetKind::masks ? 10U * 16 * 16 : 0U);
    if (kind == TargetKind::labels) {
      EXPECT_EQ(kept.labels[4], source.labels(3)[0]);
    }
  }
}

/// A source whose masks are of another size than its images.
class Shifted : public Squares {
 public:
  Shifted() : Squares(TargetKind::masks, 3) {}
  image::Image mask(std::int64_t) const override { return image::Image(4, 5, 1); }
};

TEST(LabelledLoad, WhatCannotBeIsRefused) {
  const Squares labels(TargetKind::labels, 6), masks(TargetKind::masks, 6);
  EXPECT_EQ(message_of<UsageError>([&] { Loader(labels, joint(), {}); }), "loader: squares has no masks");
  EXPECT_EQ(message_of<UsageError>([&] { Loader(masks, PixelTransform(kSmallImages), {.batch = 2}); }),
            "loader: images of their own size come one a batch");
  EXPECT_EQ(message_of<Error>([&] { load(Shifted(), joint(), {.batch = 3}); }),
            "square0: a mask of 4 x 5 does not fit its image of 18 x 20");
  Batch batch = *Loader(masks, joint(), {.batch = 6}).next();
  EXPECT_EQ(message_of<Error>([&] { mix(batch, {.share = 0.5}); }), "mixing: images with masks are not mixed");
}

}  // namespace
}  // namespace springbok::data
