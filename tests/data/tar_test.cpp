// Tar shards as people have them: names with dots, captions, what a Mac adds, compressed ones, all in one folder.
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "springbok/base/label_sizes.h"
#include "springbok/data/shards/shard_names.h"
#include "springbok/data/shards/shard_samples.h"
#include "springbok/image/palette.h"
#include "tests/data/support.h"
#include "tests/data/tar_writer.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/with_variable.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;
using testing::WithVariable;

std::string png(int shade) {
  image::Image image(4, 4, 3);
  std::fill(image.pixels.begin(), image.pixels.end(), static_cast<std::uint8_t>(shade));
  const std::vector<std::byte> bytes = image::encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An image of class `label` under a key.
std::vector<TarMember> sample(const std::string& key, const std::string& label, const std::string& ending = "cls") {
  return {{key + ".png", png(std::stoi("0" + label) * 50)}, {key + "." + ending, label}};
}

std::vector<TarMember> joined(const std::vector<std::vector<TarMember>>& parts) {
  std::vector<TarMember> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// The split train of one shard, 0.tar.
class Tar : public ::testing::Test {
 protected:
  std::unique_ptr<Source> open(const std::vector<TarMember>& members, const std::string& kind = "tar") {
    write_tar(folder_ / "train/0.tar", members);
    return open_source(kind + ":" + folder_.path().string(), Split::train);
  }
  std::string error(const std::vector<TarMember>& members, const std::string& kind = "tar") {
    return message_of<Error>([&] { open(members, kind); });
  }

  TemporaryFolder folder_, cache_;
  WithVariable variable_{"SPRINGBOK_CACHE", cache_.path().string()};
};

std::vector<std::string> classes_of(const Source& source) {
  std::vector<std::string> classes;
  for (std::int64_t i = 0; i < source.size(); ++i) {
    classes.push_back(source.classes().at(static_cast<std::size_t>(source.target(i))));
  }
  return classes;
}

bool tells(const Source& source, const std::string& what) {
  return source.description().find(what) != std::string::npos;
}

/// fixtures/make_tar_rows.py: what webdataset makes of the same members.
TEST_F(Tar, GroupsAsWebDataset) {
  for (const auto& row : fixture_rows("tar_rows.json")) {
    std::vector<TarMember> members;
    for (const auto& each : row["members"]) {
      members.push_back({each[0].get<std::string>(), each[1].is_null() ? png(9) : each[1].get<std::string>()});
    }
    if (row.contains("error")) {
      EXPECT_NE(error(members).find(": is in the shard twice"), std::string::npos) << row["name"];
      continue;
    }
    std::vector<std::string> names, labels;
    for (const auto& each : row["samples"]) {
      if (!each[1].contains("cls")) continue;
      names.push_back(each[0].get<std::string>());
      labels.push_back(each[1]["cls"].get<std::string>());
    }
    const auto source = open(members);
    ASSERT_EQ(source->size(), static_cast<std::int64_t>(names.size())) << row["name"];
    EXPECT_EQ(classes_of(*source), labels) << row["name"];
    for (std::int64_t i = 0; i < source->size(); ++i) {
      EXPECT_TRUE(source->name(i).starts_with("train/0.tar/" + names[static_cast<std::size_t>(i)] + "."));
    }
  }
}

TEST_F(Tar, AClassComesFromTheFirstOfItsEndings) {
  const auto captions = open({{"0.png", png(0)},
                              {"0.cls", "1"},
                              {"0.txt", "a cat"},
                              {"0.json", R"({"label": 1})"},
                              {"1.png", png(0)},
                              {"1.txt", "a dog"},
                              {"1.cls", "\xEF\xBB\xBF 0\r\n"}});
  EXPECT_EQ(classes_of(*captions), (std::vector<std::string>{"1", "0"}));
  EXPECT_TRUE(tells(*captions, "classes from .cls, other labels disagree (train/0.tar/0: .cls says '1', .txt 'a cat')"))
      << captions->description();
  const auto json = open({{"0.png", png(0)},
                          {"0.json", R"({"label": 2, "class_name": "fox", "width": 7})"},
                          {"1.png", png(0)},
                          {"1.json", R"({"cls": 0})"},
                          {"1.txt", "a dog"}});
  EXPECT_EQ(classes_of(*json), (std::vector<std::string>{"2", "0"}));
  EXPECT_TRUE(tells(*json, "classes from .json, other labels disagree (train/0.tar/1: .json says '0', .txt 'a dog')"));
  const auto named =
      open({{"0.png", png(0)}, {"0.json", R"({"label": "fox"})"}, {"1.png", png(0)}, {"1.json", "\"cat\""}});
  EXPECT_EQ(named->classes(), (std::vector<std::string>{"cat", "fox"}));
  const auto text = open(joined({sample("0", "1", "txt"), sample("1", "0", "txt")}));
  EXPECT_EQ(classes_of(*text), (std::vector<std::string>{"1", "0"}));
  EXPECT_TRUE(tells(*text, "classes from .txt"));
}

TEST_F(Tar, ClassesThatAreMissingOrNoneAreErrors) {
  EXPECT_EQ(error(joined({sample("0", "1"), sample("1", "0", "txt")})),
            "1.png: its class could only be in a .txt, but others have .cls; give it one too, or leave it out");
  EXPECT_EQ(error({{"0.png", png(0)}, {"0.json", R"({"width": 7})"}}),
            "train/0.tar/0.png: has no class; expected 0.cls beside it, or 'label', 'cls', 'class' or 'class_name' in "
            "its json");
  EXPECT_NE(error({{"0.png", png(0)}, {"0.cls", " \n"}}).find("0.png: its .cls holds no class: it has 0 bytes"),
            std::string::npos);
  EXPECT_NE(error({{"0.cls", "1"}}).find("train/0.tar/0.cls: has a class but no image"), std::string::npos);
  EXPECT_NE(error({{"0.png", "", '2'}, {"0.cls", "1"}}).find("links in a tar have no content"), std::string::npos);
}

TEST_F(Tar, NamesWithDotsAreReadByTheRuleThatFitsOrIsChosen) {
  const auto all = joined({sample("photo.v2.0", "1"), sample("photo.v2.1", "0")});
  const auto last = open(all);
  EXPECT_EQ(classes_of(*last), (std::vector<std::string>{"1", "0"}));
  EXPECT_TRUE(tells(*last, "names up to the last dot (tar-first-dot:PATH takes the first, as WebDataset)"));
  EXPECT_EQ(error(all, "tar-first-dot").substr(error(all, "tar-first-dot").find(": no *.tar")),
            ": no *.tar files with samples; 4 other files left out (2 .cls, 2 .png)");

  const auto some = joined({sample("IMG_2024.05.00", "0"), sample("1", "1"), sample("IMG_2024.05.03", "2")});
  EXPECT_EQ(classes_of(*open(some)), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(classes_of(*open(some, "tar-last-dot")), (std::vector<std::string>{"0", "1", "2"}));
  const auto first = open(some, "tar-first-dot");
  EXPECT_EQ(classes_of(*first), std::vector<std::string>{"1"});
  EXPECT_TRUE(tells(*first,
                    "names up to the first dot (tar-last-dot:PATH takes the last); 4 other files left out (2 "
                    ".cls, 2 .png)"))
      << first->description();

  const auto parts = open(joined({sample("0", "1"), {{"0.seg.png", png(1)}}, sample("1", "0", "cls.txt")}));
  EXPECT_EQ(classes_of(*parts), (std::vector<std::string>{"1", "0"}));
  EXPECT_TRUE(tells(*parts, "names up to the first dot")) << parts->description();
  EXPECT_NE(error(joined({sample("a.b.0", "0"), sample("1", "1"), {{"1.seg.png", png(1)}}}))
                .find("train/0.tar/a.b.0.png: taken up to the first dot of its name it has no place in a sample"),
            std::string::npos);
}

TEST_F(Tar, WhatIsLeftOutIsCounted) {
  fs::create_directories(folder_ / "train");
  write_file(folder_ / "train/notes.md", "");
  write_file(folder_ / "train/._0.tar", "no tar");
  const auto source =
      open(joined({{{"./", "", '5'}, {"./._0.png", "x"}, {"__MACOSX/._0.cls", "x"}, {".DS_Store", "x"}},
                   sample("./0", "0"),
                   {{"0.jpg", png(1)}, {"README.txt", "read me"}, {"link.png", "", '1'}, {"0.mp3", "x"}}}));
  ASSERT_EQ(source->size(), 1);
  EXPECT_EQ(source->name(0), "train/0.tar/0.jpg");
  EXPECT_TRUE(tells(*source, "; 9 other files left out (")) << source->description();
  EXPECT_TRUE(tells(*source, "2 resource files of macOS")) << source->description();
  EXPECT_TRUE(tells(*source, "1 links")) << source->description();
}

TEST_F(Tar, MembersNeedNotLieSideBySide) {
  const auto source = open({{"0.png", png(0)}, {"1.png", png(0)}, {"1.cls", "0"}, {"0.cls", "1"}});
  EXPECT_EQ(classes_of(*source), (std::vector<std::string>{"1", "0"}));
  EXPECT_EQ(
      error(joined({sample("0", "1"), sample("1", "1"), sample("0", "0")})),
      "train/0.tar/0.png: is in the shard twice; a later member would replace the earlier one: make the shard anew");
}

TEST_F(Tar, CompressedShardsAreNamed) {
  const std::string tar = tar_bytes(sample("0", "0"));
  std::string zip(tar.size(), '\0');
  fs::create_directories(folder_ / "train");
  const gzFile file = ::gzopen((folder_ / "train/0.tar.gz").c_str(), "wb");
  ASSERT_EQ(::gzwrite(file, tar.data(), static_cast<unsigned>(tar.size())), static_cast<int>(tar.size()));
  ::gzclose(file);
  const std::string rest =
      ": is compressed (gzip), so that no image in it can be read alone; unpack it: gzip -dc FILE > PLAIN.tar";
  const auto message = [&] { return message_of<Error>([&] { open_source(folder_.path().string(), Split::train); }); };
  EXPECT_EQ(message(), "train/0.tar.gz" + rest);
  for (const char* name : {"0.tgz", "0.tar"}) {
    fs::copy_file(folder_ / "train/0.tar.gz", folder_ / "train" / name);
    fs::remove(folder_ / "train/0.tar.gz");
    EXPECT_EQ(message(), std::string("train/") + name + rest);
    fs::rename(folder_ / "train" / name, folder_ / "train/0.tar.gz");
  }
  write_file(folder_ / "train/0.tar", tar);  // unpacked, and kept
  EXPECT_TRUE(tells(*open_source(folder_.path().string(), Split::train), "; 1 other file left out (1 .gz)"));
}

TEST_F(Tar, ASecondTarBehindTheEndIsAnError) {
  make_folder(folder_ / "train");
  write_file(folder_ / "train/0.tar", tar_bytes(sample("0", "0")) + tar_bytes(sample("1", "0")));
  EXPECT_EQ(message_of<Error>([&] { open_source(folder_.path().string(), Split::train); }).substr(0, 41),
            "train/0.tar: has another tar behind its e");
}

TEST_F(Tar, OneFolderMayHoldBothSplits) {
  write_tar(folder_ / "my-Train-000.tar", sample("0", "0"));
  write_tar(folder_ / "my-train-001.tar", sample("1", "1"));
  write_tar(folder_ / "my-validation-000.tar", sample("2", "1"));
  write_tar(folder_ / "my-interval.tar", sample("3", "1"));
  write_file(folder_ / "classes.txt", "cat\ndog\n");
  const auto train = open_source(folder_.path().string(), Split::train);
  EXPECT_EQ(classes_of(*train), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(train->name(1), "my-train-001.tar/1.png");
  EXPECT_TRUE(tells(*train, "/*train*.tar), classes from .cls; 1 other file left out (1 .tar)"))
      << train->description();
  EXPECT_EQ(open_source(folder_.path().string(), Split::val)->name(0), "my-validation-000.tar/2.png");
  fs::create_directories(folder_ / "cats");
  EXPECT_NE(message_of<Error>([&] { open_source(folder_.path().string(), Split::train); }), "");
  EXPECT_EQ(open_source("tar:" + folder_.path().string(), Split::train)->size(), 2);
}

/// The rules have indexes of their own, so that one is not taken for the other.
TEST_F(Tar, TheIndexKeepsWhatWasLeftOut) {
  write_tar(folder_ / "train/0.tar", joined({sample("a.0", "0"), sample("1", "1"), {{"x.bin", "x"}}}));
  ::usleep(2'100'000);  // younger shards are not trusted
  const auto files = local_shards(folder_.path(), Split::train);
  for (const NameRule rule : {NameRule::first_dot, NameRule::last_dot}) {
    const auto look = [&] { return indexed_shards(*files, files->place(), {.rule = rule, .least_samples = 1}); };
    const IndexedShards first = look(), second = look();
    ASSERT_EQ(second.shards.size(), 1U);
    EXPECT_EQ(second.shards[0].labels, first.shards[0].labels);
    EXPECT_EQ(second.shards[0].labels.size(), rule == NameRule::first_dot ? 1U : 2U);
    EXPECT_EQ(second.shards[0].left_out, first.shards[0].left_out);
    EXPECT_EQ(second.shards[0].unfit, first.shards[0].unfit);
    EXPECT_EQ(second.shards[0].dotted, first.shards[0].dotted);
  }
}

std::string mask_png(int index, int height = 4) {
  image::Image mask(height, 4, 1);
  std::fill(mask.pixels.begin(), mask.pixels.end(), static_cast<std::uint8_t>(index));
  const std::vector<std::byte> bytes = image::encode_indices(mask, image::voc_palette());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(Tar, SamplesWithMasks) {
  const std::vector<TarMember> members{{"1.png", png(9)},
                                       {"1.mask.png", mask_png(20)},
                                       {"2.mask.png", mask_png(255)},
                                       {"2.png", png(8)},
                                       {"3.mask.png", mask_png(1)}};
  for (const std::string kind : {"tar", "tar-first-dot"}) {
    const auto source = open(members, kind);
    EXPECT_EQ(source->target_kind(), TargetKind::masks);
    ASSERT_EQ(source->size(), 2);
    EXPECT_EQ(source->classes().size(), 21U);
    EXPECT_EQ(source->mask(0).pixels, std::vector<std::uint8_t>(16, 20));
    EXPECT_EQ(source->mask(1).pixels, std::vector<std::uint8_t>(16, 255));
    EXPECT_EQ(source->image(0, 3).pixels[0], 9);
    EXPECT_EQ(source->target(0), -1);
    EXPECT_TRUE(tells(*source, "with masks of 21 classes")) << source->description();
    EXPECT_TRUE(tells(*source, "masks from .mask.png")) << source->description();
    EXPECT_TRUE(tells(*source, "1 other file left out (1 .png)")) << source->description();
  }
  EXPECT_EQ(
      open({{"v2.1.png", png(1)}, {"v2.1.mask.png", mask_png(3)}, {"v2.2.png", png(1)}, {"v2.2.mask.png", mask_png(3)}},
           "tar-last-dot")
          ->size(),
      2);
  const auto source = open({{"1.png", png(9)}, {"1.mask.png", mask_png(1, 5)}});
  EXPECT_EQ(message_of<Error>([&] { source->mask(0); }),
            "train/0.tar/1.mask.png: a mask of 5 x 4, where its image has 4 x 4 pixels; make both of one size");
}

TEST_F(Tar, SamplesWithLabels) {
  const auto text =
      open({{"1.png", png(9)}, {"1.labels.txt", "dog\r\ntraffic light\n"}, {"2.png", png(9)}, {"2.labels.txt", ""}});
  EXPECT_EQ(text->target_kind(), TargetKind::labels);
  EXPECT_EQ(text->classes(), (std::vector<std::string>{"dog", "traffic light"}));
  EXPECT_EQ(text->labels(0), (std::vector<std::uint8_t>{kUnsized, kUnsized}));
  EXPECT_EQ(text->labels(1), (std::vector<std::uint8_t>{0, 0}));
  EXPECT_TRUE(tells(*text, "with labels of 2 classes")) << text->description();
  const auto json = open(
      {{"1.png", png(9)}, {"1.json", R"({"labels": ["a;b", 7]})"}, {"2.png", png(9)}, {"2.json", R"({"labels": []})"}});
  EXPECT_EQ(json->classes(), (std::vector<std::string>{"7", "a;b"}));
  EXPECT_EQ(json->labels(0), (std::vector<std::uint8_t>{kUnsized, kUnsized}));
  EXPECT_NE(json->digest(), text->digest());
}

TEST_F(Tar, OneKindOfTargetForAll) {
  EXPECT_EQ(open(joined({sample("1", "2"), {{"1.mask.png", mask_png(1)}, {"1.labels.txt", "a"}}}))->target_kind(),
            TargetKind::classes);
  EXPECT_EQ(
      error(joined({sample("1", "2"), {{"2.png", png(1)}, {"2.mask.png", mask_png(1)}}})),
      "1.png has a .cls and 2.png a .mask.png; a data set has classes, labels or masks, and all samples the same");
  EXPECT_EQ(error({{"2.png", png(1)}, {"2.mask.png", mask_png(1)}, {"2.labels.txt", "a"}}),
            "train/0.tar/2.png: has a mask and labels, and no class to choose by; leave one of them out");
}

}  // namespace
}  // namespace springbok::data
