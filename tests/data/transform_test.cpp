// Transforms: torchvision's floats for the same image, and augmentation that is what it says.
#include "springbok/data/augment/transform.h"

#include <gtest/gtest.h>

#include <set>

#include "springbok/base/error.h"
#include "springbok/image/encode.h"
#include "springbok/image/geometry.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

image::Image picture_of(const nlohmann::json& row) {
  return picture(row["image"][0], row["image"][1], row["image"][2]);
}

std::vector<float> floats_of(const Transform& transform, const image::Image& image, Rng rng = Rng(0, {})) {
  const Preprocess& p = transform.preprocess();
  std::vector<float> floats(static_cast<std::size_t>(p.size) * p.size * p.channels, -1000.0F);
  transform(image, rng, floats.data());
  return floats;
}

// transforms.json: torchvision's Resize, CenterCrop, ToTensor and Normalize.
TEST(Transform, EvaluationEqualsTorchvision) {
  int rows = 0;
  for (const auto& row : fixture_rows("transforms.json")) {
    if (row["kind"] != "evaluation") continue;
    ++rows;
    const Transform transform(Preprocess{.size = row["size"],
                                         .channels = row["image"][2],
                                         .interpolation = image::filter_from_name(row["interpolation"]),
                                         .resampler = image::PassOrder::pillow13,
                                         .crop_ratio = row["crop_ratio"],
                                         .mean = row["mean"],
                                         .std = row["std"]});
    const std::vector<float> floats = floats_of(transform, picture_of(row));
    EXPECT_EQ(sha256(std::as_bytes(std::span(floats))), row["sha256"].get<std::string>()) << row;
  }
  EXPECT_EQ(rows, 112);
}

// transforms.json: torchvision's adjust_* functions in a given order.
TEST(Transform, JitterEqualsTorchvision) {
  int rows = 0;
  for (const auto& row : fixture_rows("transforms.json")) {
    if (row["kind"] != "jitter") continue;
    ++rows;
    image::Image image = picture_of(row);
    jitter(image, {1, 1, 1, 0.5}, {.order = row["order"], .amounts = row["amounts"]});
    EXPECT_EQ(sha256(std::as_bytes(std::span(image.pixels))), row["sha256"].get<std::string>()) << row;
  }
  EXPECT_EQ(rows, 24);
}

TEST(Transform, JitterLeavesOutStrengthZero) {
  Rng rng(1, {});
  const JitterStrength only_contrast{.contrast = 0.4};
  image::Image image = picture(9, 8, 3), expected = image;
  const JitterChoice choice = choose_jitter(only_contrast, rng);
  EXPECT_EQ(choice.amounts[0], 1);
  EXPECT_GE(choice.amounts[1], 0.6F);
  EXPECT_LE(choice.amounts[1], 1.4F);
  jitter(image, only_contrast, choice);
  jitter(expected, {1, 1, 1, 1}, {.order = {1, 0, 2, 3}, .amounts = {1, choice.amounts[1], 1, 0}});
  EXPECT_NE(image, picture(9, 8, 3));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) EXPECT_NEAR(image.pixels[i], expected.pixels[i], 12);
}

TEST(Transform, JitterOrdersAreAllDrawn) {
  std::set<std::array<int, 4>> orders;
  for (std::uint64_t i = 0; i < 500; ++i) {
    Rng rng(2, {i});
    orders.insert(choose_jitter({}, rng).order);
  }
  EXPECT_EQ(orders.size(), 24U);
}

const Preprocess kSmall{.size = 12, .crop_ratio = 1};

TEST(Transform, ResizedCropIsCropThenResizeThenFlip) {
  const Transform transform(kSmall, Augment{});
  const image::Image input = picture(50, 40, 3);
  int flipped = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Rng rng(5, {i});
    Rng replay = rng;
    const image::Region region = random_region({50, 40}, {}, replay);
    image::Image expected = image::resize(image::crop(input, region), 12, 12, image::Filter::bilinear);
    if (replay.uniform() < 0.5) {
      ++flipped;
      expected = image::flip_horizontally(expected);
    }
    ASSERT_EQ(transform.pixels(input, rng), expected) << i;
  }
  EXPECT_NEAR(flipped, 50, 20);
}

