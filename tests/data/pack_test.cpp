// Packed data sets against the folders that they are made of, decoded by libjpeg-turbo.
#include "springbok/data/pack/pack.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/check/verify.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/pack/pack_format.h"
#include "springbok/image/decode.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

const fs::path kFiles = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/image/files";

/// A folder of two classes with every kind of image that is loaded.
fs::path make_folders(const fs::path& root) {
  int number = 0;
  for (const char* file :
       {"420.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg", "rgb.png", "restarts.jpg", "440.jpg"}) {
    const fs::path folder = root / "train" / (number % 2 == 0 ? "even" : "odd") / (number > 3 ? "below" : ".");
    ++number;
    fs::create_directories(folder);
    fs::copy(kFiles / file, folder / file);
  }
  return root;
}

std::vector<std::byte> pack_bytes(const Source& source, const fs::path& out, int threads) {
  write_pack(source, out, Split::train, {.threads = threads, .done = {}});
  return read_file(out / "train.pack");
}

TEST(Pack, HoldsWhatTheFolderHolds) {
  const TemporaryFolder folder;
  const auto source = open_source(make_folders(folder.path() / "in").string(), Split::train);
  const PackReport report = write_pack(*source, folder.path() / "out", Split::train, {.threads = 2, .done = {}});
  EXPECT_EQ(report.images, 7);
  EXPECT_EQ(report.rewritten, 6);
  const auto packed = open_source((folder.path() / "out").string(), Split::train);
  ASSERT_EQ(packed->size(), source->size());
  EXPECT_EQ(packed->classes(), source->classes());
  EXPECT_EQ(packed->digest(), source->digest());
  for (std::int64_t i = 0; i < source->size(); ++i) {
    EXPECT_EQ(packed->name(i), source->name(i));
    EXPECT_EQ(packed->target(i), source->target(i));
    EXPECT_EQ(packed->image(i, 3), source->image(i, 3)) << source->name(i);
    EXPECT_EQ(packed->encoded(i, 3)->size(), source->encoded(i, 3)->size());
  }
}

TEST(Pack, GivesTheSameBatches) {
  const TemporaryFolder folder;
  const auto source = open_source(make_folders(folder.path() / "in").string(), Split::train);
  write_pack(*source, folder.path() / "out", Split::train, {.threads = 1, .done = {}});
  const auto packed = open_source("pack:" + (folder.path() / "out").string(), Split::train);
  for (std::int64_t epoch = 0; epoch < 10; ++epoch) {
    const auto batch_of = [&](const Source& from) {
      const Preprocess preprocess{.size = 32};
      Loader loader(from, Transform(preprocess, Augment{}), {.batch = 7, .epoch = epoch, .shuffle = true});
      return loader.next()->pixels;
    };
    EXPECT_EQ(batch_of(*packed), batch_of(*source)) << epoch;
  }
}

TEST(Pack, IsTheSameForAnyNumberOfThreadsAndAfterAStop) {
  const TemporaryFolder folder;
  const auto source = open_source(make_folders(folder.path() / "in").string(), Split::train);
  const auto whole = pack_bytes(*source, folder.path() / "one", 1);
  EXPECT_EQ(pack_bytes(*source, folder.path() / "three", 3), whole);
  // Stopped anywhere, and with garbage where the disk lost something.
  for (std::size_t kept = 0; kept < whole.size(); kept += whole.size() / 9) {
    const fs::path out = folder.path() / format("stopped{}", kept);
    make_folder(out);
    std::string part(reinterpret_cast<const char*>(whole.data()), kept);
    if (kept > 200) part[kept - 100] = static_cast<char>(part[kept - 100] + 1);
    write_file(out / "train.pack.part", part);
    EXPECT_EQ(pack_bytes(*source, out, 2), whole) << kept;
    EXPECT_FALSE(fs::exists(out / "train.pack.part"));
  }
}

TEST(Pack, TheWayBackHasTheSamePixels) {
  const TemporaryFolder folder;
  const auto source = open_source(make_folders(folder.path() / "in").string(), Split::train);
  write_pack(*source, folder.path() / "out", Split::train, {.threads = 1, .done = {}});
  const auto packed = open_source((folder.path() / "out").string(), Split::train);
  const UnpackReport report = unpack(*packed, folder.path() / "back", Split::train, {.threads = 2, .done = {}});
  EXPECT_EQ(report.images, 7);
  const auto back = open_source((folder.path() / "back").string(), Split::train);
  ASSERT_EQ(back->digest(), source->digest());
  for (std::int64_t i = 0; i < source->size(); ++i) EXPECT_EQ(back->image(i, 3), source->image(i, 3));
  EXPECT_EQ(unpack(*packed, folder.path() / "back", Split::train, {.threads = 2, .done = {}}).skipped, 7);
}

