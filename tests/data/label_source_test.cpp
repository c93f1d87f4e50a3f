// Label sets from tables and texts, in the forms that people write.
#include <gtest/gtest.h>

#include "springbok/base/label_sizes.h"
#include "springbok/data/labels/label_table.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

/// `a.jpg: dog person; b.jpg:` and how it was read.
std::string read(const std::vector<std::string>& lines, const std::vector<std::string>& classes = {}) {
  const LabelTable table =
      parse_label_table(lines, "t.csv", classes, [](const std::string& file) { return file == "x"; });
  std::string text;
  for (const LabelRow& row : table.rows) text += format("{}[{}] ", row.image, join(row.labels, "+"));
  return text + table.told;
}

std::string error_of(const std::vector<std::string>& lines) {
  return message_of<Error>([&] { read(lines); });
}

TEST(LabelTable, ReadsWhatPeopleWrite) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"a.jpg,dog;traffic light", "b.jpg,"}, "a.jpg[dog+traffic light] b.jpg[] labels separated by ';'"},
      {{"a.jpg,dog|cat", "b.jpg,traffic light"}, "a.jpg[dog+cat] b.jpg[traffic light] labels separated by '|'"},
      {{"a.jpg,dog cat", "b.jpg"}, "a.jpg[dog+cat] b.jpg[] labels separated by blanks"},
      {{"a.jpg,\"dog, cat\"", "b.jpg,dog"}, "a.jpg[dog+cat] b.jpg[dog] labels separated by ','"},
      {{"\"a, b.jpg\",\"a \"\"big\"\" dog;cat\""}, "a, b.jpg[a \"big\" dog+cat] labels separated by ';'"},
      {{"a.jpg,dog,cat", "b.jpg,dog"}, "a.jpg[dog+cat] b.jpg[dog] a label in each column"},
      {{"a.jpg\tdog;cat"}, "a.jpg[dog+cat] labels separated by ';'"},
      {{"a.jpg;dog;cat", "b.jpg;;"}, "a.jpg[dog+cat] b.jpg[] a label in each column"},
      {{"a.jpg dog cat"}, "a.jpg[dog+cat] a label in each column"},
      {{"image,labels", "a.jpg,0 2"},
       "a.jpg[0+2] labels separated by blanks, its first line, 'image, labels', is a header"},
      {{"x,dog", "# no image", "", "a.jpg,cat"}, "x[dog] a.jpg[cat] labels separated by blanks"},
      {{"file,dog,traffic light", "a.jpg,1,0", "b.jpg,1,1", "c.jpg,0,0"},
       "a.jpg[dog] b.jpg[dog+traffic light] c.jpg[] a column of 0 and 1 for each class, its first line, 'file, dog, "
       "traffic light', is a header"},
  };
  for (const auto& [lines, expected] : cases) EXPECT_EQ(read(lines), expected) << lines.front();
  EXPECT_EQ(read({"a.jpg,traffic light", "b.jpg,dog"}, {"dog", "traffic light"}),
            "a.jpg[traffic light] b.jpg[dog] labels separated by blanks");
}

TEST(LabelTable, SaysWhatCannotBeRead) {
  EXPECT_EQ(error_of({"a.jpg,\"dog"}), "t.csv:1: a double quote begins a field and does not end in 'a.jpg,\"dog'");
  EXPECT_EQ(error_of({"a.jpg,dog", ",cat"}), "t.csv:2: names no image in ',cat'");
  EXPECT_EQ(error_of({"image,labels"}), "t.csv: lists no image; expected one 'IMAGE,LABELS' a line");
  EXPECT_EQ(error_of({}), "t.csv: lists no image; expected one 'IMAGE,LABELS' a line");
  EXPECT_EQ(error_of({"a.jpg,1,0", "b.jpg,0,1"}),
            "t.csv:1: 2 columns of 0 and 1 need a first line that names them, and it has 0 columns");
}

/// A folder with images, tables and texts.
class Labels : public ::testing::Test {
 protected:
  void add(const std::vector<std::string>& images) {
    for (const std::string& image : images) write_png(root() / image, picture(5, 7, 3));
  }
  void write(const std::string& file, const std::string& text) {
    make_folder((root() / file).parent_path());
    write_file(root() / file, text);
  }
  std::unique_ptr<Source> open(const std::string& kind = "labels:", const Split& split = Split::train,
                               const OpenSettings& settings = {}) const {
    return open_source(kind + root().string(), split, settings);
  }
  std::string error(const Split& split = Split::train) const {
    std::string text = message_of<Error>([&] { open("labels:", split); });
    for (std::size_t at; (at = text.find(root().string())) != std::string::npos;) {
      text.replace(at, root().string().size(), "ROOT");
    }
    return text;
  }
  const fs::path& root() const { return folder_.path(); }

  TemporaryFolder folder_;
};

