// Composing: the same files from the same seed, parts with nothing in common, and every number what the pixels say.
#include "springbok/data/compose/compose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "springbok/data/compose/cutouts.h"
#include "springbok/data/compose/outline.h"
#include "springbok/data/compose/painter.h"
#include "springbok/data/compose/pose.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/run_python.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using springbok::testing::message_of;
using springbok::testing::run_python;
using springbok::testing::TemporaryFolder;

/// An ellipse of one colour on nothing, RGBA; `hole` leaves its middle out.
image::Image ellipse(int height, int width, std::uint8_t colour, bool hole = false) {
  image::Image rgba(height, width, 4);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double down = (y + 0.5) / height * 2 - 1, across = (x + 0.5) / width * 2 - 1;
      const double distance = std::sqrt(down * down + across * across);
      std::uint8_t* pixel = rgba.row(y) + 4 * x;
      for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(colour + 20 * c);
      pixel[3] = distance < 0.95 && !(hole && distance < 0.4) ? 255 : 0;
    }
  }
  return rgba;
}

/// Three classes of five cut-outs, and what is none; two photographs.
class Compose : public ::testing::Test {
 protected:
  Compose() {
    for (int i = 0; i < 5; ++i) {
      const auto colour = static_cast<std::uint8_t>(30 * i);
      const std::string name = std::to_string(i) + ".png";
      write_png(folder / "stamps/things/discs" / name, ellipse(60 + 3 * i, 60, colour));
      write_png(folder / "stamps/things/rings" / name, ellipse(50, 70 + i, colour, true));
      write_png(folder / "stamps/things/rings/bars" / name, ellipse(24, 120 + i, colour));
    }
    write_png(folder / "photos/a.png", picture(200, 300, 3));
    write_png(folder / "photos/b.png", picture(240, 240, 3));
    settings.stamps = folder / "stamps";
    settings.backgrounds = folder / "photos";
    settings.classes = {"things/discs", "things/rings", "things/rings/bars"};
    settings.seed = 3;
    settings.train = 20;
    settings.val = 6;
    settings.size = 200;
  }

  std::string refused() const {
    return message_of<Error>([&] { compose(folder / "refused", settings); });
  }

  TemporaryFolder folder;
  ComposeSettings settings;
};

/// Each file's SHA-256 by its path below the folder.
std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(folder)] = sha256_file(entry.path());
  }
  return files;
}

nlohmann::json instances(const fs::path& out, const std::string& part) {
  return nlohmann::json::parse(read_text(out / ("coco/annotations/instances_" + part + "2014.json")));
}

TEST_F(Compose, GivesTheSameFilesForAnyNumberOfThreadsAndOthersForAnotherSeed) {
  settings.threads = 1;
  compose(folder / "one", settings);
  settings.threads = 3;
  compose(folder / "three", settings);
  const auto files = files_below(folder / "one");
  EXPECT_EQ(files, files_below(folder / "three"));
  EXPECT_EQ(files.size(), 3U * 26 + 2 + 4 + 1);
  EXPECT_TRUE(files.contains("coco/train2014/COCO_train2014_000000000020.jpg"));
  EXPECT_TRUE(files.contains("VOCdevkit/VOC2012/SegmentationClass/2012_000026.png"));
  settings.seed = 4;
  compose(folder / "other", settings);
  const std::string image = "coco/val2014/COCO_val2014_000000000001.jpg";
  EXPECT_NE(files_below(folder / "other").at(image), files.at(image));
}

TEST_F(Compose, MoreImagesLeaveTheFirstOnesAsTheyAre) {
  compose(folder / "few", settings);
  settings.train = 25;
  compose(folder / "more", settings);
  const auto few = files_below(folder / "few/coco"), more = files_below(folder / "more/coco");
  for (const std::string name :
       {"train2014/COCO_train2014_000000000020.jpg", "val2014/COCO_val2014_000000000006.jpg"}) {
    EXPECT_EQ(few.at(name), more.at(name)) << name;
  }
}

