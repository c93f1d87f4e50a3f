// MS-COCO's layout: pycocotools' labels, what is there and what is not, and the index.
#include <gtest/gtest.h>

#include "springbok/base/label_sizes.h"
#include "springbok/data/check/stats.h"
#include "springbok/data/labels/coco_index.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/with_variable.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;
using testing::WithVariable;

const fs::path kFixtures = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/data/fixtures";

nlohmann::json rows() {
  return nlohmann::json::parse(read_text(kFixtures / "coco_rows.json"));
}

/// A folder of COCO's layout.
class CocoFolder : public ::testing::Test {
 protected:
  void annotate(const std::string& json, const std::string& part = "train2014") {
    make_folder(root() / "annotations");
    write_file(root() / "annotations" / ("instances_" + part + ".json"), json);
  }
  void add_images(const std::vector<std::string>& files, const std::string& folder = "train2014") {
    for (const std::string& file : files) write_png(root() / folder / file, picture(9, 12, 3));
  }
  std::unique_ptr<Source> open(const std::string& kind = "coco:", const OpenSettings& settings = {}) const {
    return open_source(kind + root().string(), Split::train, settings);
  }
  std::string error(const std::string& kind = "coco:") const {
    const std::string text = message_of<Error>([&] { open(kind); });
    const std::size_t at = text.find(root().string());
    return at == std::string::npos ? text : text.substr(0, at) + "ROOT" + text.substr(at + root().string().size());
  }
  const fs::path& root() const { return folder_.path(); }

  TemporaryFolder folder_, cache_;
  WithVariable variable_{"SPRINGBOK_CACHE", cache_.path().string()};
};

const char* kSmallSet =
    R"({"images": [{"id": 1, "file_name": "a.png", "height": 9, "width": 12}, {"id": 2, "file_name": "b.png"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "area": 2000, "bbox": [1, 1, 12, 3]},
                        {"id": 1, "image_id": 1, "category_id": 3, "area": 0, "bbox": [0, 0, 1, 1]},
                        {"id": 3, "image_id": 7, "category_id": 3, "area": 9, "bbox": [0, 0, 1, 1]}],
        "categories": [{"id": 5, "name": "cat"}, {"id": 3, "name": "dog"}]})";

TEST_F(CocoFolder, HasPycocotoolsLabels) {
  const nlohmann::json fixture = rows();
  annotate(read_text(kFixtures / "coco_instances.json"));
  for (const auto& row : fixture.at("rows")) add_images({row.at("file")});
  for (const std::string kind : {"coco:", "coco-2014:", ""}) {
    const auto source = open(kind);
    EXPECT_EQ(source->target_kind(), TargetKind::labels);
    EXPECT_EQ(source->classes(), fixture.at("classes").get<std::vector<std::string>>());
    ASSERT_EQ(source->size(), std::ssize(fixture.at("rows")));
    for (std::int64_t i = 0; i < source->size(); ++i) {
      const auto& row = fixture.at("rows").at(static_cast<std::size_t>(i));
      EXPECT_EQ(source->name(i), "train2014/" + row.at("file").get<std::string>());
      std::vector<std::uint8_t> expected;
      for (const std::string& name : source->classes())
        expected.push_back(row.at("labels").value(name, std::uint8_t{0}));
      EXPECT_EQ(source->labels(i), expected) << source->name(i);
      EXPECT_EQ(source->target(i), -1);
    }
    EXPECT_EQ(source->image(3, 3), picture(9, 12, 3));
    const std::string counts = format("coco: 12 images, {} without objects, {} objects ({} crowds) of 5 classes", 2,
                                      fixture.at("objects").get<int>(), fixture.at("crowds").get<int>());
    EXPECT_TRUE(source->description().starts_with(counts)) << source->description();
    EXPECT_EQ(source->warnings(), std::vector<std::string>{});
  }
}

TEST_F(CocoFolder, WhatIsOddIsCountedAndNamed) {
  annotate(kSmallSet);
  add_images({"a.png", "c.png"});
  const auto source = open();
  EXPECT_EQ(source->warnings(),
            (std::vector<std::string>{
                "annotations/instances_train2014.json: of 2 images 1 is not in train2014/, and loading one is an "
                "error: b.png",
                "annotations/instances_train2014.json: objects of images that it does not list, which count nowhere: 1 "
                "(the first is of image 7)",
                "annotations/instances_train2014.json: objects with an id that another has, which all count: 1 (the "
                "first has id 1)",
                "annotations/instances_train2014.json: objects with a box that reaches outside of the image, which "
                "count as any: 1 (the first has id 1)",
                "annotations/instances_train2014.json: objects without an area, which count as small: 1 (the first has "
                "id 1)"}));
  EXPECT_EQ(source->labels(0), (std::vector<std::uint8_t>{0, kSmall | kMedium}));
  EXPECT_TRUE(source->description().ends_with("; images there and not listed: 1")) << source->description();
  EXPECT_NE(message_of<Error>([&] { source->image(1, 3); }).find("b.png"), std::string::npos);
}

