// Packs of label sets and masks: what was packed comes back, from the pack and from folders; damage is said.
#include <gtest/gtest.h>

#include "springbok/base/label_sizes.h"
#include "springbok/data/check/verify.h"
#include "springbok/data/pack/pack.h"
#include "springbok/data/pack/pack_format.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

image::Image some_mask(int height, int width, int shift) {
  image::Image mask(height, width, 1);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    const std::size_t index = (i + static_cast<std::size_t>(shift)) % 5;
    mask.pixels[i] = static_cast<std::uint8_t>(index == 4 ? 255 : index);
  }
  return mask;
}

void write_bytes(const fs::path& path, const std::vector<std::byte>& bytes) {
  make_folder(path.parent_path());
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Five images with masks, JPEGs and PNGs.
void make_masks(const fs::path& root) {
  for (int i = 0; i < 5; ++i) {
    const image::Image image = picture(20 + i, 24, 3);
    const std::string name = format("train/images/sub/{}", i);
    write_bytes(root / (name + (i % 2 == 0 ? ".jpg" : ".png")),
                i % 2 == 0 ? image::encode_jpeg(image) : image::encode_png(image));
    write_png(root / format("train/masks/sub/{}.png", i), some_mask(20 + i, 24, i));
  }
  write_file(root / "classes.txt", "ground\nhouse\nroad\ntree\n");
}

void make_labels(const fs::path& root) {
  for (int i = 0; i < 4; ++i) write_bytes(root / format("train/{}.jpg", i), image::encode_jpeg(picture(20, 24 + i, 3)));
  write_file(root / "train.csv", "0.jpg,dog;traffic light\n1.jpg,\n2.jpg,\"a, b\"\n3.jpg,dog\n");
}

void expect_same(const Source& got, const Source& expected) {
  EXPECT_EQ(got.target_kind(), expected.target_kind());
  EXPECT_EQ(got.classes(), expected.classes());
  ASSERT_EQ(got.size(), expected.size());
  for (std::int64_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got.image(i, 3), expected.image(i, 3)) << i;
    EXPECT_EQ(got.target(i), -1);
    if (got.target_kind() == TargetKind::masks) {
      EXPECT_EQ(got.mask(i), expected.mask(i)) << i;
    } else {
      EXPECT_EQ(got.labels(i), expected.labels(i)) << i;
    }
  }
}

class PackTargets : public ::testing::Test {
 protected:
  std::unique_ptr<Source> open(const std::string& spec) const {
    return open_source((folder_.path() / spec).string(), Split::train);
  }
  std::unique_ptr<Source> packed(const Source& source, int threads = 2) const {
    write_pack(source, folder_ / "pack", Split::train, {.threads = threads, .done = {}});
    return open("pack");
  }
  TemporaryFolder folder_;
};

TEST_F(PackTargets, MasksComeBack) {
  make_masks(folder_ / "in");
  const auto source = open("in"), pack = packed(*source);
  expect_same(*pack, *source);
  EXPECT_EQ(pack->digest(), source->digest());
  EXPECT_EQ(pack->name(3), "train/images/sub/3.png");
  EXPECT_TRUE(pack->description().starts_with("pack: 5 images with masks of 4 classes")) << pack->description();
  EXPECT_TRUE(verify(*pack, {.threads = 1}).empty());
  const UnpackReport report = unpack(*pack, folder_ / "out", Split::train, {.threads = 2, .done = {}});
  EXPECT_EQ(report.images, 5);
  EXPECT_EQ(report.skipped, 0);
  expect_same(*open("out"), *source);
  EXPECT_EQ(unpack(*pack, folder_ / "out", Split::train, {.threads = 2, .done = {}}).skipped, 5);
}

