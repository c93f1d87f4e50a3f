// Packed sets brought back to folders: the same classes in the same order and the same images, whatever their names.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <map>

#include "springbok/data/folder/class_folders.h"
#include "springbok/data/pack/pack.h"
#include "springbok/data/pack/unpack_plan.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

/// Images of any names and classes; each is of one colour, so that all differ.
class Named : public MadeUp {
 public:
  Named(std::vector<std::string> classes, std::vector<std::pair<std::string, std::int64_t>> samples)
      : MadeUp(static_cast<std::int64_t>(samples.size())), classes_(std::move(classes)), samples_(std::move(samples)) {}
  const std::vector<std::string>& classes() const override { return classes_; }
  std::string name(std::int64_t index) const override { return samples_.at(static_cast<std::size_t>(index)).first; }
  std::string digest() const override { return std::string(64, '0'); }
  std::int64_t target(std::int64_t index) const override { return samples_.at(static_cast<std::size_t>(index)).second; }
  image::Image image(std::int64_t index, int channels) const override {
    image::Image image(3, 5, channels);
    std::fill(image.pixels.begin(), image.pixels.end(), static_cast<std::uint8_t>(index + 1));
    return image;
  }

 private:
  std::vector<std::string> classes_;
  std::vector<std::pair<std::string, std::int64_t>> samples_;
};

/// How often each first pixel stands in each class.
std::map<std::pair<std::string, int>, int> images_by_class(const Source& source) {
  std::map<std::pair<std::string, int>, int> found;
  for (std::int64_t i = 0; i < source.size(); ++i) {
    const std::string& name = source.classes().at(static_cast<std::size_t>(source.target(i)));
    ++found[{name, source.image(i, 3).pixels.at(0)}];
  }
  return found;
}

/// Packs, unpacks and opens, and expects what was packed.
void expect_the_same_back(const Source& source) {
  const TemporaryFolder folder;
  write_pack(source, folder / "packs", Split::train, {.threads = 2, .done = {}});
  const auto packed = open_source("pack:" + (folder / "packs").string(), Split::train);
  const PackSettings settings{.threads = 2, .done = {}};
  EXPECT_EQ(unpack(*packed, folder / "out/below", Split::train, settings).skipped, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2);
  const auto back = open_source((folder / "out/below").string(), Split::train);
  EXPECT_EQ(back->classes(), packed->classes());  // as they are shown
  EXPECT_EQ(images_by_class(*back), images_by_class(*packed));
  EXPECT_EQ(images_by_class(*packed).size(), static_cast<std::size_t>(source.size()));
  EXPECT_EQ(back->description().find("left out"), std::string::npos) << back->description();
  EXPECT_EQ(unpack(*packed, folder / "out/below", Split::train, settings).skipped, source.size());
}

TEST(Unpack, ClassesOfAnyNamesInAnyOrder) {
  const std::string long_name(300, 'c');
  expect_the_same_back(Named({"T-shirt/top", "Trouser", "..", ".", "", "a\tb\nc%2F", "../../out", long_name, "empty",
                              "/", "a%2Fb", "a/b", "Bag"},
                             {{"train/0", 0},
                              {"train/1", 1},
                              {"train/2", 2},
                              {"train/3", 3},
                              {"train/4", 4},
                              {"train/5", 5},
                              {"train/6", 6},
                              {"train/7", 7},
                              {"train/8", 9},
                              {"train/9", 10},
                              {"train/10", 11},
                              {"train/11", 12}}));
  expect_the_same_back(Named({"b", "a"}, {{"x.png", 0}, {"y.png", 1}}));
  expect_the_same_back(Named({"a", "b", "c"}, {{"x.png", 0}, {"y.png", 2}}));
}

TEST(Unpack, ImagesOfAnyNames) {
  const std::string n255 = std::string(251, 'n') + ".png", n300 = std::string(296, 'n') + ".png";
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "folder/";
  expect_the_same_back(Named({"a", "b"}, {{"x/a.png", 0},
                                          {"x_a.png", 0},
                                          {"x/a.png", 0},
                                          {"x/a~2.png", 0},
                                          {"x/a.png", 1},
                                          {"../../../a.png", 0},
                                          {"/etc/a.png", 0},
                                          {"", 0},
                                          {".", 0},
                                          {"..", 1},
                                          {"a//b.png", 0},
                                          {"a/b.png", 0},
                                          {"train/a/c.png", 0},
                                          {"c.png", 0},
                                          {n255, 0},
                                          {n255, 0},
                                          {n300, 0},
                                          {n300 + "/" + n300, 0},
                                          {std::string("n\0ul.png", 8), 0},
                                          {"n\nl\xE9.png", 0},
                                          {"d.png", 0},
                                          {"d.png/e.png", 0},
                                          {"val/x.png", 0},
                                          {deep + "x.png", 0},
                                          {"x", 1},
                                          {"x.png", 1}}));
}

TEST(Unpack, PlainNamesStayAsTheyAre) {
  const Named source({"a", "b"}, {{"train/a/x/1.png", 0}, {"train/a/2.png", 0}, {"train/b/100%.png", 1}});
  const UnpackPlan plan = plan_unpack(source, Split::train, [](std::int64_t) { return ".png"; });
  EXPECT_EQ(plan.places, (std::vector<std::string>{"a/x/1.png", "a/2.png", "b/100%.png"}));
  EXPECT_FALSE(plan.listed);
}