// Every window of the padded image can come out, mirrored or not, and nothing else.
TEST(Transform, PaddedCropIsAWindowOfThePaddedImage) {
  const Preprocess preprocess{.size = 6, .crop_ratio = 1};
  const Transform transform(preprocess, Augment{.crop = Crop::pad, .pad = 2});
  const image::Image input = picture(6, 6, 3);
  std::vector<std::vector<std::uint8_t>> windows;
  for (int top = -2; top <= 2; ++top) {
    for (int left = -2; left <= 2; ++left) {
      for (const bool flip : {false, true}) {
        std::vector<std::uint8_t> window;
        for (int y = 0; y < 6; ++y) {
          for (int x = 0; x < 6; ++x) {
            const int row = top + y, column = left + (flip ? 5 - x : x);
            const bool inside = row >= 0 && row < 6 && column >= 0 && column < 6;
            for (int c = 0; c < 3; ++c) window.push_back(inside ? input.row(row)[column * 3 + c] : 0);
          }
        }
        windows.push_back(std::move(window));
      }
    }
  }
  std::set<std::ptrdiff_t> seen;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto found = std::find(windows.begin(), windows.end(), transform.pixels(input, Rng(1, {i})).pixels);
    ASSERT_NE(found, windows.end()) << i;
    seen.insert(found - windows.begin());
  }
  EXPECT_EQ(seen.size(), windows.size());
}

TEST(Transform, PaddedCropOfATooSmallImage) {
  const Transform transform(kSmall, Augment{.crop = Crop::pad, .pad = 1});
  EXPECT_EQ(
      testing::message_of<Error>([&] { transform.pixels(picture(12, 9, 3), Rng(0, {})); }),
      "an image of 12 x 9 padded by 1 is smaller than the crop of 12; raise pad, lower size or use crop = resized");
  EXPECT_EQ(transform.pixels(picture(10, 10, 3), Rng(0, {})).width, 12);
}

TEST(Transform, CropNoneIsTheEvaluationTransform) {
  const Preprocess preprocess{.size = 12};
  const Transform evaluation(preprocess), training(preprocess, Augment{.crop = Crop::none, .flip = 0});
  const Transform mirrored(preprocess, Augment{.crop = Crop::none, .flip = 1});
  const image::Image input = picture(30, 20, 3);
  const image::Image expected = evaluation.pixels(input, Rng(0, {}));
  EXPECT_EQ(training.pixels(input, Rng(0, {})), expected);
  EXPECT_EQ(mirrored.pixels(input, Rng(0, {})), image::flip_horizontally(expected));
}

TEST(Transform, AnImageOfTheRightSizeStaysAsItIs) {
  for (const int channels : {1, 3}) {
    const std::vector<double> zero(static_cast<std::size_t>(channels), 0.0),
        one(static_cast<std::size_t>(channels), 1.0);
    const Transform transform(Preprocess{.size = 12, .channels = channels, .crop_ratio = 1, .mean = zero, .std = one});
    const image::Image input = picture(12, 12, channels);
    const std::vector<float> floats = floats_of(transform, input);
    for (std::size_t i = 0; i < floats.size(); ++i) ASSERT_EQ(floats[i], static_cast<float>(input.pixels[i]) / 255.0F);
  }
}

TEST(Transform, RandomnessComesFromTheStreamOnly) {
  const Augment everything{.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1};
  const Transform transform(kSmall, everything);
  const image::Image input = picture(30, 20, 3);
  const auto first = floats_of(transform, input, Rng(1, {2}));
  EXPECT_EQ(floats_of(transform, input, Rng(1, {2})), first);
  EXPECT_NE(floats_of(transform, input, Rng(1, {3})), first);
}

TEST(Transform, OddPicturesFit) {
  const Transform training(kSmall, Augment{.hue = 0.1}), evaluation(kSmall);
  for (const auto& [height, width] : {std::pair(1, 1), {1, 500}, {500, 1}, {2, 3}}) {
    EXPECT_EQ(training.pixels(picture(height, width, 3), Rng(0, {})).pixels.size(), 12U * 12 * 3);
    EXPECT_EQ(evaluation.pixels(picture(height, width, 3), Rng(0, {})).pixels.size(), 12U * 12 * 3);
  }
}