TEST_F(Compose, AreasBoxesAndMasksAreWhatThePixelsSay) {
  settings.train = 60;
  settings.threads = 2;
  const Composed composed = compose(folder / "out", settings);
  EXPECT_GT(composed.train.empty, 0);
  EXPECT_GT(composed.train.small, 0);
  EXPECT_GT(composed.train.medium, 0);
  EXPECT_GT(composed.train.large, 0);
  EXPECT_GT(composed.train.crowds, 0);
  // Read and counted anew with Pillow and NumPy: see the script.
  EXPECT_EQ(run_python("data/check_composed.py", {folder / "out", std::to_string(settings.band)}),
            "train: " + std::to_string(composed.train.objects) +
                " objects in 60 images\nval: " + std::to_string(composed.val.objects) + " objects in 6 images\n");
}

TEST_F(Compose, PartsHaveNoCutoutInCommon) {
  settings.train = 60;
  settings.val = 60;
  compose(folder / "out", settings);
  std::set<std::string> seen[2];
  for (int part = 0; part < 2; ++part) {
    const nlohmann::json all = instances(folder / "out", part == 0 ? "train" : "val");
    for (const auto& object : all.at("annotations")) {
      for (const auto& cutout : object.at("cutouts")) seen[part].insert(cutout.get<std::string>());
    }
  }
  EXPECT_EQ(seen[0].size(), 12U);  // four of five of each class
  EXPECT_EQ(seen[1].size(), 3U);
  for (const std::string& name : seen[1]) EXPECT_FALSE(seen[0].contains(name)) << name;
}

TEST_F(Compose, ClassesAreFoldersAndWhatIsNoCutoutIsLeftOutAndSaid) {
  const fs::path discs = folder / "stamps/things/discs";
  write_png(discs / "cartoon/drawn.png", ellipse(60, 60, 1));
  write_png(discs / "1_mirror.png", ellipse(60, 60, 2));
  fs::copy_file(discs / "1.png", discs / "same.png");
  write_png(discs / "opaque.png", image::Image(50, 50, 4));
  image::Image opaque(50, 50, 3);
  write_png(discs / "photo.png", opaque);
  write_png(discs / "small.png", ellipse(20, 20, 3));
  image::Image glass = ellipse(60, 60, 4);
  for (std::size_t i = 3; i < glass.pixels.size(); i += 4) glass.pixels[i] = glass.pixels[i] == 0 ? 0 : 150;
  write_png(discs / "glass.png", glass);
  const Composed composed = compose(folder / "out", settings);
  EXPECT_EQ(composed.classes, (std::vector<std::string>{"discs", "rings", "bars"}));
  EXPECT_EQ(join(composed.left_out),
            "1 drawings, 1 mirrored copies, 1 copies of others, 1 without transparent pixels, 2 translucent, 1 tiny");
  EXPECT_EQ(composed.train.cutouts, 12);
  EXPECT_EQ(composed.val.cutouts, 3);
  EXPECT_EQ(read_text(folder / "out/VOCdevkit/VOC2012/classes.txt"), "background\ndiscs\nrings\nbars\n");
  const std::string pairs = read_text(folder / "out/VOCdevkit/VOC2012/list/val.txt");
  EXPECT_TRUE(pairs.starts_with("/JPEGImages/2012_000021.jpg /SegmentationClass/2012_000021.png\n")) << pairs;
  EXPECT_TRUE(read_text(folder / "out/VOCdevkit/VOC2012/ImageSets/Segmentation/val.txt").starts_with("2012_000021\n"));
}

