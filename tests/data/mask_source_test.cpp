// Images with masks: VOC's lists, folder pairs, and what no mask may be.
#include <gtest/gtest.h>

#include "springbok/data/check/stats.h"
#include "springbok/data/check/verify.h"
#include "springbok/data/masks/mask_file.h"
#include "springbok/image/palette.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

const fs::path kFixtures = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/data/fixtures";

image::Image plain_mask(int height, int width, int index) {
  image::Image mask(height, width, 1);
  std::fill(mask.pixels.begin(), mask.pixels.end(), static_cast<std::uint8_t>(index));
  return mask;
}

TEST(MaskFile, HasPillowsIndices) {
  for (const auto& row : fixture_rows("masks.json")) {
    const std::string file = row.at("file");
    const image::Size size{row.at("height"), row.at("width")};
    const image::Image mask = decode_mask(read_file(kFixtures / "masks" / file), file, size, 21);
    EXPECT_EQ(mask.pixels, row.at("indices").get<std::vector<std::uint8_t>>()) << file;
  }
}

TEST(MaskFile, WhatIsNoMaskIsSaid) {
  const auto error = [](const std::vector<std::byte>& bytes, image::Size size = {4, 6}) {
    return message_of<Error>([&] { decode_mask(bytes, "m.png", size, 3); });
  };
  image::Image mask = plain_mask(4, 6, 2);
  EXPECT_EQ(error(image::encode_png(mask)), "(nothing thrown)");
  EXPECT_EQ(error(image::encode_png(mask), {6, 4}),
            "m.png: a mask of 4 x 6, where its image has 6 x 4 pixels; make both of one size");
  mask.row(2)[5] = 255;
  EXPECT_EQ(error(image::encode_indices(mask, image::voc_palette())), "(nothing thrown)");
  mask.row(3)[1] = 3;
  EXPECT_EQ(error(image::encode_png(mask)),
            "m.png: index 3 at row 3, column 1 is none of the 3 classes, nor 255, which counts for nothing; mend the "
            "mask, or list the classes in classes.txt");
  EXPECT_EQ(error(image::encode_png(picture(4, 6, 3))),
            "m.png: a mask is a PNG with a palette, or grey with 8 bits or fewer; this one has 3 channels of 8 bits");
  EXPECT_EQ(error(image::encode_jpeg(picture(4, 6, 1))),
            "m.png: a mask is a PNG with a palette, or grey with 8 bits or fewer; this one is a JPEG");
}

/// A folder with images and masks.
class Masks : public ::testing::Test {
 protected:
  void add(const std::string& image, const std::string& mask, int index = 1) {
    if (!image.empty()) write_png(root() / image, picture(5, 7, 3));
    if (!mask.empty()) write_png(root() / mask, plain_mask(5, 7, index));
  }
  void write(const std::string& file, const std::string& text) {
    make_folder((root() / file).parent_path());
    write_file(root() / file, text);
  }
  std::unique_ptr<Source> open(const std::string& kind = "", const Split& split = Split::train,
                               const OpenSettings& settings = {}) const {
    return open_source(kind + root().string(), split, settings);
  }
  std::string error(const std::string& kind, const Split& split = Split::train) const {
    std::string text = message_of<Error>([&] { open(kind, split); });
    for (std::size_t at; (at = text.find(root().string())) != std::string::npos;) {
      text.replace(at, root().string().size(), "ROOT");
    }
    return text;
  }
  const fs::path& root() const { return folder_.path(); }

  TemporaryFolder folder_;
};

std::vector<std::string> names_of(const Source& source) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < source.size(); ++i) names.push_back(source.name(i));
  return names;
}

TEST_F(Masks, VocTakesTheOriginalsLists) {
  add("VOC2012/JPEGImages/a.jpg", "VOC2012/SegmentationClassAug/a.png", 20);
  add("VOC2012/JPEGImages/b.jpg", "VOC2012/SegmentationClassAug/b.png", 255);
  write("VOC2012/list/train_aug.txt",
        "/JPEGImages/b.jpg /SegmentationClassAug/b.png\r\n/JPEGImages/a.jpg /SegmentationClassAug/a.png\r\n");
  for (const std::string kind : {"voc:", ""}) {
    const auto source = open(kind);
    EXPECT_EQ(source->target_kind(), TargetKind::masks);
    EXPECT_EQ(source->classes(), voc_classes());
    EXPECT_EQ(names_of(*source), (std::vector<std::string>{"JPEGImages/b.jpg", "JPEGImages/a.jpg"}));
    EXPECT_EQ(source->mask(0), plain_mask(5, 7, 255));
    EXPECT_EQ(source->mask(1), plain_mask(5, 7, 20));
    EXPECT_EQ(source->image(1, 3), picture(5, 7, 3));
    EXPECT_EQ(source->target(1), -1);
    EXPECT_EQ(source->warnings(), std::vector<std::string>{});
  }
}

