// Opening sources: detection, prefixes, limits.
#include "springbok/data/source/source.h"

#include <gtest/gtest.h>

#include <set>

#include "springbok/base/error.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

std::string open_message(const std::string& spec, Split split = Split::train) {
  return message_of<Error>([&] { open_source(spec, split); });
}

TEST(OpenSource, SaysWhatItLookedForAndFound) {
  const TemporaryFolder root;
  const std::string path = root.path().string();
  EXPECT_EQ(open_message(path), path +
                                    ": no data of a known kind; looked for image folders (train/CLASS/IMAGE.jpg), "
                                    "IDX files (train-images-idx3-ubyte[.gz]), CIFAR's files, train.pack, train.lmdb, "
                                    "train/*.tar, train.txt, train.csv, COCO's annotations/, VOC's JPEGImages/, "
                                    "images/ with masks/, found nothing");
  for (const char* name : {"a.csv", "b.csv", "c.csv", "d.csv", "e.csv", "f.csv"}) touch(root / name);
  EXPECT_EQ(open_message(path, Split::val),
            path +
                ": no data of a known kind; looked for image folders (val/CLASS/IMAGE.jpg), IDX files "
                "(t10k-images-idx3-ubyte[.gz]), CIFAR's files, val.pack, val.lmdb, val/*.tar, val.txt, val.csv, "
                "COCO's annotations/, VOC's JPEGImages/, images/ with masks/, found a.csv, "
                "b.csv, c.csv, d.csv, e.csv and 1 more");
}

TEST(OpenSource, WrongPaths) {
  const TemporaryFolder root;
  const std::string missing = (root / "missing").string();
  EXPECT_EQ(open_message(missing), missing + ": no such folder");
  EXPECT_EQ(open_message("folder:" + missing), missing + ": no such folder");
  touch(root / "file");
  const std::string file = (root / "file").string();
  EXPECT_EQ(open_message(file), file + ": is a file; give the folder with the images or IDX files");
}

TEST(OpenSource, UnknownKindsAreUsageErrors) {
  EXPECT_EQ(
      message_of<UsageError>([] { open_source("floder:x", Split::train); }),
      "floder:x: no such folder, and no kind of data is called 'floder' (did you mean 'folder'?); known: "
      "folder:PATH, idx:PATH, cifar:PATH, lmdb:PATH, pack:PATH, tar:PATH, tar-first-dot:PATH, tar-last-dot:PATH, "
      "list:PATH, coco:PATH, coco-2014:PATH, coco-2017:PATH, voc:PATH, voc-imagesets:PATH, masks:PATH, labels:PATH");
}

TEST(OpenSource, AFolderMayHaveAColonInItsName) {
  const TemporaryFolder root;
  touch(root / "a:b/train/cat/1.png");
  EXPECT_EQ(open_source((root / "a:b").string(), Split::train)->size(), 1);
}

TEST(Limited, SpreadsOverTheSource) {
  const auto source = limited(std::make_unique<MadeUp>(10), 4);
  EXPECT_EQ(source->size(), 4);
  EXPECT_EQ(source->classes().size(), 3U);
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < 4; ++i) names.push_back(source->name(i));
  EXPECT_EQ(names, (std::vector<std::string>{"made/0", "made/2", "made/5", "made/7"}));
  EXPECT_EQ(source->target(3), 7 % 3);
  EXPECT_EQ(source->image(3, 3), MadeUp(10).image(7, 3));
  EXPECT_EQ(source->description(), "made up, limited to 4");
  EXPECT_NE(source->digest(), MadeUp(10).digest());
  EXPECT_THROW(source->name(4), Error);
}

TEST(Limited, KeepsAllOfASmallSource) {
  EXPECT_EQ(limited(std::make_unique<MadeUp>(10), 0)->size(), 10);
  EXPECT_EQ(limited(std::make_unique<MadeUp>(10), 11)->description(), "made up");
}

// A sorted source of 10 classes with 100 samples each: any limit of 10 or more shows every class.
TEST(Limited, KeepsEveryClassOfASortedSource) {
  for (const std::int64_t limit : {10, 11, 37, 999}) {
    std::set<std::int64_t> classes;
    const auto source = limited(std::make_unique<MadeUp>(1000), limit);
    for (std::int64_t i = 0; i < limit; ++i) classes.insert(std::stoll(source->name(i).substr(5)) / 100);
    EXPECT_EQ(classes.size(), 10U) << limit;
  }
}

TEST(Loadable, KeepsWhatCanBeLoadedAndNamesTheRest) {
  std::vector<std::string> bad;
  const auto note = [&](const std::string& why) { bad.push_back(why); };
  const auto source = loadable(std::make_unique<MadeUp>(10, std::vector<std::int64_t>{3, 7}), 2, note);
  EXPECT_EQ(bad, (std::vector<std::string>{"made/3: is broken", "made/7: is broken"}));
  ASSERT_EQ(source->size(), 8);
  EXPECT_EQ(source->name(3), "made/4");
  EXPECT_EQ(source->target(7), 9 % 3);
  EXPECT_EQ(source->description(), "made up, 2 left out");
  const auto other = loadable(std::make_unique<MadeUp>(10, std::vector<std::int64_t>{3, 8}), 1, note);
  EXPECT_NE(other->digest(), source->digest());
  EXPECT_NE(limited(std::make_unique<MadeUp>(10), 8)->digest(), source->digest());
  EXPECT_EQ(loadable(std::make_unique<MadeUp>(10), 1, note)->description(), "made up");
  EXPECT_EQ(message_of<Error>([&] { loadable(std::make_unique<MadeUp>(1, std::vector<std::int64_t>{0}), 1, note); }),
            "made up: none of its images can be loaded");
}

}  // namespace
}  // namespace springbok::data