TEST_F(CocoFolder, StatsCountLabelsAndSizes) {
  annotate(kSmallSet);
  add_images({"a.png", "b.png"});
  const Stats stats = stats_of(*open(), 2);
  EXPECT_EQ(stats.per_class, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(stats.by_size, (std::array<std::int64_t, 3>{1, 1, 0}));
  EXPECT_EQ(stats.without, 1);
  EXPECT_EQ(stats.labels.mean, 0.5);
}

TEST_F(CocoFolder, WhatIsMissingIsSaid) {
  EXPECT_EQ(error(),
            "ROOT: no annotations/instances_train[2014|2017].json; COCO's annotations lie in annotations/, its "
            "images beside it in train[2014|2017]/");
  annotate(kSmallSet);
  EXPECT_EQ(error(), "ROOT: no folder train2014/ with the images that annotations/instances_train2014.json lists");
  add_images({"x.png"});
  EXPECT_EQ(error(),
            "ROOT/train2014: none of the 2 images that annotations/instances_train2014.json lists is there (a.png, "
            "b.png); fetch them");
  add_images({"a.png", "b.png"});
  annotate(kSmallSet, "train2017");
  EXPECT_EQ(error(),
            "ROOT: holds annotations of train2014 and train2017; choose a year with coco-2014:PATH or coco-2017:PATH");
  EXPECT_EQ(error("coco-2017:"),
            "ROOT: no folder train2017/ with the images that annotations/instances_train2017.json lists");
  EXPECT_EQ(open("coco-2014:")->size(), 2);
  annotate("{\"images\": [", "train2017");
  make_folder(root() / "train2017");
  EXPECT_EQ(error("coco-2017:"),
            "ROOT/annotations/instances_train2017.json: broken JSON at byte 12 of 12 (Invalid value); "
            "fetch the file again");
}

TEST_F(CocoFolder, LabelsAreOfTheDigest) {
  annotate(kSmallSet);
  add_images({"a.png", "b.png"});
  const std::string digest = open()->digest();
  std::string other = kSmallSet;
  other.replace(other.find("2000"), 4, "9999");
  annotate(other);
  EXPECT_NE(open()->digest(), digest);
  annotate(kSmallSet);
  EXPECT_EQ(open()->digest(), digest);
}

TEST_F(CocoFolder, ABigJsonIsReadOnce) {
  const fs::path json = kFixtures / "coco_instances.json";
  const IndexedCoco first = indexed_coco(json, false, 1), second = indexed_coco(json, false, 1);
  EXPECT_TRUE(first.read);
  EXPECT_FALSE(second.read);
  EXPECT_EQ(second.index, first.index);
  EXPECT_TRUE(indexed_coco(json, true, 1).read);
  EXPECT_TRUE(indexed_coco(json, false).index.empty());
}

TEST(CocoIndex, GivesBackWhatWasRead) {
  const CocoInstances read = read_coco(kFixtures / "coco_instances.json");
  const std::string body = write_coco_index("stamp", read);
  const auto found = read_coco_index(body, "stamp");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->classes, read.classes);
  EXPECT_EQ(found->category_ids, read.category_ids);
  EXPECT_EQ(found->labels, read.labels);
  EXPECT_EQ(found->objects, read.objects);
  EXPECT_EQ(found->crowds, read.crowds);
  ASSERT_EQ(found->images.size(), read.images.size());
  for (std::size_t i = 0; i < read.images.size(); ++i) {
    EXPECT_EQ(found->images[i].id, read.images[i].id);
    EXPECT_EQ(found->images[i].file, read.images[i].file);
  }
  EXPECT_FALSE(read_coco_index(body, "another").has_value());
  for (std::size_t size = 0; size < body.size(); size += 7) {
    EXPECT_FALSE(read_coco_index(body.substr(0, size), "stamp").has_value());
  }
}

}  // namespace
}  // namespace springbok::data
