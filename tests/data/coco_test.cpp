// COCO's annotations: classes by their place in the list, sizes by area, and what is broken.
#include "springbok/data/labels/coco.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/label_sizes.h"
#include "springbok/data/labels/coco_classes.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using springbok::testing::message_of;

CocoInstances read(const std::string& json) {
  return read_coco(std::as_bytes(std::span(json)), "instances.json");
}

std::string error_of(const std::string& json) {
  return message_of<Error>([&] { read(json); });
}

const std::string kImages =
    R"("images": [{"id": 7, "file_name": "7.jpg", "license": 3}, {"file_name": "2.jpg", "id": 2}])";
const std::string kClasses = R"("categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}])";

std::string with(const std::string& annotations) {
  return "{" + kImages + R"(, "annotations": [)" + annotations + "], " + kClasses + "}";
}

/// torchvision 0.29.1's `_COCO_CATEGORIES` (models/_meta.py) without `__background__` and `N/A`, a line each.
TEST(Coco, TheClassesAreThoseThatTorchvisionNames) {
  std::string lines;
  for (const std::string& name : coco_classes()) lines += name + '\n';
  EXPECT_EQ(coco_classes().size(), 80U);
  EXPECT_EQ(sha256(std::as_bytes(std::span(lines))),
            "bd17f1ee35d5f3c862a4894605855abbb9dda4b0621fdb0ac4c2c8c7bb7e730a");
}

TEST(Coco, SizesGoByAreaAndClassesByTheirPlace) {
  const CocoInstances coco = read(with(
      R"({"id": 1, "image_id": 2, "category_id": 1, "area": 1024, "iscrowd": 1, "segmentation": {"counts": [1, {"id": 9}]}},
         {"id": 2, "image_id": 2, "category_id": 1, "area": 1023.9, "iscrowd": 0, "segmentation": [[1, 2]]},
         {"id": 3, "image_id": 2, "category_id": 18, "area": 9216},
         {"id": 4, "image_id": 99, "category_id": 18, "area": 5})"));
  EXPECT_EQ(coco.classes, (std::vector<std::string>{"dog", "person"}));
  EXPECT_EQ(coco.images[1].file, "2.jpg");
  EXPECT_EQ(coco.labels, (std::vector<std::uint8_t>{0, 0, kLarge, kSmall | kMedium}));
  EXPECT_EQ(coco.objects, 4);
  EXPECT_EQ(coco.crowds, 1);
  EXPECT_EQ(coco.of_unknown_images, 1);
}

TEST(Coco, WhatIsBrokenIsSaidOnce) {
  EXPECT_EQ(error_of("{}"),
            "instances.json: it has no list 'images'; COCO's instances_*.json has images, annotations and categories");
  EXPECT_EQ(error_of(with(R"({"image_id": 2, "category_id": 5, "area": 1})")),
            "instances.json: an object of image 2 is of category 5, which is not listed");
  EXPECT_EQ(error_of(with(R"({"id": 4, "category_id": 1, "area": 1})")),
            "instances.json: an entry of 'annotations' (id 4) has no whole number 'image_id'; it is damaged");
  EXPECT_EQ(error_of("{" + kImages + R"(, "images": [{"id": 2, "file_name": "x"}]})"),
            "instances.json: image 2 is listed twice");
  EXPECT_TRUE(error_of("{" + kImages).starts_with("instances.json: broken JSON at byte "));
}

}  // namespace
}  // namespace springbok::data