// A crop of twice the output's size is decoded at a half; smaller ones are as exact as ever.
TEST(Transform, FastDecodingReducesLargeCropsOnly) {
  image::Image picture(300, 400, 3);
  for (int y = 0; y < 300; ++y) {
    for (int x = 0; x < 1200; ++x) picture.row(y)[x] = static_cast<std::uint8_t>((y + x / 12) / 2);
  }
  const image::Encoded encoded(image::encode_jpeg(picture, {}), 3, "slopes.jpg");
  const Augment whole{.scale_min = 1, .ratio_min = 4.0 / 3, .flip = 0};
  const auto floats = [&](int size, const Augment& augment) {
    std::vector<float> out(static_cast<std::size_t>(size) * size * 3);
    Transform(Preprocess{.size = size}, augment)(encoded, Rng(1, {0}), out.data());
    return out;
  };
  Augment fast = whole;
  fast.decode = Decode::fast;
  const std::vector<float> exact = floats(100, whole), reduced = floats(100, fast);
  EXPECT_NE(exact, reduced);
  for (std::size_t i = 0; i < exact.size(); ++i) ASSERT_NEAR(exact[i], reduced[i], 0.1F) << i;
  EXPECT_EQ(floats(151, whole), floats(151, fast));
}

// With `exif` = apply a photograph gives what its turned pixels give (tests/image/exif_test.cpp: Pillow's), in every
// way of cropping; with `ignore` what its stored ones give.
TEST(Transform, APhotographIsTurnedWhereThatIsAskedFor) {
  const std::filesystem::path files = std::filesystem::path(SPRINGBOK_SOURCE_DIR) / "tests/image/exif";
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string name = std::to_string(orientation) + ".jpg";
    const image::Encoded encoded(read_file(files / name), 3, name);
    for (const Exif exif : {Exif::ignore, Exif::apply}) {
      const Preprocess preprocess{.size = 16, .exif = exif};
      const image::Image pixels = image::turned(encoded.whole(), exif == Exif::apply ? orientation : 1);
      std::vector<float> floats(16 * 16 * 3);
      for (const Crop crop : {Crop::resized, Crop::pad, Crop::none}) {
        const Transform training(preprocess, Augment{.crop = crop, .brightness = 0.4});
        for (std::uint64_t sample = 0; sample < 20; ++sample) {
          training(encoded, Rng(5, {sample}), floats.data());
          ASSERT_EQ(floats, floats_of(training, pixels, Rng(5, {sample})))
              << name << static_cast<int>(crop) << " " << sample;
        }
      }
      const Transform evaluation(preprocess);
      evaluation(encoded, Rng(0, {}), floats.data());
      ASSERT_EQ(floats, floats_of(evaluation, pixels)) << name << static_cast<int>(exif);
    }
  }
}

TEST(Transform, AnEncodedImageGivesTheFloatsOfTheDecodedOne) {
  const std::vector<std::byte> bytes = image::encode_jpeg(picture(90, 131, 3));
  const image::Image decoded = image::decode(bytes, 3, "x");
  const image::Encoded encoded(bytes, 3, "x");
  for (const Crop crop : {Crop::resized, Crop::pad, Crop::none}) {
    Augment augment{.crop = crop, .brightness = 0.4};
    const Transform transform(Preprocess{.size = 32}, augment);
    for (std::uint64_t sample = 0; sample < 50; ++sample) {
      std::vector<float> floats(32 * 32 * 3);
      transform(encoded, Rng(5, {sample}), floats.data());
      ASSERT_EQ(floats, floats_of(transform, decoded, Rng(5, {sample}))) << static_cast<int>(crop) << " " << sample;
    }
  }
  std::vector<float> floats(32 * 32 * 3);
  const Transform evaluation(Preprocess{.size = 32});
  evaluation(encoded, Rng(0, {}), floats.data());
  EXPECT_EQ(floats, floats_of(evaluation, decoded));
}

}  // namespace
}  // namespace springbok::data
