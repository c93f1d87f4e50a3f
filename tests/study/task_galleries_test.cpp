// Galleries of labels and of masks: what is counted, what is chosen, what the page shows.
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/label_sizes.h"
#include "springbok/image/encode.h"
#include "springbok/image/palette.h"
#include "springbok/study/label_gallery.h"
#include "springbok/study/legend.h"
#include "springbok/study/mask_gallery.h"
#include "springbok/study/sample_view.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::study {
namespace {

using metrics::Labelled;
using metrics::Painted;
using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

void write_bytes(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  make_folder(path.parent_path());
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string write_photo(const std::filesystem::path& path, int height, int width, std::uint8_t level = 90) {
  image::Image photo(height, width, 3);
  for (auto& pixel : photo.pixels) pixel = level;
  write_bytes(path, image::encode_png(photo));
  return path.string();
}

void write_mask(const std::filesystem::path& path, int height, int width, std::vector<std::uint8_t> pixels) {
  image::Image mask(height, width, 1);
  mask.pixels = std::move(pixels);
  write_bytes(path, image::encode_indices(mask, image::voc_palette()));
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST(LabelGalleries, CountClassesAndSizesAndShowTheWorst) {
  const TemporaryFolder folder;
  const std::string photo = write_photo(folder / "a<b>.png", 300, 100);
  const std::vector<Labelled> list{
      {photo, {"cat", "dog"}, {{"cat", 0.9}, {"sofa", 0.6}, {"dog", 0.2}}, {kSmall, kLarge | kMedium}, 0.4},
      {photo, {"cat"}, {{"cat", 0.8}}, {kLarge}, 0.9},
      {photo, {}, {{"cat", 0.3}}, {}, 0.1}};
  const LabelGallery gallery = make_label_gallery(list, {}, 1, {"dog", "bird"});
  EXPECT_EQ(gallery.classes, (std::vector<std::string>{"dog", "bird", "cat", "sofa"}));
  EXPECT_EQ(gallery.counts[2].hits, 2);
  EXPECT_EQ(gallery.counts[3].false_alarms, 1);
  EXPECT_EQ(gallery.counts[0].misses_by_size, (std::array<std::int64_t, kSizes>{0, 1, 1}));
  EXPECT_EQ(gallery.counts[1], metrics::LabelCount{});
  ASSERT_EQ(gallery.worst.size(), 1U);
  EXPECT_EQ(gallery.worst[0].prediction.loss, 0.9);
  ASSERT_EQ(gallery.examples.size(), 1U);
  EXPECT_EQ(gallery.worst[0].image.height, 192);
  EXPECT_EQ(gallery.worst[0].image.width, 64);
}

TEST(LabelGalleries, ThePageTellsFoundMissedAndInvented) {
  const TemporaryFolder folder;
  const std::string photo = write_photo(folder / "a.png", 8, 8);
  const std::vector<Labelled> list{{photo, {"cat", "dog", "<i>"}, {{"cat", 0.9}, {"sofa", 0.6}, {"dog", 0.2}}, {}, 0.4},
                                   {photo, {}, {{"bird", 0.7}}}};
  const std::string html = gallery_section(make_label_gallery(list, {}, 24, {}));
  EXPECT_EQ(count(html, "<b>✓ cat</b> 90 %"), 1U);
  EXPECT_EQ(count(html, "<b>+ sofa</b> 60 %"), 1U);
  EXPECT_EQ(count(html, "<b>− dog</b> 20 %"), 1U);
  EXPECT_EQ(count(html, "<b>− &lt;i&gt;</b> 0 %"), 1U);
  EXPECT_EQ(count(html, "<span class=\"open\"><b>bird</b> 70 %"), 1U);  // whose truth is not known
  EXPECT_EQ(count(html, "Worst by loss"), 1U);
  EXPECT_EQ(count(html, "Recall by size"), 0U);  // no sizes are known
  EXPECT_EQ(count(html, "nan"), 0U);
  EXPECT_EQ(gallery_section(LabelGallery{}), "");
}

class MaskGalleries : public ::testing::Test {
 protected:
  void SetUp() override {
    write_photo(folder_ / "set/val/images/a.png", 2, 3);
    write_photo(folder_ / "set/val/images/b.png", 2, 3);
    write_mask(folder_ / "set/val/masks/a.png", 2, 3, {0, 0, 1, 1, 255, 0});
    write_mask(folder_ / "set/val/masks/b.png", 2, 3, {0, 0, 0, 0, 0, 0});
    write_file(folder_ / "set/classes.txt", "ground\ncat\n");
    write_mask(folder_ / "out/a.png", 2, 3, {1, 1, 0, 2, 0, 1});  // the network's classes stand in another order
    write_mask(folder_ / "out/b.png", 2, 3, {1, 1, 1, 1, 1, 1});
    write_file(folder_ / "out/classes.txt", "cat\nground\ndog\n");
  }
  std::string source() const { return "masks:" + (folder_ / "set").string(); }

  TemporaryFolder folder_;
  std::vector<Painted> list_{
      {"val/images/b.png", "out/b.png", {{"ground", "ground", 6}}},
      {"val/images/a.png", "out/a.png", {{"ground", "ground", 3}, {"cat", "cat", 1}, {"cat", "dog", 1}}}};
};

TEST_F(MaskGalleries, MatchClassesByNameAndShowTheWorstFirst) {
  const MaskGallery gallery = make_mask_gallery(list_, {source()}, folder_.path(), 1, {});
  EXPECT_EQ(gallery.classes, (std::vector<std::string>{"cat", "ground", "dog"}));
  EXPECT_EQ(gallery.tally.at(1, 1), 9);
  EXPECT_EQ(gallery.tally.at(0, 2), 1);
  ASSERT_EQ(gallery.worst.size(), 1U);
  EXPECT_EQ(gallery.worst[0].prediction.image, "val/images/a.png");
  EXPECT_EQ(gallery.worst[0].truth.pixels, (std::vector<std::uint8_t>{1, 1, 0, 0, 255, 1}));
  EXPECT_EQ(gallery.worst[0].predicted.pixels, (std::vector<std::uint8_t>{1, 1, 0, 2, 0, 1}));
  ASSERT_EQ(gallery.examples.size(), 1U);
}

TEST_F(MaskGalleries, ThePageShowsImageTruthPredictionAndErrors) {
  const std::string html = gallery_section(make_mask_gallery(list_, {source()}, folder_.path(), 12, {}));
  for (const char* panel : {"<em>image</em>", "<em>truth</em>", "<em>prediction</em>", "<em>errors</em>"}) {
    EXPECT_EQ(count(html, panel), 2U) << panel;
  }
  EXPECT_NE(html.find("cat called dog: 1 of 2 pixels (50.0 %)"), std::string::npos);
  EXPECT_NE(html.find("<b>mean IoU 50.0 %</b>"), std::string::npos);
  EXPECT_NE(html.find("Confusion of pixels"), std::string::npos);
  EXPECT_EQ(count(html, "src="), count(html, "src=\"data:image/"));
  // Without truth there is nothing to count, and an overlay in place of errors.
  const std::string photo = write_photo(folder_ / "c.png", 2, 3);
  const std::string open = gallery_section(make_mask_gallery({{photo, "out/b.png"}}, {}, folder_.path(), 12, {}));
  EXPECT_EQ(count(open, "<em>overlay</em>"), 1U);
  EXPECT_EQ(count(open, "<em>truth</em>"), 0U);
  EXPECT_EQ(count(open, "Confusion"), 0U);
}

TEST_F(MaskGalleries, WhatIsNowhereOrDoesNotFitIsSaid) {
  EXPECT_EQ(message_of<Error>([&] {
              make_mask_gallery({{"val/images/a.png", "gone.png"}}, {source()}, {}, 1, {});
            }),
            "the predicted mask 'gone.png' is no file, neither here nor in .");
  write_mask(folder_ / "out/large.png", 3, 3, std::vector<std::uint8_t>(9));
  const std::string large = (folder_ / "out/large.png").string();
  EXPECT_EQ(
      message_of<Error>([&] {
        make_mask_gallery({{"val/images/a.png", large}}, {source()}, {}, 1, {});
      }),
      large + ": the mask is 3 x 3, its image 2 x 3; masks of '--protocol elastic' are padded and cannot be shown");
  const MaskGallery counted = counted_masks(list_, {"ground"});
  EXPECT_EQ(counted.tally.at(0, 0), 9);
  EXPECT_TRUE(counted.worst.empty());
}

TEST_F(MaskGalleries, SamplesAreToldAndPainted) {
  const auto source = data::open_source(this->source(), data::Split::val);
  EXPECT_EQ(target_text(*source, 0), "ground 60.0 %, cat 40.0 %");
  const image::Image painted = with_mask(source->image(0, 3), source->mask(0));
  EXPECT_EQ(painted.pixels[0], 90);                   // the ground stays
  EXPECT_EQ(painted.pixels[6], 128);                  // an outline of class 1
  EXPECT_EQ(painted.pixels[12], (90 + 2 * 224) / 3);  // what counts for nothing is pale
  EXPECT_EQ(with_mask(painted, {}), painted);
  EXPECT_EQ(count(colours_html(*source), "<span>"), 3U);
}

TEST(Legends, SayClassColourNameAndShare) {
  Legend legend;
  legend.add({3, 0, 1});
  legend.add({4, 0, 0});
  const std::string html = legend_page(legend, {"ground", "cat", "<dog>"});
  EXPECT_NE(html.find("--c:#000000\"></i>ground</td><td class=\"n\" data-v=\"87.5\">87.50 %</td>"), std::string::npos);
  EXPECT_NE(html.find("--c:#008000\"></i>&lt;dog&gt;</td><td class=\"n\" data-v=\"12.5\">12.50 %</td><td class=\"n\" "
                      "data-v=\"1\">1</td>"),
            std::string::npos);
  EXPECT_EQ(html.find(">cat<"), std::string::npos);  // no pixel has it
  EXPECT_EQ(message_of<Error>([&] { legend_table(legend, {"a"}); }), "1 names for the 3 classes of a legend");
}

}  // namespace
}  // namespace springbok::study
