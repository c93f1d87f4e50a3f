// Layouts that people have: other names of splits, shares of the training images, torchvision's folders, folders that
// programs leave behind.
#include <gtest/gtest.h>

#include <map>

#include "springbok/data/raw/pickle_value.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

const fs::path kPickles = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/data/fixtures/cifar_python";

void copy_to(const fs::path& from, const fs::path& to) {
  make_folder(to.parent_path());
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

void write(const fs::path& path, const std::string& text) {
  make_folder(path.parent_path());
  write_file(path, text);
}

std::string error_of(const std::string& spec, const Split& split, const OpenSettings& settings = {}) {
  return message_of<Error>([&] { open_source(spec, split, settings); });
}

void picture_at(const fs::path& path) {
  write_png(path, picture(4, 4, 3));
}

TEST(Split, OtherNamesOfTheValidationPartAreFound) {
  for (const char* name : {"val", "valid", "validation"}) {
    const TemporaryFolder folder;
    picture_at(folder / "train/a/1.png");
    picture_at(folder / name / "a/2.png");
    picture_at(folder / "test/a/3.png");
    const std::string root = folder.path().string();
    EXPECT_EQ(open_source(root, Split::val)->name(0), format("{}/a/2.png", name));
    EXPECT_EQ(open_source(root, Split(name))->name(0), format("{}/a/2.png", name));
    EXPECT_EQ(open_source(root, Split("test"))->name(0), "test/a/3.png");
    EXPECT_TRUE(has_split(root, Split::val));
    EXPECT_FALSE(has_split(root, Split("dev")));
    EXPECT_TRUE(is_data_set(root));
    EXPECT_FALSE(is_data_set(root + "/train"));
  }
  EXPECT_EQ(message_of<UsageError>([] { Split("../x"); }),
            "--split: '../x' is no name of a part, such as train, val or test");
}

TEST(Split, OfListsIsTheirName) {
  const TemporaryFolder folder;
  picture_at(folder / "1.png");
  write(folder / "valid.txt", "1.png a\n");
  write(folder / "test.txt", "1.png a\n1.png b\n");
  const std::string root = folder.path().string();
  EXPECT_EQ(open_source(root, Split::val)->size(), 1);
  EXPECT_EQ(open_source(root, Split("test"))->size(), 2);
  EXPECT_EQ(error_of("list:" + root, Split("dev")), root + "/dev.txt: no such list; expected one 'PATH CLASS' a line");
}

TEST(Split, ARootOfSplitsHasNoClasses) {
  const TemporaryFolder folder;
  picture_at(folder / "test/a/1.png");
  const std::string root = folder.path().string();
  EXPECT_NE(error_of(root, Split::val).find("no val/ folder"), std::string::npos);
  picture_at(folder / "cars/a/1.png");  // now `test` is a class
  EXPECT_EQ(open_source(root, Split::val)->classes(), (std::vector<std::string>{"cars", "test"}));
}

TEST(HeldOut, IsChosenByTheHashOfTheName) {
  // [i for i in range(20) if int(hashlib.sha256(b'made/%d' % i).hexdigest()[:16], 16) / 2**64 < 0.25]
  const std::vector<std::string> expected{"made/3", "made/5",  "made/6",  "made/7",
                                          "made/9", "made/11", "made/13", "made/15"};
  std::vector<std::string> held, rest;
  const auto validation = held_out(std::make_unique<MadeUp>(20), 0.25, true);
  const auto training = held_out(std::make_unique<MadeUp>(20), 0.25, false);
  for (std::int64_t i = 0; i < validation->size(); ++i) held.push_back(validation->name(i));
  EXPECT_EQ(held, expected);
  EXPECT_EQ(training->size() + validation->size(), 20);
  for (std::int64_t i = 0; i < training->size(); ++i) {
    EXPECT_EQ(std::count(held.begin(), held.end(), training->name(i)), 0);
  }
  EXPECT_NE(training->digest(), held_out(std::make_unique<MadeUp>(20), 0.5, false)->digest());
  EXPECT_EQ(message_of<UsageError>([] { held_out(std::make_unique<MadeUp>(3), 1e-9, true); }),
            "--val-share: 1e-09 holds out 0 of 3 images (made up); give another share");
}

TEST(HeldOut, MakesAValidationPartWhereThereIsNone) {
  const TemporaryFolder folder;
  for (int i = 0; i < 20; ++i) picture_at(folder / "one/train/a" / format("{}.png", i));
  for (int i = 0; i < 20; ++i) picture_at(folder / "flat/a" / format("{}.png", i));
  for (const char* name : {"one", "flat"}) {
    const std::string root = (folder / name).string();
    const auto training = open_source(root, Split::train, {.val_share = 0.3});
    const auto validation = open_source(root, Split::val, {.val_share = 0.3});
    EXPECT_EQ(training->size() + validation->size(), 20);
    EXPECT_NE(validation->description().find("held out by the hash of their names (share 0.3)"), std::string::npos);
  }
  picture_at(folder / "one/valid/a/1.png");
  const std::string root = (folder / "one").string();
  EXPECT_EQ(error_of(root, Split::train, {.val_share = 0.3}),
            "--val-share: " + root +
                " has validation images of its own (valid); leave --val-share out, or give a folder "
                "without them");
  EXPECT_EQ(open_source(root, Split::val, {.val_share = 0.3, .share_where_needed = true})->size(), 1);
}

TEST(OddNames, OfClassesAndOfFoldersInThemAreTold) {
  const TemporaryFolder folder;
  picture_at(folder / "train/dusk/1.png");
  const std::string root = folder.path().string();
  EXPECT_TRUE(open_source(root, Split::train)->warnings().empty());
  for (const char* odd : {".ipynb_checkpoints", "__MACOSX", "@eaDir", ".git", "lost+found"}) {
    picture_at(folder / "train" / odd / "1.png");
  }
  picture_at(folder / "train/dusk/@eaDir/1.jpg/2.png");
  picture_at(folder / "train/dusk/._1.png");
  const auto source = limited(open_source(root, Split::train), 4);
  // torchvision's ImageFolder: sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
  EXPECT_EQ(source->classes(),
            (std::vector<std::string>{".git", ".ipynb_checkpoints", "@eaDir", "__MACOSX", "dusk", "lost+found"}));
  const std::vector<std::string> told = source->warnings();
  ASSERT_EQ(told.size(), 7U);
  EXPECT_EQ(told[1],
            "'.ipynb_checkpoints' is a class with 1 image, as torchvision's ImageFolder has it; its name is one that "
            "programs give: remove it if it is no class");
  EXPECT_EQ(told[5],
            "train/dusk/@eaDir: 1 image of a folder whose name programs give, counted as the class's as torchvision's "
            "ImageFolder does; remove the folder if they are copies");
  EXPECT_EQ(told[6].substr(0, 43), "1 files have names that begin with '._': ma");
}

/// A folder as torchvision unpacks CIFAR-10, with one pickle for all batches.
void make_cifar(const fs::path& folder, const char* pickle) {
  for (int i = 1; i <= 5; ++i) copy_to(kPickles / pickle, folder / format("data_batch_{}", i));
  copy_to(kPickles / pickle, folder / "test_batch");
  copy_to(kPickles / "meta.pickle", folder / "batches.meta");
}

TEST(CifarForPython, HasTorchvisionsPixels) {
  const auto expected = nlohmann::json::parse(read_text(kPickles / "images.json"));
  for (const char* pickle : {"python2.pickle", "protocol2.pickle", "protocol4.pickle", "protocol5.pickle"}) {
    const TemporaryFolder folder;
    make_cifar(folder / "cifar-10-batches-py", pickle);
    const auto source = open_source(folder.path().string(), Split::train);
    ASSERT_EQ(source->size(), 10) << pickle;
    EXPECT_EQ(source->classes()[3], "cat");
    EXPECT_EQ(source->target(0), 3);
    EXPECT_EQ(source->target(9), 9);
    for (std::int64_t i = 0; i < 2; ++i) {
      const image::Image image = source->image(i, 3);
      EXPECT_EQ(sha256(std::as_bytes(std::span(image.pixels))), expected[static_cast<std::size_t>(i)]);
    }
    EXPECT_EQ(open_source((folder / "cifar-10-batches-py").string(), Split("test"))->size(), 2);
    EXPECT_NE(error_of("cifar:" + folder.path().string(), Split("dev")).find("has a train and a test part, no dev"),
              std::string::npos);
  }
}

TEST(CifarForPython, HasFineClasses) {
  const TemporaryFolder folder;
  copy_to(kPickles / "fine.pickle", folder / "cifar-100-python/train");
  copy_to(kPickles / "fine.pickle", folder / "cifar-100-python/test");
  copy_to(kPickles / "fine_meta.pickle", folder / "cifar-100-python/meta");
  const auto source = open_source(folder.path().string(), Split::val);
  EXPECT_EQ(source->classes().size(), 100U);
  EXPECT_EQ(source->target(0), 99);
  EXPECT_EQ(source->classes()[99], "f99");
}

TEST(CifarForPython, OfOtherContentIsRefused) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), "python2.pickle");
  const auto message = [&](const std::string& pickle) {
    write_file(folder / "test_batch", pickle);
    return error_of(folder.path().string(), Split::val);
  };
  const std::string good = read_text(kPickles / "python2.pickle");
  EXPECT_NE(message("\x80\x02"
                    "cposix\nsystem\n(U\x02ls.")
                .find("names 'posix system', which it has no use for,"),
            std::string::npos);
  EXPECT_NE(message("\x80\x02]q.").find("is cut"), std::string::npos);
  EXPECT_NE(message("\x80\x02].").find("a pickle of something else than a dictionary"), std::string::npos);
  EXPECT_NE(message("\x80\x02}.").find("its dictionary has no 'data'"), std::string::npos);
  for (std::size_t size = 0; size < good.size(); size += size < 300 ? 1 : 97) {
    EXPECT_THROW(PickleFile(std::as_bytes(std::span(good).first(size)), "x"), Error) << size;
  }
  std::string bad = good;
  for (std::size_t i = 0; i < 220; ++i) {  // nothing but an Error comes of any byte changed
    for (const unsigned value : {0U, 40U, 98U, 101U, 255U}) {
      bad[i] = static_cast<char>(value);
      try {
        PickleFile(std::as_bytes(std::span(bad)), "x").entry("data", PickleFile::Kind::array);
      } catch (const Error&) {
      }
    }
    bad[i] = good[i];
  }
}