/// `train/a.png: cat dog`, a line a sample.
std::string shown(const Source& source) {
  std::string text;
  for (std::int64_t i = 0; i < source.size(); ++i) {
    text += source.name(i) + ":";
    const auto labels = source.labels(i);
    for (std::size_t c = 0; c < labels.size(); ++c) {
      if (labels[c] == kUnsized) text += " " + source.classes()[c];
    }
    text += "\n";
  }
  return text;
}

TEST_F(Labels, FromATable) {
  add({"train/a.png", "train/b.png", "train/c.png"});
  write("train.csv", "\xEF\xBB\xBFimage,labels\r\na.png,dog;cat\r\nb.png,\r\nc.png,dog\r\na.png,cow\r\n");
  for (const std::string kind : {"labels:", ""}) {
    const auto source = open(kind);
    EXPECT_EQ(source->target_kind(), TargetKind::labels);
    EXPECT_EQ(source->classes(), (std::vector<std::string>{"cat", "cow", "dog"}));
    EXPECT_EQ(shown(*source), "train/a.png: cat cow dog\ntrain/b.png:\ntrain/c.png: dog\n");
    EXPECT_EQ(
        source->description(),
        "labels: 3 images, 1 without a label, 4 labels of 3 classes (" + (root() / "train.csv").string() +
            "; labels separated by ';', its first line, 'image, labels', is a header; 1 lines name an image again, "
            "and add to its labels)");
    EXPECT_EQ(source->image(1, 3), picture(5, 7, 3));
  }
  write("classes.txt", "dog\ncow\nhorse\ncat\n");
  EXPECT_EQ(open()->classes(), (std::vector<std::string>{"dog", "cow", "horse", "cat"}));
  write("train.csv", "a.png,0;3\nb.png,horse\n");
  EXPECT_EQ(shown(*open()), "train/a.png: dog cat\ntrain/b.png: horse\n");
  write("train.csv", "a.png,dog;lion\n");
  EXPECT_EQ(error(), "ROOT/train.csv:1 has the label 'lion', which is none of the 4 classes");
}

TEST_F(Labels, ImagesOfATableThatAreNotThere) {
  add({"a.png"});
  write("train.csv", "a.png,dog\nb.png,dog\n");
  EXPECT_EQ(open()->warnings(),
            (std::vector<std::string>{(root() / "train.csv").string() +
                                      ": of 2 images 1 is not there, and loading one is an error: b.png"}));
  write("train.csv", "b.png,dog\n");
  EXPECT_EQ(error(), "ROOT/train.csv: none of its 1 images is there, in ROOT: b.png");
  EXPECT_EQ(error(Split("dev")),
            "ROOT: no dev.csv of images and labels, nor a folder dev/ with texts beside its images");
  write("train.csv", "a.png,\n");
  EXPECT_EQ(error(), "ROOT/train.csv:1: neither it nor any other image has a label");
}

TEST_F(Labels, FromTextsBesideTheImages) {
  add({"train/a.png", "train/b.png", "train/c.png", "train/d.png"});
  write("train/a.txt", "traffic light\ndog\n");
  write("train/b.txt", "");
  write("train/c.txt", "dog\r\n");
  write("train/e.txt", "dog\n");
  for (const std::string kind : {"labels:", ""}) {
    const auto source = open(kind);
    EXPECT_EQ(shown(*source), "train/a.png: dog traffic light\ntrain/b.png:\ntrain/c.png: dog\n");
    EXPECT_EQ(source->warnings(),
              (std::vector<std::string>{
                  (root() / "train").string() + ": images without a text, which are left out: 1 (train/d.png)",
                  (root() / "train").string() + ": texts without an image, which are left out: 1"}));
  }
  write("train/a.txt", "dog, cat");
  EXPECT_EQ(shown(*open()), "train/a.png: cat dog\ntrain/b.png:\ntrain/c.png: dog\n");
  write("train/a.txt", "dog cat");
  EXPECT_EQ(shown(*open()), "train/a.png: cat dog\ntrain/b.png:\ntrain/c.png: dog\n");
  write("train/a.txt", "0 0.5 0.5 0.25 0.125");
  EXPECT_EQ(error(), "train/a.txt: '0 0.5 0.5 0.25 0.125' is a box (YOLO's), no label; expected one label a line");
}

TEST_F(Labels, OneTableForAllHoldsOutAShare) {
  std::string table;
  for (int i = 0; i < 30; ++i) {
    add({std::to_string(i) + ".png"});
    table += format("{}.png,{}\n", i, i % 2 == 0 ? "dog" : "cat;dog");
  }
  write("labels.csv", table);
  EXPECT_TRUE(error().ends_with("; --val-share 0.1 takes what is there for the whole, and holds out a share"));
  EXPECT_EQ(open("", Split::val)->size(), 30);
  const auto train = open("", Split::train, {.val_share = 0.2}), val = open("", Split::val, {.val_share = 0.2});
  EXPECT_EQ(train->size() + val->size(), 30);
  EXPECT_EQ(val->target_kind(), TargetKind::labels);
  EXPECT_NE(train->digest(), val->digest());
}

}  // namespace
}  // namespace springbok::data
