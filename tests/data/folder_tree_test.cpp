// Scanning folders: what is found, what is taken as known, and what is never trusted.
#include "springbok/data/folder/folder_tree.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "springbok/base/error.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

constexpr std::int64_t kMinute = 60'000'000'000;

/// A scan that takes all folders for a minute old, so that they are settled.
FolderTree later(const TemporaryFolder& root, Listings known = {}, int threads = 2) {
  return scan_tree(root.path(), std::move(known), nanoseconds_now() + kMinute, threads);
}

std::vector<std::string> paths(const FolderTree& tree) {
  std::vector<std::string> result;
  for (const auto& [path, listing] : tree.folders) result.push_back(path);
  return result;
}

std::vector<std::string> images(const Listing& listing) {
  std::vector<std::string> result;
  for_each_image(listing, [&](std::string_view name) { result.emplace_back(name); });
  return result;
}

TEST(ScanTree, FindsImagesFoldersAndOthers) {
  const TemporaryFolder root;
  for (const char* file : {"b/2.JPG", "b/10.png", "b/notes.txt", "b/c/1.webp", "b-a/1.jpeg", "a/1.gif", "top.jpg"}) {
    touch(root / file);
  }
  for (const int threads : {1, 3}) {
    const FolderTree tree = later(root, {}, threads);
    EXPECT_EQ(paths(tree), (std::vector<std::string>{"", "a", "b", "b/c", "b-a"}));  // by class first
    EXPECT_EQ(tree.listed, 5);
    EXPECT_TRUE(tree.differs);
    const Listing& top = tree.folders.at("");
    EXPECT_EQ(top.folders, (std::vector<std::string>{"a", "b", "b-a"}));
    EXPECT_EQ(images(top), std::vector<std::string>{"top.jpg"});
    EXPECT_EQ(images(tree.folders.at("b")), (std::vector<std::string>{"10.png", "2.JPG"}));
    EXPECT_EQ(tree.folders.at("b").count, 2);
    EXPECT_EQ(tree.folders.at("b").others.text(), "1 other file left out (1 .txt)");
    EXPECT_TRUE(tree.folders.at("a").settled);
  }
}

TEST(ScanTree, UnchangedFoldersAreNotListedAgain) {
  const TemporaryFolder root;
  for (const char* file : {"a/1.jpg", "b/1.jpg", "b/c/1.jpg"}) touch(root / file);
  const FolderTree first = later(root), second = later(root, first.folders);
  EXPECT_EQ(second.listed, 0);
  EXPECT_FALSE(second.differs);
  EXPECT_EQ(second.folders, first.folders);
}

TEST(ScanTree, OnlyChangedFoldersAreListedAgain) {
  const TemporaryFolder root;
  for (const char* file : {"a/1.jpg", "b/1.jpg", "b/c/1.jpg"}) touch(root / file);
  auto again = [&, known = later(root)]() mutable {
    FolderTree tree = later(root, known.folders);
    EXPECT_EQ(tree.folders, later(root).folders);
    EXPECT_TRUE(tree.differs);
    known = tree;
    return tree;
  };
  touch(root / "b/c/2.jpg");
  EXPECT_EQ(again().listed, 1);
  fs::rename(root / "b/c/2.jpg", root / "b/c/3.jpg");
  EXPECT_EQ(again().listed, 1);
  fs::remove(root / "a/1.jpg");
  EXPECT_EQ(again().listed, 1);
  fs::rename(root / "b/c", root / "b/d");
  EXPECT_EQ(paths(again()), (std::vector<std::string>{"", "a", "b", "b/d"}));
  touch(root / "e/f/1.jpg");
  EXPECT_EQ(again().listed, 3);  // the top, e, e/f
  fs::remove_all(root / "b");
  EXPECT_EQ(paths(again()), (std::vector<std::string>{"", "a", "e", "e/f"}));
}

TEST(ScanTree, AFolderThatTookAnothersPlaceIsListed) {
  const TemporaryFolder root;
  touch(root / "a/1.jpg");
  touch(root / "spare/2.jpg");
  const FolderTree first = later(root);
  fs::rename(root / "a", root / "old");
  fs::rename(root / "spare", root / "a");
  EXPECT_EQ(images(later(root, first.folders).folders.at("a")), std::vector<std::string>{"2.jpg"});
}

