// Predictions are read, chosen and matched with their images.
#include "springbok/study/gallery.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/image/encode.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::study {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

/// A grey square as a PNG file.
std::string write_image(const std::filesystem::path& path, int side, std::uint8_t level) {
  image::Image square(side, side, 1);
  for (auto& pixel : square.pixels) pixel = level;
  make_folder(path.parent_path());
  const std::vector<std::byte> png = image::encode_png(square);
  write_file(path, std::string_view(reinterpret_cast<const char*>(png.data()), png.size()));
  return path.string();
}

TEST(Gallery, ReadsWhatEvalAndPredictWrite) {
  const TemporaryFolder folder;
  write_file(folder / "p.json", R"([{"image": "val/00000", "true": "cat", "predictions": [
    {"class": "dog", "probability": 0.7}, {"class": "cat", "probability": 0.2}]},
    {"image": "x.png", "predictions": [{"class": "cat", "probability": 1}]}])");
  const std::vector<metrics::Prediction> read = metrics::read_predictions(folder / "p.json");
  std::vector<metrics::Ranked> list;
  for (const auto& each : read) list.push_back(std::get<metrics::Ranked>(each));
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].guesses[1].name, "cat");
  EXPECT_DOUBLE_EQ(list[0].guesses[0].probability, 0.7);
  EXPECT_TRUE(list[0].wrong());
  EXPECT_FALSE(list[1].wrong());
  EXPECT_EQ(list[1].truth, "");
}

TEST(Gallery, DamagedListsAreSaidWithTheEntry) {
  const TemporaryFolder folder;
  const std::string path = (folder / "p.json").string();
  const auto complaint = [&](const char* text) {
    write_file(path, text);
    return message_of<Error>([&] { metrics::read_predictions(path); });
  };
  EXPECT_EQ(complaint("[{"),
            path + ": not a JSON list of predictions; 'eval --predictions FILE.json' and 'predict --json' write one");
  EXPECT_EQ(complaint("[3]"), path + ": entry 1: not an object");
  EXPECT_EQ(complaint(R"([{"image": "a", "predictions": []}])"),
            path + ": entry 1: 'predictions' is not a list of classes");
  EXPECT_EQ(complaint(R"([{"predictions": []}])"),
            path + ": entry 1: says nothing of 'image'; it was not written by springbok, or is damaged");
}

/// tests/image/exif: the same picture, stored in each of the eight orientations (make_exif.py, by Pillow).
TEST(Gallery, PicturesMayBeTurnedAsTheRunSawThem) {
  const std::string stored = SPRINGBOK_SOURCE_DIR "/tests/image/exif/6.png";  // stored lying
  const std::vector<metrics::Prediction> one{metrics::Ranked{.image = stored, .truth = "", .guesses = {{"cat", 1}}}};
  const image::Image as_stored = make_gallery(one, {}).examples.at(0).image;
  const image::Image upright = make_gallery(one, {}, 24, {}, true).examples.at(0).image;
  EXPECT_NE(as_stored.height, as_stored.width);
  EXPECT_EQ(upright.height, as_stored.width);
  EXPECT_EQ(upright.width, as_stored.height);
}

TEST(Gallery, ShowsAnEvenSpreadAndTheSurestMistakes) {
  const TemporaryFolder folder;
  const std::string image = write_image(folder / "a.png", 8, 100);
  std::vector<metrics::Prediction> list;
  for (int i = 0; i < 100; ++i) {
    list.push_back(
        metrics::Ranked{.image = image, .truth = i % 2 == 0 ? "cat" : "dog", .guesses = {{"cat", 0.5 + i / 300.0}}});
  }
  const Gallery gallery = make_gallery(list, {}, 4);
  EXPECT_EQ(gallery.images, 100);
  EXPECT_EQ(gallery.wrong, 50);
  ASSERT_EQ(gallery.examples.size(), 4U);
  EXPECT_DOUBLE_EQ(gallery.examples[1].prediction.guesses[0].probability, 0.5 + 25 / 300.0);
  ASSERT_EQ(gallery.mistakes.size(), 4U);
  EXPECT_DOUBLE_EQ(gallery.mistakes[0].prediction.guesses[0].probability, 0.5 + 99 / 300.0);
  EXPECT_DOUBLE_EQ(gallery.mistakes[3].prediction.guesses[0].probability, 0.5 + 93 / 300.0);
}

TEST(Gallery, FindsImagesOfASourceByNameAndMakesThemSmall) {
  const TemporaryFolder folder;
  for (const char* split : {"train", "val"}) {
    write_image(folder / "set" / split / "cat/1.png", 300, split[0] == 't' ? 10 : 200);
    write_image(folder / "set" / split / "dog/2.png", 20, 50);
  }
  const std::string source = "folder:" + (folder / "set").string();
  const Gallery gallery = make_gallery(
      {metrics::Ranked{"val/cat/1.png", "cat", {{"cat", 1}}}, metrics::Ranked{"val/dog/2.png", "", {{"cat", 1}}}},
      {source});
  ASSERT_EQ(gallery.examples.size(), 2U);
  EXPECT_EQ(gallery.examples[0].image.height, kThumbnail);
  EXPECT_EQ(gallery.examples[0].image.pixels[0], 200);
  EXPECT_EQ(gallery.examples[1].image.height, 20);
  EXPECT_EQ(message_of<Error>([&] {
              make_gallery({metrics::Ranked{"val/cat/9.png", "", {{"cat", 1}}}}, {source});
            }),
            "predicted image 'val/cat/9.png' is neither a file nor in " + source + "; give its source with --data");
}

/// The text as `base64` (coreutils) prints it.
TEST(Gallery, DataUrisAreBase64OfAPng) {
  image::Image pixel(1, 1, 1);
  EXPECT_EQ(data_uri(pixel).substr(0, 46), "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA");
  EXPECT_EQ(data_uri(pixel).find('\0'), std::string::npos);
}

}  // namespace
}  // namespace springbok::study
