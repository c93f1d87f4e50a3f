// The index of a folder tree: the second look equals a first one, whatever happened in between to folder or index.
#include "springbok/data/folder/tree_index.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/source/kept_index.h"
#include "springbok/data/source/source.h"
#include "tests/data/support.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/with_variable.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::WithVariable;

constexpr std::int64_t kMinute = 60'000'000'000;

/// A folder of images, and a cache of its own.
class TreeIndex : public ::testing::Test {
 protected:
  TreeIndex() {
    for (const char* file : {"a/1.jpg", "a/2.jpg", "a/x.txt", "b/c/1.jpg"}) touch(root_ / file);
  }

  /// Looks as if a minute had passed, so that all folders are settled.
  IndexedTree look(bool rescan = false, std::int64_t least_files = 1) const {
    return indexed_tree(root_.path(),
                        {.rescan = rescan, .least_files = least_files, .now = nanoseconds_now() + kMinute});
  }

  TemporaryFolder root_, cache_;
  WithVariable variable_{"SPRINGBOK_CACHE", cache_.path().string()}, rescan_{"SPRINGBOK_RESCAN", std::nullopt};
};

TEST_F(TreeIndex, TheSecondLookEqualsTheFirst) {
  const IndexedTree first = look(), second = look();
  EXPECT_EQ(first.tree.listed, 4);
  EXPECT_EQ(second.tree.listed, 0);
  EXPECT_EQ(second.tree.folders, first.tree.folders);
  EXPECT_EQ(second.index, first.index);
  EXPECT_EQ(second.index.parent_path(), cache_ / "folders");
  EXPECT_EQ(indexed_tree(root_ / "b/..", {.least_files = 1}).tree.listed, 0);  // the same folder by another path
}

TEST_F(TreeIndex, WhatChangedIsListedAndKept) {
  look();
  touch(root_ / "b/c/2.jpg");
  const IndexedTree changed = look();
  EXPECT_EQ(changed.tree.listed, 1);
  EXPECT_EQ(changed.tree.folders.at("b/c").count, 2);
  EXPECT_EQ(look().tree.listed, 0);
}

TEST_F(TreeIndex, RescanListsEverything) {
  look();
  EXPECT_EQ(look(true).tree.listed, 4);
  {
    const WithVariable asked("SPRINGBOK_RESCAN", "1");
    EXPECT_EQ(look().tree.listed, 4);
  }
  const WithVariable not_asked("SPRINGBOK_RESCAN", "0");
  EXPECT_EQ(look().tree.listed, 0);
}

TEST_F(TreeIndex, SmallTreesHaveNone) {
  EXPECT_TRUE(look(false, 5).index.empty());
  EXPECT_TRUE(fs::is_empty(cache_.path()));
  EXPECT_FALSE(look(false, 4).index.empty());
}

TEST_F(TreeIndex, DamagedForeignAndOlderOnesAreMadeAgain) {
  const IndexedTree first = look();
  const std::string good = read_text(first.index);
  std::vector<std::string> bad{"", "x", good.substr(0, good.size() / 2), good + "x"};
  for (const std::size_t at : {std::size_t{0}, std::size_t{15}, good.size() / 2, good.size() - 1}) {
    bad.push_back(good);
    bad.back()[at] ^= 1;
  }
  const KeptIndex other{.file = first.index, .format = "springbok-tree-1", .place = "/another/folder"};
  bad.push_back(seal_index(other, write_index(first.tree.folders)));
  for (const std::string& bytes : bad) {
    write_file(first.index, bytes);
    const IndexedTree again = look();
    EXPECT_EQ(again.tree.listed, 4);
    EXPECT_EQ(again.tree.folders, first.tree.folders);
    EXPECT_EQ(read_text(first.index), good);
  }
}

TEST_F(TreeIndex, EveryCutIsFound) {
  const std::string body = write_index(look().tree.folders);
  EXPECT_EQ(read_index(body), look().tree.folders);
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(read_index(body.substr(0, size))) << size;
  const KeptIndex index{.file = "", .format = "format-1", .place = "/top"};
  const std::string whole = seal_index(index, body);
  EXPECT_EQ(unseal_index(index, whole), body);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(unseal_index(index, std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(unseal_index({.file = "", .format = "format-2", .place = "/top"}, whole));
  EXPECT_FALSE(unseal_index({.file = "", .format = "format-1", .place = "/to"}, whole));
}

TEST_F(TreeIndex, ACacheThatCannotBeWrittenStopsNothing) {
  touch(cache_ / "folders");  // a file where the folder should be: also root cannot write below it
  ::testing::internal::CaptureStderr();
  const IndexedTree first = look(), second = look();
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(first.tree.listed, 4);
  EXPECT_EQ(second.tree.folders, first.tree.folders);
  EXPECT_TRUE(second.index.empty());
  EXPECT_TRUE(said.starts_with("springbok: warning: no index of ")) << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;  // once
}

/// 20 classes of 1,000 images: hard links to one file.
void make_20000(const TemporaryFolder& root) {
  touch(root / "file");
  for (int c = 0; c < 20; ++c) {
    const fs::path folder = root / "data/train" / format("class{:02}", c);
    make_folder(folder);
    for (int i = 0; i < 1000; ++i) {
      fs::create_hard_link(root / "file", folder / format("{:04}.jpg", (i * 7919) % 1000));
    }
  }
}

std::vector<std::string> names_of(const Source& source) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < source.size(); ++i) names.push_back(source.name(i));
  return names;
}

TEST(IndexedFolder, TwentyThousandImagesOpenTheSameASecondTime) {
  const TemporaryFolder root, cache;
  const WithVariable variable("SPRINGBOK_CACHE", cache.path().string());
  make_20000(root);
  ::usleep(2'100'000);  // until the folders are settled
  IndexLook look;
  const auto open = [&](bool rescan = false) {
    return open_source((root / "data").string(), Split::train,
                       {.rescan = rescan, .looked = [&](const IndexLook& seen) { look = seen; }});
  };
  const auto first = open();
  EXPECT_EQ(look.listed, 21);
  ASSERT_EQ(first->size(), 20'000);
  EXPECT_EQ(first->name(1000), "train/class01/0000.jpg");
  const auto second = open();
  EXPECT_EQ(look.listed, 0);
  EXPECT_EQ(look.known, 21);
  EXPECT_EQ(second->digest(), first->digest());
  EXPECT_EQ(second->description(), first->description());

  fs::remove(root / "data/train/class03/0500.jpg");
  touch(root / "data/train/class05/sub/new.png");
  touch(root / "data/train/class05/other.txt");
  fs::rename(root / "data/train/class07", root / "data/train/class99");
  const auto third = open();
  EXPECT_LT(look.listed, 6);
  EXPECT_EQ(third->classes().back(), "class99");
  EXPECT_EQ(names_of(*third), names_of(*open(true)));
  EXPECT_EQ(third->description(), "folder: 20,000 images in 20 classes (" + (root / "data/train").string() +
                                      "); 1 other file left out (1 .txt)");
}

}  // namespace
}  // namespace springbok::data