TEST(Pack, BadImagesAndFilesThatAreThereAreSaid) {
  const TemporaryFolder folder;
  const fs::path in = make_folders(folder.path() / "in"), out = folder.path() / "out";
  const auto source = open_source(in.string(), Split::train);
  const auto pack = [&] { write_pack(*source, out, Split::train, {.threads = 1, .done = {}}); };
  const std::string whole = read_text(in / "train/odd/progressive.jpg");
  write_file(in / "train/odd/progressive.jpg", whole.substr(0, whole.size() / 2));
  EXPECT_NE(message_of<Error>(pack).find("train/odd/progressive.jpg: truncated JPEG"), std::string::npos);
  write_file(in / "train/odd/progressive.jpg", whole);
  pack();
  EXPECT_NE(message_of<Error>(pack).find("train.pack: is there already"), std::string::npos);
}

/// Any byte changed or missing: an Error, or the images as they were; never anything else.
TEST(Pack, DamageIsSaid) {
  const TemporaryFolder folder;
  const auto source = open_source(make_folders(folder.path() / "in").string(), Split::train);
  const auto whole = pack_bytes(*source, folder.path() / "out", 1);
  const fs::path file = folder.path() / "out/train.pack";
  const std::string text(reinterpret_cast<const char*>(whole.data()), whole.size());
  const auto open = [&] { open_source((folder.path() / "out").string(), Split::train); };
  for (const std::size_t kept : {std::size_t{0}, std::size_t{40}, text.size() / 2, text.size() - 1}) {
    write_file(file, text.substr(0, kept));
    EXPECT_NE(message_of<Error>(open).find("train.pack: damaged"), std::string::npos) << kept;
  }
  const auto tail = from_bytes<PackTail>(std::span(whole).last(sizeof(PackTail)));
  for (std::size_t back = 1; back < whole.size() - tail.rows_at; back += 7) {
    std::string changed = text;
    changed[changed.size() - back] = static_cast<char>(changed[changed.size() - back] ^ 0x40);
    write_file(file, changed);
    EXPECT_THROW(open(), Error) << back;
  }
  write_file(file, "another-magic-16" + text.substr(16));
  EXPECT_NE(message_of<Error>(open).find("is no springbok-pack-1 or -2 file"), std::string::npos);
}

/// A byte of an image that decodes all the same is found by its record's hash, and by nothing else.
TEST(Pack, VerifyChecksTheHashOfEveryRecord) {
  const TemporaryFolder folder;
  const auto source = open_source(make_folders(folder.path() / "in").string(), Split::train);
  auto whole = pack_bytes(*source, folder.path() / "out", 1);
  const auto open = [&] { return open_source((folder.path() / "out").string(), Split::train); };
  const auto damaged = [](const Source& from) {
    std::vector<std::string> names;
    for (const Finding& each : verify(from, {.threads = 2})) {
      if (each.fault == Fault::corrupt) names.push_back(each.name);
    }
    return names;
  };
  EXPECT_TRUE(damaged(*open()).empty());
  const auto tail = from_bytes<PackTail>(std::span(whole).last(sizeof(PackTail)));
  for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) {
    const auto row = from_bytes<PackRow>(std::span(whole).subspan(tail.rows_at + i * sizeof(PackRow), sizeof(PackRow)));
    whole[row.at + row.table + row.image / 2] ^= std::byte{1};
  }
  write_file(folder.path() / "out/train.pack", {reinterpret_cast<const char*>(whole.data()), whole.size()});
  EXPECT_EQ(damaged(*open()), (std::vector<std::string>{open()->name(3), open()->name(4)}));
  EXPECT_EQ(damaged(*limited(open(), 2)), (std::vector<std::string>{open()->name(3)}));
}

TEST(Pack, AFileThatIsCutWhileInUseIsAnError) {
  const TemporaryFolder folder;
  const auto source = open_source(make_folders(folder.path() / "in").string(), Split::train);
  write_pack(*source, folder.path() / "out", Split::train, {.threads = 1, .done = {}});
  const auto packed = open_source((folder.path() / "out").string(), Split::train);
  fs::resize_file(folder.path() / "out/train.pack", 200);
  EXPECT_NE(message_of<Error>([&] { packed->image(6, 3); }).find("it was cut"), std::string::npos);
}

}  // namespace
}  // namespace springbok::data