TEST_F(Masks, VocTakesItsOwnListsToo) {
  for (const std::string name : {"1", "2", "3"})
    add("VOCdevkit/VOC2012/JPEGImages/" + name + ".jpg", "VOCdevkit/VOC2012/SegmentationClass/" + name + ".png");
  write("VOCdevkit/VOC2012/ImageSets/Segmentation/train.txt", "1\n");
  write("VOCdevkit/VOC2012/ImageSets/Segmentation/val.txt", "2\n\n");
  write("VOCdevkit/VOC2012/ImageSets/Segmentation/trainval.txt", "1\n2\n");
  EXPECT_EQ(names_of(*open("voc:")), (std::vector<std::string>{"JPEGImages/1.jpg"}));
  EXPECT_EQ(names_of(*open("", Split::val)), (std::vector<std::string>{"JPEGImages/2.jpg"}));
  EXPECT_EQ(open("voc:", Split("trainval"))->size(), 2);
  write("VOCdevkit/VOC2012/list/train_aug.txt", "3\n");
  EXPECT_EQ(names_of(*open("voc:")), (std::vector<std::string>{"JPEGImages/3.jpg"}));
  EXPECT_EQ(names_of(*open("voc-imagesets:")), (std::vector<std::string>{"JPEGImages/1.jpg"}));
  EXPECT_EQ(error("voc:", Split("test")),
            "ROOT: no list of the part 'test'; looked for list/test.txt and "
            "ImageSets/Segmentation/test.txt in ROOT/VOCdevkit/VOC2012");
}

TEST_F(Masks, VocSaysWhatIsWrong) {
  EXPECT_EQ(error("voc:"), "ROOT: no JPEGImages/ in it, nor in a VOC2012/ or VOCdevkit/VOC2012/ in it");
  add("JPEGImages/a.jpg", "SegmentationClass/a.png", 21);
  write("list/train.txt", "a\nb\n");
  EXPECT_EQ(open("voc:")->warnings(),
            (std::vector<std::string>{
                (root() / "list/train.txt").string() +
                    ": of 2 images 1 is not there, and loading one is an error: JPEGImages/b.jpg",
                (root() / "list/train.txt").string() +
                    ": of 2 masks 1 is not there, and loading one is an error: SegmentationClass/b.png"}));
  EXPECT_TRUE(
      message_of<Error>([&] { open("voc:")->mask(0); }).starts_with("SegmentationClass/a.png: index 21 at row 0"));
  write("classes.txt", std::string("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n"));
  EXPECT_EQ(open("voc:")->mask(0), plain_mask(5, 7, 21));
  write("list/train.txt", "b\nc\n");
  EXPECT_EQ(error("voc:"),
            "ROOT/list/train.txt: none of its 2 images is there, in ROOT: JPEGImages/b.jpg, JPEGImages/c.jpg");
  write("list/train.txt", "a\na.jpg b.png c\n");
  EXPECT_EQ(error("voc:"), "ROOT/list/train.txt:2: expects 'IMAGE MASK' or a name alone, got 'a.jpg b.png c'");
  write("list/train.txt", "a\n\na\n");
  EXPECT_EQ(error("voc:"), "ROOT/list/train.txt:3: names JPEGImages/a.jpg again, after line 1");
  write("list/train.txt", "# nothing\n");
  EXPECT_EQ(error("voc:"), "ROOT/list/train.txt: no image with a mask");
}

TEST_F(Masks, FolderPairsOfBothForms) {
  add("train/images/b.png", "train/masks/b.png");
  add("train/images/sub/a.png", "train/masks/sub/a.png");
  add("images/val/c.png", "masks/val/c.png");
  write("classes.txt", "ground\nbuilding\n");
  for (const std::string kind : {"masks:", ""}) {
    EXPECT_EQ(names_of(*open(kind)), (std::vector<std::string>{"train/images/b.png", "train/images/sub/a.png"}));
    EXPECT_EQ(names_of(*open(kind, Split::val)), (std::vector<std::string>{"images/val/c.png"}));
    EXPECT_EQ(open(kind)->classes(), (std::vector<std::string>{"ground", "building"}));
  }
}

