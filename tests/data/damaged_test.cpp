// Damaged JPEGs in a source: refused, or read as Pillow reads them and counted.
#include "springbok/data/source/damaged.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/check/verify.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
const fs::path kImages = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/image/files";

/// A sound JPEG and one with zeros in the place of its end, which is row 2 of those of 420.jpg in damaged.json.
void make_photographs(const fs::path& root) {
  fs::create_directories(root / "train/a");
  fs::copy(kImages / "420.jpg", root / "train/a/1.jpg");
  const std::string whole = read_text(kImages / "420.jpg");
  write_file(root / "train/a/2.jpg", whole.substr(0, whole.size() - 2) + std::string(500, '\0'));
}

TEST(Damaged, IsRefusedUnlessAskedFor) {
  const testing::TemporaryFolder folder;
  make_photographs(folder.path());
  Damaged damaged;
  const auto strict = with_damaged(open_source(folder.path().string(), Split::train), DamagedJpeg::refuse, damaged);
  EXPECT_EQ(testing::message_of<Error>([&] { strict->image(1, 3); }),
            "train/a/2.jpg: truncated JPEG (after 2,487 of 2,487 bytes); replace or remove it");
  EXPECT_EQ(damaged.text(), "");
}

TEST(Damaged, IsReadAndCountedOnce) {
  const testing::TemporaryFolder folder;
  make_photographs(folder.path());
  Damaged damaged;
  const auto source = with_damaged(open_source(folder.path().string(), Split::train), DamagedJpeg::as_pillow, damaged);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(source->image(1, 3), source->image(0, 3));  // nothing but the end is missing
    source->encoded(1, 3)->part({.top = 30, .left = 0, .height = 7, .width = 53});
  }
  EXPECT_EQ(damaged.count(), 1);
  EXPECT_TRUE(damaged.has("train/a/2.jpg"));
  EXPECT_EQ(damaged.text(), "1 damaged JPEG was read as Pillow reads it (train/a/2.jpg)");
  const auto plain = open_source(folder.path().string(), Split::train);
  EXPECT_EQ(source->digest(), plain->digest());
  const std::vector<Finding> findings = verify(*source, {.threads = 1});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, Fault::damaged);
  EXPECT_FALSE(stops_loading(findings[0].fault));
  EXPECT_EQ(verify(*plain, {.threads = 1})[0].fault, Fault::truncated);
}

}  // namespace
}  // namespace springbok::data