TEST(ScanTree, AModificationTimeThatWasSetBackDeceivesNobody) {
  const TemporaryFolder root;
  touch(root / "a/1.jpg");
  const FolderTree first = later(root);
  const auto before = fs::last_write_time(root / "a");
  touch(root / "a/2.jpg");
  fs::last_write_time(root / "a", before);
  EXPECT_EQ(later(root, first.folders).folders.at("a").count, 2);
}

TEST(ScanTree, YoungFoldersAreListedAgain) {
  const TemporaryFolder root;
  touch(root / "a/1.jpg");
  const FolderTree first = scan_tree(root.path(), {}, nanoseconds_now(), 1);
  EXPECT_FALSE(first.folders.at("a").settled);
  const FolderTree second = later(root, first.folders);
  EXPECT_EQ(second.listed, 2);
  EXPECT_TRUE(second.differs);  // they are settled now, which is worth keeping
}

TEST(ScanTree, FoldersWithLinksAreListedAgain) {
  const TemporaryFolder root, elsewhere;
  touch(elsewhere / "pictures/1.jpg");
  touch(root / "a/1.jpg");
  fs::create_directory_symlink(elsewhere / "pictures", root / "b");
  fs::create_symlink("nowhere", root / "a/broken.jpg");
  const FolderTree first = later(root);
  EXPECT_EQ(images(first.folders.at("a")), (std::vector<std::string>{"1.jpg", "broken.jpg"}));
  EXPECT_EQ(images(first.folders.at("b")), std::vector<std::string>{"1.jpg"});
  const FolderTree second = later(root, first.folders);
  EXPECT_EQ(second.listed, 2);  // the top and a; b itself is as it was
  EXPECT_FALSE(second.differs);

  // What a link leads to may become another thing, and its folder does not tell.
  touch(root / "a/nowhere/2.jpg");
  fs::rename(elsewhere / "pictures", elsewhere / "old");
  touch(elsewhere / "pictures/3.jpg");
  const FolderTree third = later(root, second.folders);
  EXPECT_EQ(third.folders.at("a").folders, (std::vector<std::string>{"broken.jpg", "nowhere"}));
  EXPECT_EQ(images(third.folders.at("b")), std::vector<std::string>{"3.jpg"});
}

/// 2^40 ways lead to the last of 40 folders, each of which has two links to the next.
TEST(ScanTree, FansOfLinksEnd) {
  const TemporaryFolder root, rest;
  for (int i = 0; i < 40; ++i) {
    const fs::path folder = rest / std::to_string(i);
    fs::create_directory(folder);
    for (const char* name : {"a", "b"}) fs::create_directory_symlink(rest / std::to_string(i + 1), folder / name);
  }
  touch(rest / "40/1.jpg");
  fs::create_directory_symlink(rest / "0", root / "class");
  EXPECT_NE(message_of<Error>([&] {
              later(root);
            }).find(": over 1,000 links lead to this folder, one through another; remove some"),
            std::string::npos);
}

TEST(ScanTree, CirclesAndWhatCannotBeListed) {
  const TemporaryFolder root;
  touch(root / "a/1.jpg");
  fs::create_directory_symlink("..", root / "a/up");
  EXPECT_EQ(message_of<Error>([&] { later(root); }),
            (root / "a/up").string() + ": is a link to a folder that contains it; remove the link");
  fs::remove(root / "a/up");
  fs::create_symlink("self", root / "a/self");
  fs::create_symlink("self.jpg", root / "a/self.jpg");  // a file that cannot be opened, as a link to nothing
  EXPECT_EQ(later(root).folders.at("a").others.total(), 1);
  EXPECT_EQ(images(later(root).folders.at("a")), (std::vector<std::string>{"1.jpg", "self.jpg"}));
  EXPECT_EQ(message_of<Error>([&] { scan_tree(root / "b", {}, 0, 1); }),
            "cannot examine " + (root / "b").string() + ": No such file or directory");
  EXPECT_EQ(message_of<Error>([&] { scan_tree(root / "a/1.jpg", {}, 0, 1); }),
            "cannot list " + (root / "a/1.jpg").string() + ": Not a directory");
}

}  // namespace
}  // namespace springbok::data