TEST(Unpack, DamagedFilesAreWrittenAnewAndOthersAreInTheWay) {
  const TemporaryFolder folder;
  const Named source({"a", "b"}, {{"train/a/0.png", 0}, {"train/b/1.png", 1}});
  write_pack(source, folder / "packs", Split::train, {.threads = 1, .done = {}});
  const auto packed = open_source("pack:" + (folder / "packs").string(), Split::train);
  const fs::path out = folder / "out", train = out / "train";
  const auto bring = [&] { return unpack(*packed, out, Split::train, {.threads = 1, .done = {}}); };
  const auto message = [&] { return message_of<Error>([&] { bring(); }); };
  const std::string rest = "; give an empty folder to unpack into";
  bring();
  const std::string whole = read_text(train / "a/0.png");
  write_file(train / "a/0.png", std::string(whole.size(), 'x'));
  EXPECT_EQ(bring().skipped, 1);
  EXPECT_EQ(read_text(train / "a/0.png"), whole);
  write_file(train / "notes.txt", "");
  EXPECT_EQ(bring().skipped, 2);

  write_file(train / "a/other.png", "");
  EXPECT_EQ(message(), (train / "a/other.png").string() + ": is an image that the packed set has not" + rest);
  fs::remove(train / "a/other.png");
  fs::create_directory(train / "c");
  EXPECT_EQ(message(), (train / "c").string() + ": is a folder that the packed set has not" + rest);
  fs::remove(train / "c");
  write_file(train / kClassFoldersFile, class_folders_text({{"a", "b"}, {"b", "a"}}));
  EXPECT_EQ(message(), (train / kClassFoldersFile).string() + ": is of another set" + rest);
  fs::remove(train / kClassFoldersFile);
  fs::remove_all(train / "b");
  fs::create_directories(folder / "elsewhere");
  fs::create_directory_symlink(folder / "elsewhere", train / "b");
  EXPECT_EQ(message(), (train / "b").string() + ": is a link" + rest);
  EXPECT_TRUE(fs::is_empty(folder / "elsewhere"));
  fs::remove_all(train);
  fs::create_directory_symlink(folder / "elsewhere", train);
  EXPECT_EQ(message(), train.string() + ": is a link" + rest);
  EXPECT_TRUE(fs::is_empty(folder / "elsewhere"));
}

TEST(ClassFolders, TheListIsReadBack) {
  const TemporaryFolder folder;
  EXPECT_FALSE(read_class_folders(folder.path()).has_value());
  const std::vector<ClassFolder> classes{{"a", "a"}, {"b%2Fc", "b/c"}, {"%", ""}, {"t", "tab\tline\n100%\r%09"}};
  write_file(folder / kClassFoldersFile, class_folders_text(classes));
  EXPECT_EQ(read_class_folders(folder.path()), classes);
  write_file(folder / kClassFoldersFile, "class\tname\n");  // somebody else's
  EXPECT_FALSE(read_class_folders(folder.path()).has_value());
  write_file(folder / kClassFoldersFile, class_folders_text(classes) + "no tab\n");
  EXPECT_EQ(message_of<Error>([&] { read_class_folders(folder.path()); }),
            (folder / kClassFoldersFile).string() + ":6: expected FOLDER, a tab, NAME; unpack the set again");
}

/// A pack that was stopped, an image edited meanwhile: the pack holds the new one.
TEST(Pack, ImagesThatChangeBetweenTwoRunsAreSeen) {
  const TemporaryFolder folder;
  const fs::path in = folder / "in", out = folder / "out";
  for (int i = 0; i < 40; ++i) write_png(in / format("train/a/{:02}.png", i), picture(6 + i % 3, 9, 3));
  const auto source = open_source(in.string(), Split::train);
  const std::string bad = read_text(in / "train/a/39.png");
  write_file(in / "train/a/39.png", "no image");
  const auto pack = [&] { return write_pack(*source, out, Split::train, {.threads = 1, .done = {}}); };
  EXPECT_NE(message_of<Error>([&] { pack(); }), "");
  EXPECT_NE(message_of<Error>([&] { pack(); }), "");  // nothing changed: gone on with
  write_file(in / "train/a/39.png", bad);
  write_png(in / "train/a/05.png", picture(6 + 5 % 3, 9, 1));
  fs::last_write_time(in / "train/a/05.png", fs::last_write_time(in / "train/a/04.png"));
  const PackReport report = pack();
  EXPECT_EQ(report.resumed, 5);
  EXPECT_EQ(report.changed, "train/a/05.png");
  const auto packed = open_source("pack:" + out.string(), Split::train);
  for (std::int64_t i = 0; i < 40; ++i) EXPECT_EQ(packed->image(i, 3), source->image(i, 3)) << i;
  EXPECT_FALSE(fs::exists(out / "train.pack.part-stamps"));
}

TEST(Pack, ClassesThatAreNoUtf8AreRefusedBeforeTheWork) {
  const TemporaryFolder folder;
  const Named source({"caf\xE9"}, {{"x.png", 0}});
  EXPECT_EQ(message_of<Error>([&] { write_pack(source, folder / "out", Split::train, {.threads = 1, .done = {}}); }),
            "class 'caf\\xE9': is no UTF-8, which a packed set needs; rename it");
  EXPECT_FALSE(fs::exists(folder / "out"));
}

/// LMDB itself calls it an input/output error.
TEST(WriteLmdb, AFullDiskIsCalledSo) {
  const TemporaryFolder folder;
  const MadeUp source(60);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = before;
  limit.rlim_cur = 20'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  const std::string message =
      message_of<Error>([&] { write_lmdb(source, folder.path(), Split::train, {.threads = 1, .done = {}}); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  EXPECT_EQ(message, "cannot write " + (folder / "train.lmdb.part").string() + ": File too large");
  write_lmdb(source, folder.path(), Split::train, {.threads = 1, .done = {}});
  EXPECT_EQ(open_source(folder.path().string(), Split::train)->size(), 60);
}

}  // namespace
}  // namespace springbok::data