std::string idx(std::uint32_t magic, std::vector<std::uint32_t> shape, const std::string& values) {
  std::string text;
  shape.insert(shape.begin(), magic);
  for (const std::uint32_t word : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(word >> shift & 255);
  }
  return text + values;
}

/// Two images of 2 x 3, with these labels, under these names.
void make_idx(const fs::path& folder, const std::string& begin, const std::string& labels) {
  write(folder / (begin + "-images-idx3-ubyte"), idx(0x803, {2, 2, 3}, "abcdefghijkl"));
  write(folder / (begin + "-labels-idx1-ubyte"), idx(0x801, {2}, labels));
}

TEST(IdxSets, LieWhereTorchvisionUnpacksThem) {
  const TemporaryFolder folder;
  const std::string root = folder.path().string();
  for (const char* begin : {"train", "t10k"}) make_idx(folder / "MNIST/raw", begin, {1, 2});
  EXPECT_EQ(open_source(root, Split::train)->size(), 2);
  EXPECT_EQ(open_source(root, Split("test"))->name(0), "test/00000");
  EXPECT_EQ(open_source((folder / "MNIST").string(), Split::val)->name(0), "val/00000");
  for (const char* begin : {"train", "t10k"}) make_idx(folder / "FashionMNIST/raw", begin, {1, 2});
  EXPECT_EQ(error_of(root, Split::train), root + ": holds several data sets: " + root + "/MNIST/raw, " + root +
                                              "/FashionMNIST/raw; name one of them");
  EXPECT_EQ(open_source((folder / "FashionMNIST").string(), Split::val)->classes()[9], "Ankle boot");
}