TEST_F(Masks, AFolderPairWithoutPartsHoldsOutAShare) {
  for (int i = 0; i < 30; ++i) add("images/" + std::to_string(i) + ".png", "masks/" + std::to_string(i) + ".png");
  EXPECT_EQ(error("masks:"),
            "ROOT: no train/images/ and train/masks/, nor images/train/ and masks/train/; --val-share "
            "0.1 takes images/ and masks/ for the whole, and holds out a share");
  EXPECT_EQ(open("", Split::val)->size(), 30);
  const auto train = open("", Split::train, {.val_share = 0.2}), val = open("", Split::val, {.val_share = 0.2});
  EXPECT_EQ(train->size() + val->size(), 30);
  EXPECT_EQ(val->target_kind(), TargetKind::masks);
  EXPECT_EQ(val->mask(0), plain_mask(5, 7, 1));
  EXPECT_NE(train->description().find("PASCAL VOC's, for want of a classes.txt"), std::string::npos);
}

TEST_F(Masks, WhatHasNoPartnerIsCounted) {
  add("train/images/a.png", "train/masks/a.png");
  add("train/images/b.png", "");
  add("", "train/masks/c.png");
  EXPECT_EQ(open()->warnings(),
            (std::vector<std::string>{"train/images: images without a mask, which are left out: 1 (b.png)",
                                      "train/masks: masks without an image, which are left out: 1 (c.png)"}));
  add("train/images/a.jpg", "");
  EXPECT_EQ(error("masks:"),
            "ROOT/train/images: a.jpg and a.png differ by their endings only, and so have one mask; rename one");
}

/// `mask b.png`, a line a finding.
std::string found_in(const Source& source) {
  std::string text;
  for (const Finding& each : verify(source, {.threads = 2})) {
    text += format("{} {} {}\n", fault_name(each.fault), each.name, each.detail);
  }
  return text;
}

TEST_F(Masks, VerifyAndStatsLookIntoThem) {
  for (const std::string name : {"a", "b", "c", "d"}) {
    write_png(root() / "train/images" / (name + ".png"), picture(4, 5 + name[0] % 7, 3));
  }
  const auto put = [&](const std::string& name, image::Image mask) { write_png(root() / "train/masks" / name, mask); };
  image::Image two = plain_mask(4, 5 + 'a' % 7, 0);
  two.row(1)[2] = 2;
  two.row(3)[0] = two.row(3)[1] = 255;
  put("a.png", two);
  put("b.png", plain_mask(4, 5 + 'b' % 7, 255));
  put("c.png", plain_mask(4, 5 + 'c' % 7, 1));
  put("d.png", plain_mask(4, 5 + 'd' % 7, 0));
  write("classes.txt", "ground\nhouse\nroad\n");
  const auto source = open();
  EXPECT_EQ(found_in(*source),
            "blank train/images/b.png 255 alone\nblank train/images/c.png 1 alone\nblank train/images/d.png 0 alone\n");
  const Stats stats = stats_of(*source, 2);
  EXPECT_EQ(stats.per_class, (std::vector<std::int64_t>{2, 1, 1}));
  const std::int64_t a = 4 * (5 + 'a' % 7), b = 4 * (5 + 'b' % 7), c = 4 * (5 + 'c' % 7), d = 4 * (5 + 'd' % 7);
  EXPECT_EQ(stats.pixels, (std::vector<std::int64_t>{a - 3 + d, c, 1}));
  EXPECT_EQ(stats.ignored, b + 2);
  EXPECT_EQ(stats.without, 1);
  EXPECT_EQ(stats.labels.most, 2);

  put("b.png", plain_mask(4, 4, 1));
  put("c.png", plain_mask(4, 5 + 'c' % 7, 7));
  put("d.png", picture(4, 5 + 'd' % 7, 3));
  const std::string found = found_in(*open());
  for (const char* part : {"mask train/images/b.png train/masks/b.png: a mask of 4 x 4, where its image has",
                           "mask train/images/c.png train/masks/c.png: index 7 at row 0, column 0 is none of the 3",
                           "mask train/images/d.png train/masks/d.png: a mask is a PNG with a palette"}) {
    EXPECT_NE(found.find(part), std::string::npos) << found;
  }
  std::filesystem::remove(root() / "train/images/a.png");
  const std::string text = found_in(*source);
  EXPECT_TRUE(text.starts_with("missing train/images/a.png")) << text;
}

}  // namespace
}  // namespace springbok::data