TEST_F(Compose, SaysWhatIsMissing) {
  fs::create_directories(folder / "refused");
  touch(folder / "refused/file");
  EXPECT_EQ(refused(), (folder / "refused").string() +
                           ": is there already, and composing writes a new folder; remove it, or give another --out");
  fs::remove_all(folder / "refused");
  ComposeSettings whole = settings;
  settings.stamps = folder / "none";
  EXPECT_TRUE(
      refused().ends_with("none: no such folder of cut-outs (--stamps); Debian's package "
                          "tuxpaint-stamps-default brings them"));
  settings = whole;
  settings.backgrounds = folder / "none";
  EXPECT_TRUE(
      refused().ends_with("none: no such folder of photographs (--backgrounds); './dev setup' brings some to "
                          ".samples/backgrounds"));
  settings.backgrounds = folder / "stamps";
  EXPECT_TRUE(refused().ends_with("stamps: has no photographs to compose on (--backgrounds)"));
  settings = whole;
  settings.classes.push_back("things/squares");
  EXPECT_TRUE(
      refused().ends_with("things/squares: no such folder of cut-outs; name folders below --stamps with "
                          "--classes"));
  settings = whole;
  settings.classes.push_back("other/discs");
  EXPECT_EQ(refused(), "--classes: two folders are called 'discs', so two classes would be");
  settings = whole;
  fs::remove(folder / "stamps/things/discs/0.png");
  write_png(folder / "stamps/things/discs/1.png", image::Image(40, 40, 3));
  EXPECT_TRUE(
      refused().ends_with("things/discs: 3 cut-outs; a class needs 4 (PNGs of objects with an alpha mask); 1 "
                          "of its PNGs have no transparent pixels, 0 are copies, translucent or tiny"))
      << refused();
  EXPECT_FALSE(fs::exists(folder / "refused"));
}

TEST(Outline, CountsColumnsAndBandsMeetBetweenObjects) {
  // 4 x 6: object 0 is a ring's corner, object 1 a column, with one column of background between.
  const std::vector<int> owners{0,  0,  0,  -1, 1, -1,  //
                                0,  -1, 0,  -1, 1, -1,  //
                                0,  0,  0,  -1, 1, -1,  //
                                -1, -1, -1, -1, 1, -1};
  const std::vector<Outline> found = outlines(owners, 6, 2);
  EXPECT_EQ(found[0].area, 8);
  EXPECT_EQ(found[0].box, (image::Region{0, 0, 3, 3}));
  EXPECT_EQ(found[0].counts, (std::vector<int>{0, 3, 1, 1, 1, 1, 1, 3, 13}));
  EXPECT_EQ(found[1].counts, (std::vector<int>{16, 4, 4}));
  const auto row = [](const image::Image& mask, int y) { return std::vector<int>(mask.row(y), mask.row(y) + 6); };
  EXPECT_EQ(row(class_mask(owners, 6, {4, 7}, 0), 1), (std::vector<int>{5, 0, 5, 0, 8, 0}));
  EXPECT_EQ(row(class_mask(owners, 6, {4, 7}, 1), 1), (std::vector<int>{5, 255, 5, 255, 8, 255}));
  EXPECT_EQ(row(class_mask(owners, 6, {4, 7}, 2), 1), (std::vector<int>{5, 255, 255, 255, 255, 255}));
}

TEST(Painter, RefusesWhatHidesTooMuch) {
  image::Image square(10, 10, 4);
  for (std::size_t i = 3; i < square.pixels.size(); i += 4) square.pixels[i] = 255;
  Painter painter(image::Image(30, 30, 3));
  EXPECT_TRUE(painter.paint(square, 0, 0));
  EXPECT_FALSE(painter.paint(square, 3, 0));    // 30 of 100 pixels would be left
  EXPECT_FALSE(painter.paint(square, -7, 20));  // of itself 30
  EXPECT_TRUE(painter.paint(square, 4, 0));
  EXPECT_FALSE(painter.paint(square, -1, 1));  // the first has been 100 pixels, not 40
  EXPECT_EQ(painter.objects(), 2U);
}

TEST(Pose, KeepsTheAreaAskedFor) {
  Cutout cutout{.name = "disc", .label = 0, .pixels = trimmed(ellipse(100, 60, 90)), .area = 0};
  cutout.area = object_area(cutout.pixels);
  for (const double side : {16.0, 40.0, 90.0}) {
    const image::Image layer = posed(cutout, {.side = side, .degrees = 25, .flip = true, .blur = 1.5});
    EXPECT_NEAR(std::sqrt(static_cast<double>(object_area(layer))), side, 0.04 * side);
  }
  const image::Image turned = posed(cutout, {.side = std::sqrt(static_cast<double>(cutout.area)), .degrees = 90});
  EXPECT_GT(turned.width, turned.height);
}

}  // namespace
}  // namespace springbok::data
