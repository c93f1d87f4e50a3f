// Sources name classes and samples so that every output can hold the names; what is read stays what it was.
#include "springbok/data/source/printable_names.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/data/pack/pack.h"
#include "springbok/data/source/class_match.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

TEST(PrintableNames, AreThoseOfAnOpenedFolder) {
  const TemporaryFolder folder;
  const image::Image pixels = picture(8, 8, 3);
  write_png(folder / "val/d\xE9sk/\x1B[31m\n.png", pixels);
  write_png(folder / "val/noon/caf\xC3\xA9.png", pixels);
  const auto source = open_source(folder.path().string(), Split::val);
  EXPECT_EQ(source->classes(), (std::vector<std::string>{"d\\xE9sk", "noon"}));
  EXPECT_EQ(source->name(0), "val/d\\xE9sk/\\x1B[31m\\x0A.png");
  EXPECT_EQ(source->name(1), "val/noon/caf\xC3\xA9.png");
  EXPECT_EQ(printed_bytes(source->name(0)), "val/d\xE9sk/\x1B[31m\n.png");
  EXPECT_EQ(source->image(0, 3).pixels, pixels.pixels);
  EXPECT_EQ(source->target(1), 1);
  EXPECT_EQ(match_classes(*source, {"noon", "d\\xE9sk"}), (std::vector<std::int64_t>{1, 0}));
}

TEST(PrintableNames, StayTheSameThroughAPack) {
  const TemporaryFolder folder;
  write_png(folder / "data/val/d\xE9sk/a\n.png", picture(8, 8, 3));
  write_png(folder / "data/val/=1+1/\x7F.png", picture(8, 8, 3));
  const auto source = open_source((folder / "data").string(), Split::val);
  write_pack(*source, folder / "packed", Split::val, {});
  const auto packed = open_source((folder / "packed").string(), Split::val);
  EXPECT_EQ(packed->classes(), source->classes());
  EXPECT_EQ(packed->digest(), source->digest());
  for (std::int64_t i = 0; i < source->size(); ++i) EXPECT_EQ(packed->name(i), source->name(i));
}

TEST(PrintableNames, RefuseTwoClassesThatWouldBeOne) {
  const TemporaryFolder folder;
  write_png(folder / "val/\xE9/a.png", picture(8, 8, 3));
  write_png(folder / "val/\\xE9/a.png", picture(8, 8, 3));
  const std::string said = message_of<Error>([&] { open_source(folder.path().string(), Split::val); });
  EXPECT_NE(said.find("two classes are called '\\xE9' where names are shown; rename one"), std::string::npos) << said;
}

}  // namespace
}  // namespace springbok::data