TEST_F(PackTargets, LabelsComeBack) {
  make_labels(folder_ / "in");
  const auto source = open("in"), pack = packed(*source);
  ASSERT_EQ(source->classes(), (std::vector<std::string>{"a, b", "dog", "traffic light"}));
  expect_same(*pack, *source);
  EXPECT_EQ(pack->digest(), source->digest());
  EXPECT_FALSE(unpack(*pack, folder_ / "out", Split::train, {.threads = 2, .done = {}}).without_sizes);
  expect_same(*open("out"), *source);
  EXPECT_EQ(message_of<Error>([&] {
              write_lmdb(*source, folder_ / "lmdb", Split::train, {.threads = 1, .done = {}});
            }).substr(0, 17),
            "labels: 4 images,");
}

TEST_F(PackTargets, SizesArePacked) {
  write_png(folder_ / "in/train2014/a.png", picture(4, 5, 3));
  make_folder(folder_ / "in/annotations");
  write_file(
      folder_ / "in/annotations/instances_train2014.json",
      R"({"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}],
                 "annotations": [{"image_id": 1, "category_id": 2, "area": 5}, {"image_id": 1, "category_id": 2, "area": 1e5}]})");
  const auto source = open("in"), pack = packed(*source);
  expect_same(*pack, *source);
  EXPECT_EQ(pack->labels(0), (std::vector<std::uint8_t>{0, kSmall | kLarge}));
  EXPECT_TRUE(unpack(*pack, folder_ / "out", Split::train, {.threads = 2, .done = {}}).without_sizes);
}

TEST_F(PackTargets, AStoppedRunIsGoneOnWith) {
  make_masks(folder_ / "in");
  const auto source = open("in");
  packed(*source, 1);
  const std::string whole = read_text(folder_ / "pack/train.pack");
  for (const std::size_t kept : {std::size_t{100}, whole.size() / 2, whole.size() - 300}) {
    const TemporaryFolder again;
    write_file(again / "train.pack.part", whole.substr(0, kept));
    std::string stamps;
    for (std::int64_t i = 0; i < source->size(); ++i) {
      const std::string stamp = source->stamp(i);
      const auto hash = short_hash<16>(std::as_bytes(std::span(stamp)));
      stamps.append(hash.begin(), hash.end());
    }
    write_file(again / "train.pack.part-stamps", stamps);
    const PackReport report = write_pack(*source, again.path(), Split::train, {.threads = 3, .done = {}});
    EXPECT_EQ(report.resumed > 0, kept > 1000) << kept;
    EXPECT_EQ(read_text(again / "train.pack"), whole) << kept;
  }
}

TEST_F(PackTargets, DamageIsSaid) {
  make_masks(folder_ / "in");
  packed(*open("in"));
  const fs::path file = folder_ / "pack/train.pack";
  const std::string whole = read_text(file);
  const auto tail = from_bytes<PackTail>(std::as_bytes(std::span(whole)).last(sizeof(PackTail)));
  const auto row =
      from_bytes<PackRow>(std::as_bytes(std::span(whole)).subspan(tail.rows_at + 2 * sizeof(PackRow), sizeof(PackRow)));
  const std::size_t mask = row.at + row.table + row.image + sizeof(PackRecord);
  std::string changed = whole;
  changed[mask + static_cast<std::size_t>(row.target) / 2] ^= 1;
  write_file(file, changed);
  const auto findings = verify(*open("pack"), {.threads = 1});
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].name, "train/images/sub/2.jpg");
  EXPECT_NE(findings[0].detail.find("another SHA-256"), std::string::npos) << findings[0].detail;
  for (std::size_t back = 1; back < whole.size() - tail.rows_at; back += 11) {
    changed = whole;
    changed[changed.size() - back] ^= 0x40;
    write_file(file, changed);
    EXPECT_THROW(open("pack"), Error) << back;
  }
}

TEST_F(PackTargets, VersionOneIsStillRead) {
  make_folder(folder_ / "old");
  fs::copy_file(fs::path(SPRINGBOK_SOURCE_DIR) / "fuzz/corpus/data_pack/one", folder_ / "old/train.pack");
  const auto source = open("old");
  EXPECT_EQ(source->target_kind(), TargetKind::classes);
  EXPECT_GE(source->target(0), 0);
}

}  // namespace
}  // namespace springbok::data
