// IDX files: plain and gzip, every way of naming them, and files that lie.
#include <gtest/gtest.h>
#include <zlib.h>

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

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

/// `count` images of 2 x 3 pixels: image i holds 10 i, 10 i + 1, ...
std::string images_file(std::uint32_t count) {
  std::string text = big_endian(0x803) + big_endian(count) + big_endian(2) + big_endian(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t k = 0; k < 6; ++k) text += static_cast<char>(10 * i + k);
  }
  return text;
}

std::string labels_file(const std::string& labels) {
  return big_endian(0x801) + big_endian(static_cast<std::uint32_t>(labels.size())) + labels;
}

void write_gz(const fs::path& path, const std::string& text) {
  const gzFile file = ::gzopen(path.c_str(), "wb");
  ASSERT_EQ(::gzwrite(file, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  ASSERT_EQ(::gzclose(file), Z_OK);
}

class IdxSource : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::string root_ = folder_.path().string();
  const std::string images_ = (folder_ / "train-images-idx3-ubyte").string();
  const std::string labels_ = (folder_ / "train-labels-idx1-ubyte").string();

  void write_pair(const std::string& images_text, const std::string& labels_text) const {
    write_file(images_, images_text);
    write_file(labels_, labels_text);
  }
  std::string message(Split split = Split::train) const {
    return message_of<Error>([&] { open_source(root_, split); });
  }
};

TEST_F(IdxSource, ReadsPixelsAndLabels) {
  write_pair(images_file(4), labels_file({3, 0, 9, 3}));
  const auto source = open_source(root_, Split::train);
  EXPECT_EQ(source->size(), 4);
  EXPECT_EQ(source->channels(), 1);
  EXPECT_EQ(source->target(2), 9);
  EXPECT_EQ(source->name(2), "train/00002");
  EXPECT_EQ(source->classes(), (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  EXPECT_EQ(source->description(), "idx: 4 images of 2 x 3 in 10 classes (" + images_ + ")");
  const image::Image grey = source->image(2, 1);
  EXPECT_EQ(grey.height, 2);
  EXPECT_EQ(grey.width, 3);
  EXPECT_EQ(grey.pixels, (std::vector<std::uint8_t>{20, 21, 22, 23, 24, 25}));
  const image::Image colour = source->image(0, 3);
  EXPECT_EQ(colour.pixels, (std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5}));
}

TEST_F(IdxSource, OtherNamesAndPlaces) {
  make_folder(folder_ / "raw");
  write_gz(folder_ / "raw/t10k-images.idx3-ubyte.gz", images_file(2));
  write_gz(folder_ / "raw/t10k-labels-idx1-ubyte.gz", labels_file({1, 2}));
  const auto source = open_source("idx:" + root_, Split::val);
  EXPECT_EQ(source->size(), 2);
  EXPECT_EQ(source->name(1), "val/00001");
  EXPECT_EQ(source->image(1, 1).pixels[5], 15);
  EXPECT_EQ(message(Split::train), root_ + ": no train-images-idx3-ubyte[.gz]");
}

TEST_F(IdxSource, ClassNames) {
  write_pair(images_file(2), labels_file({0, 1}));
  write_file(folder_ / "classes.txt", "no\r\nyes \n\n");
  EXPECT_EQ(open_source(root_, Split::train)->classes(), (std::vector<std::string>{"no", "yes"}));
  write_file(folder_ / "classes.txt", "no\n\nyes\n");
  EXPECT_EQ(message(), (folder_ / "classes.txt").string() + ": line 2 is empty; expected one name a line");
  write_file(folder_ / "classes.txt", "no\nno\n");
  EXPECT_EQ(message(), (folder_ / "classes.txt").string() + ": 'no' twice, in lines 1 and 2");
  write_file(folder_ / "classes.txt", "no\n");
  EXPECT_EQ(message(), labels_ + ": label 1 at 1, but there are 1 classes");

  const TemporaryFolder other;
  fs::rename(folder_.path(), other / "Fashion-MNIST");
  fs::remove(other / "Fashion-MNIST/classes.txt");
  const auto fashion = open_source((other / "Fashion-MNIST").string(), Split::train);
  EXPECT_EQ(fashion->classes().front(), "T-shirt/top");
  EXPECT_EQ(fashion->classes().back(), "Ankle boot");
  EXPECT_EQ(fashion->classes().size(), 10U);
}

TEST_F(IdxSource, MoreThanTenClasses) {
  write_pair(images_file(2), labels_file({12, 1}));
  EXPECT_EQ(open_source(root_, Split::train)->classes().size(), 13U);
}

TEST_F(IdxSource, ShortFiles) {
  write_pair(images_file(4), labels_file({1, 2, 3}));
  EXPECT_EQ(message(), labels_ + ": 3 labels for the 4 images of " + images_);
  write_pair(images_file(4), big_endian(0x801) + big_endian(4) + "\1\2\3");
  EXPECT_EQ(message(), labels_ + ": cut: its header says 4 labels (4 bytes), but 3 bytes follow; get it again");
  write_pair(images_file(4).substr(0, 30), labels_file({1, 2, 3, 4}));
  EXPECT_EQ(message(), images_ + ": cut: its header says 4 images (24 bytes), but 14 bytes follow; get it again");
  write_pair(images_file(4).substr(0, 10), labels_file({1, 2, 3, 4}));
  EXPECT_EQ(message(), images_ + ": cut within its header, after 10 bytes");
  write_pair("", labels_file({1, 2, 3, 4}));
  EXPECT_EQ(message(), images_ + ": not an IDX file of images: it has 0 bytes");
  fs::remove(labels_);
  EXPECT_EQ(message(), root_ + ": no train-labels-idx1-ubyte[.gz] for " + images_);
}

TEST_F(IdxSource, FilesThatAreSomethingElse) {
  write_pair(labels_file({1, 2}), labels_file({1, 2}));
  EXPECT_EQ(message(), images_ + ": not an IDX file of images: it begins with 0x00000801, not 0x00000803");
  write_pair(images_file(2) + "x", labels_file({1, 2}));
  EXPECT_EQ(message(), images_ + ": goes on after the 2 images that its header says");
  write_pair(big_endian(0x803) + big_endian(1) + big_endian(0) + big_endian(28), labels_file("\1"));
  EXPECT_EQ(message(), images_ + ": images of 0 x 28 pixels; a side is 1 to 16,384");
}

TEST_F(IdxSource, AHeaderThatPromisesTheWorldTakesNoMemory) {
  write_pair(big_endian(0x803) + big_endian(0xffffffff) + big_endian(16384) + big_endian(16384) + "abc",
             labels_file("\1"));
  const std::string text = message();
  EXPECT_NE(text.find("but 3 bytes follow"), std::string::npos) << text;
}

TEST_F(IdxSource, CutAndDamagedGzip) {
  write_gz(images_ + ".gz", images_file(20));
  write_gz(labels_ + ".gz", labels_file(std::string(20, '\1')));
  EXPECT_EQ(open_source(root_, Split::train)->size(), 20);
  const std::string whole = read_text(images_ + ".gz");
  write_file(images_ + ".gz", whole.substr(0, whole.size() - 12));
  std::string text = message();
  EXPECT_TRUE(text.starts_with(images_ + ".gz: cut gzip file, ")) << text;
  std::string damaged = whole;
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  write_file(images_ + ".gz", damaged);
  text = message();
  EXPECT_TRUE(text.starts_with(images_ + ".gz: damaged gzip file, ")) << text;
}

TEST_F(IdxSource, DigestTellsOtherLabels) {
  write_pair(images_file(2), labels_file({1, 2}));
  const std::string before = open_source(root_, Split::train)->digest();
  EXPECT_EQ(open_source(root_, Split::train)->digest(), before);
  write_pair(images_file(2), labels_file({1, 3}));
  EXPECT_NE(open_source(root_, Split::train)->digest(), before);
}

}  // namespace
}  // namespace springbok::data
