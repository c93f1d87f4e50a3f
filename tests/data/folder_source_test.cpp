// Image folders: torchvision's order, every image, and clear words for what is wrong.
#include <gtest/gtest.h>

#include <filesystem>

#include "springbok/base/error.h"
#include "springbok/data/source/source.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

std::string open_message(const std::string& spec, Split split) {
  return message_of<Error>([&] { open_source(spec, split); });
}

// folder.json: torchvision's find_classes and make_dataset on the same tree.
TEST(FolderSource, OrderIsTorchvisions) {
  const auto row = fixture_rows("folder.json").at(0);
  const TemporaryFolder root;
  for (const std::string file : row.at("files")) touch(root / "train" / file);
  const auto source = open_source(root.path().string() + "/", Split::train);
  EXPECT_EQ(source->classes(), row.at("classes").get<std::vector<std::string>>());
  ASSERT_EQ(source->size(), static_cast<std::int64_t>(row.at("samples").size()));
  for (std::int64_t i = 0; i < source->size(); ++i) {
    const auto& sample = row.at("samples").at(static_cast<std::size_t>(i));
    EXPECT_EQ(source->name(i), "train/" + sample.at(0).get<std::string>());
    EXPECT_EQ(source->target(i), sample.at(1).get<std::int64_t>());
  }
  EXPECT_EQ(source->description(), "folder: 20 images in 13 classes (" + (root / "train").string() +
                                       "); 3 other files left out (1 .bak, 1 .txt, 1 none)");
}

TEST(FolderSource, ReadsImagesInColourAndGrey) {
  const TemporaryFolder root;
  const image::Image colour = picture(5, 7, 3);
  write_png(root / "val/cat/1.png", colour);
  write_png(root / "val/dog/1.png", picture(6, 4, 1));
  const auto source = open_source("folder:" + root.path().string(), Split::val);
  EXPECT_EQ(source->channels(), 3);
  EXPECT_EQ(source->image(0, 3), colour);
  const image::Image grey = source->image(1, 1);
  EXPECT_EQ(grey, picture(6, 4, 1));
  const image::Image tripled = source->image(1, 3);
  EXPECT_EQ(tripled.row(2)[3], grey.row(2)[1]);
}

TEST(FolderSource, ARootWithoutSplitsIsEvaluatedAsItIs) {
  const TemporaryFolder root;
  touch(root / "cat/1.png");
  touch(root / "dog/1.png");
  const auto source = open_source(root.path().string(), Split::val);
  EXPECT_EQ(source->name(1), "dog/1.png");
  EXPECT_EQ(source->description(),
            "folder: 2 images in 2 classes (" + root.path().string() + "), itself taken as the class folders");
  EXPECT_EQ(open_message(root.path().string(), Split::train),
            root.path().string() +
                ": no train/ folder; expected train/CLASS/IMAGE.jpg, found cat/, dog/; --val-share 0.1 "
                "takes these for the classes, and holds out a share");
}

TEST(FolderSource, MissingSplitSaysWhatIsThere) {
  const TemporaryFolder root;
  touch(root / "train/cat/1.png");
  touch(root / "test/cat/1.png");
  EXPECT_EQ(open_message(root.path().string(), Split::val),
            root.path().string() +
                ": no val/ folder; expected val/CLASS/IMAGE.jpg, found test/, train/; --split NAME "
                "takes another part, --val-share 0.1 a share of train/");
}

TEST(FolderSource, NoClassFolders) {
  const TemporaryFolder root;
  touch(root / "train/1.png");
  EXPECT_EQ(
      open_message(root.path().string(), Split::train),
      (root / "train").string() + ": no class folders; expected train/CLASS/IMAGE.jpg, found 1 files and no folder");
}

TEST(FolderSource, ClassFoldersWithoutImagesAreNamed) {
  const TemporaryFolder root;
  touch(root / "train/cat/1.png");
  touch(root / "train/dog/1.txt");
  EXPECT_EQ(open_message(root.path().string(), Split::train),
            (root / "train").string() +
                ": no image in class folder dog (looked for .jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp); "
                "add images or remove the folder");
  for (const char* name : {"e1", "e2", "e3", "e4", "e5"}) make_folder(root / "train" / name);
  EXPECT_EQ(open_message(root.path().string(), Split::train),
            (root / "train").string() +
                ": no image in class folders dog, e1, e2, e3, e4 and 1 more (looked for .jpg, "
                ".jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp); add images or remove the folder");
}

TEST(FolderSource, FollowsLinksButNotInCircles) {
  const TemporaryFolder root;
  touch(root / "elsewhere/1.png");
  touch(root / "data/train/cat/0.png");
  fs::create_directory_symlink(root / "elsewhere", root / "data/train/dog");
  const auto source = open_source((root / "data").string(), Split::train);
  EXPECT_EQ(source->name(1), "train/dog/1.png");
  fs::create_directory_symlink("..", root / "data/train/cat/loop");
  const std::string message = open_message((root / "data").string(), Split::train);
  EXPECT_NE(message.find("is a link to a folder that contains it"), std::string::npos) << message;
}

TEST(FolderSource, BadFilesAreNamedRelativeToTheRoot) {
  const TemporaryFolder root;
  touch(root / "train/cat/empty.jpg");
  const auto source = open_source(root.path().string(), Split::train);
  const std::string message = message_of<Error>([&] { source->image(0, 3); });
  EXPECT_TRUE(message.starts_with("train/cat/empty.jpg: ")) << message;
  fs::remove(root / "train/cat/empty.jpg");
  EXPECT_EQ(message_of<Error>([&] { source->image(0, 3); }),
            "cannot open " + (root / "train/cat/empty.jpg").string() + ": No such file or directory");
}

TEST(FolderSource, DigestTellsOtherNamesAndClasses) {
  const TemporaryFolder first, second;
  for (const TemporaryFolder* root : {&first, &second}) {
    touch(*root / "train/cat/1.png");
    touch(*root / "train/dog/2.png");
  }
  const auto digest = [](const TemporaryFolder& root) {
    return open_source(root.path().string(), Split::train)->digest();
  };
  EXPECT_EQ(digest(first), digest(second));
  fs::rename(second / "train/dog/2.png", second / "train/cat/2.png");
  touch(second / "train/dog/3.png");
  EXPECT_NE(digest(first), digest(second));
}

}  // namespace
}  // namespace springbok::data