TEST(IdxSets, OfEmnistAreNamedByTheirFiles) {
  const TemporaryFolder folder;
  const fs::path raw = folder / "EMNIST/raw";
  for (const char* begin : {"emnist-letters-train", "emnist-letters-test"}) make_idx(raw, begin, {1, 26});
  // torchvision: EMNIST(split="letters").classes, targets and data, as in the file
  const auto letters = open_source(folder.path().string(), Split::train);
  EXPECT_EQ(letters->classes().size(), 27U);
  EXPECT_EQ(letters->classes()[0], "N/A");
  EXPECT_EQ(letters->classes()[static_cast<std::size_t>(letters->target(0))], "a");
  EXPECT_EQ(letters->classes()[static_cast<std::size_t>(letters->target(1))], "z");
  EXPECT_EQ(letters->image(0, 1).pixels, (std::vector<std::uint8_t>{'a', 'b', 'c', 'd', 'e', 'f'}));
  for (const char* begin : {"emnist-balanced-train", "emnist-balanced-test"}) make_idx(raw, begin, {10, 46});
  EXPECT_NE(error_of(folder.path().string(), Split::train).find("emnist-balanced, "), std::string::npos);
  for (const fs::path& at : {raw / "emnist-balanced", folder / "EMNIST/emnist-balanced", folder / "emnist-balanced"}) {
    const auto balanced = open_source(at.string(), Split("test"));
    EXPECT_EQ(balanced->classes().size(), 47U);
    EXPECT_EQ(balanced->classes()[static_cast<std::size_t>(balanced->target(0))], "A");
    EXPECT_EQ(balanced->classes()[static_cast<std::size_t>(balanced->target(1))], "t");
  }
  EXPECT_EQ(open_source("idx:" + (raw / "emnist-letters").string(), Split::val)->size(), 2);
}

}  // namespace
}  // namespace springbok::data
