// Files cut, changed and put together wrongly.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/tensors/bytes.h"
#include "tests/tensors/helpers.h"
#include "tests/tensors/hostile.h"

namespace springbok::tensors {
namespace {

std::vector<std::filesystem::path> fixtures() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "fixtures")) {
    if (entry.path().extension() != ".json") paths.push_back(entry.path());
  }
  return paths;
}

TEST(HostileFile, CutAnywhereIsAnError) {
  for (const auto& path : fixtures()) {
    const std::string whole = read_text(path);
    ASSERT_EQ(outcome(whole), "read") << path;
    for (std::size_t size = 0; size < whole.size(); size += 97) {
      EXPECT_NE(outcome(whole.substr(0, size)), "read") << path << " cut at " << size;
    }
    EXPECT_NE(outcome(whole.substr(0, whole.size() - 1)), "read") << path;
  }
}

TEST(HostileFile, AChangedByteIsReadOrRefused) {
  for (const auto& path : fixtures()) {
    std::string bytes = read_text(path);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      constexpr int kChanges[] = {0x01, 0x80, 0xFF, 0x10};
      const char good = bytes[at];
      bytes[at] = static_cast<char>(good ^ kChanges[at % 4]);
      outcome(bytes);
      bytes[at] = good;
    }
  }
}

TEST(HostileFile, OtherKindsOfFilesAreNamed) {
  EXPECT_EQ(outcome(""), "x.pth: the file is empty; copy or download it again");
  EXPECT_EQ(outcome("version https://git-lfs.github.com/spec/v1\n"),
            "x.pth: a Git LFS pointer, not the file itself; fetch it with 'git lfs pull'");
  EXPECT_EQ(outcome("\n<!DOCTYPE html>"), "x.pth: a web page, not weights; the download did not reach the file");
  EXPECT_EQ(outcome("\x1f\x8b\x08"), "x.pth: compressed with gzip; unpack it with gunzip");
  EXPECT_EQ(outcome(std::string(257, 'x') + "ustar" + std::string(250, 'x')),
            "x.pth: a tar archive (PyTorch 0.1 wrote such); load it with torch.load and re-save it");
  EXPECT_EQ(outcome("\x80\x02}."),
            "x.pth: a pickle that torch.save did not write; load it in Python and save it with torch.save");
  EXPECT_EQ(outcome("weights"), "x.pth: not a weight file (PyTorch zip, PyTorch before 1.6, or safetensors)");
}

TEST(HostileFile, ArchivesThatAreNotStateDicts) {
  EXPECT_EQ(outcome(archive({{"a.txt", "x"}})), "x.pth: a zip archive without 'data.pkl': not a file of torch.save");
  EXPECT_EQ(outcome(archive({{"m/data.pkl", "\x80\x02N."}, {"m/constants.pkl", ""}})),
            "x.pth: a TorchScript program, not weights; load it with torch.jit.load and save its state_dict()");
  EXPECT_EQ(outcome(archive({{"m/data.pkl", "\x80\x02N."}, {"m/byteorder", "big"}})),
            "x.pth: written on a big-endian machine; re-save it on a little-endian one");
  EXPECT_EQ(outcome(archive({{"data.pkl", "\x80\x02N."}})), "read");
}

/// An archive whose central directory entry of record 0, or end record, is changed at an offset.
class Tampered {
 public:
  Tampered() : bytes_(archive({{"x/data.pkl", "\x80\x02N."}, {"x/data/0", std::string(16, 'x')}})) {
    central_ = bytes_.find("PK\x01\x02");
    end_ = bytes_.rfind("PK\x05\x06");
  }
  template <class T>
  std::string central(std::size_t offset, T value) const {
    return with(central_ + offset, value);
  }
  template <class T>
  std::string end(std::size_t offset, T value) const {
    return with(end_ + offset, value);
  }
  template <class T>
  std::string with(std::size_t at, T value) const {
    std::string copy = bytes_;
    std::memcpy(copy.data() + at, &value, sizeof(T));
    return copy;
  }
  std::size_t second() const { return bytes_.find("PK\x03\x04", 4); }
  std::uint32_t first_size() const { return 4; }

 private:
  std::string bytes_;
  std::size_t central_ = 0, end_ = 0;
};

void expect_damaged(const std::string& bytes, const std::string& what) {
  EXPECT_EQ(outcome(bytes), "x.pth: damaged zip archive: " + what + "; copy or download it again");
}

TEST(HostileFile, ZipRecordsThatLie) {
  const Tampered zip;
  expect_damaged(zip.central(0, 'X'), "its directory is broken");
  expect_damaged(zip.central(28, std::uint16_t{0xFFFF}), "its directory is broken");  // the name's length
  expect_damaged(zip.central(20, std::uint32_t{5}), "a record has two sizes");
  expect_damaged(zip.central(20, std::uint64_t{0x00FFFFFF00FFFFFF}), "a record is outside the file");
  expect_damaged(zip.central(20, std::uint64_t{0xFFFFFFFFFFFFFFFF}), "a record is outside the file");
  expect_damaged(zip.central(20, std::uint64_t{0x0000001000000010}), "two records overlap");
  expect_damaged(zip.central(42, std::uint32_t{0x7FFFFFFF}), "a record is outside the file");
  expect_damaged(zip.central(42, std::uint32_t{1}), "a record has no header");
  expect_damaged(zip.central(42, static_cast<std::uint32_t>(zip.second())),
                 "a record's header and the directory give two names");
  expect_damaged(zip.end(10, std::uint16_t{1}), "its directory is shorter or longer than it says");
  expect_damaged(zip.end(12, std::uint32_t{0x7FFFFFFF}), "its directory is outside");
  expect_damaged(zip.end(16, std::uint32_t{0x7FFFFFFF}), "its directory is outside");
  expect_damaged(zip.end(16, std::uint32_t{0xFFFFFFFF}), "its 64-bit end record is missing");
  EXPECT_EQ(outcome(zip.central(10, std::uint16_t{8})),
            "x.pth: the record 'x/data.pkl' is compressed, which torch.save never does; re-save it with torch.save");
  EXPECT_EQ(outcome(zip.central(8, std::uint16_t{1})),
            "x.pth: the record 'x/data.pkl' is encrypted; unpack it and save it with torch.save");
  EXPECT_NE(outcome(zip.end(20, std::uint16_t{1})).find("the end of the archive is missing"), std::string::npos);
}

TEST(HostileFile, TwoRecordsOfOneNameOrPlace) {
  expect_damaged(archive({{"x/data.pkl", "\x80\x02N."}, {"x/data.pkl", "\x80\x02K\x01."}}),
                 "two records have one name");
  std::string bytes = archive({{"x/a", "\x80\x02N."}, {"x/b", "\x80\x02K\x01."}});
  const std::size_t second = bytes.find("PK\x01\x02", bytes.find("PK\x01\x02") + 4);
  const std::uint32_t first = 0;
  std::memcpy(bytes.data() + second + 42, &first, 4);  // both at the first's header
  expect_damaged(bytes, "a record's header and the directory give two names");
}

TEST(HostileFile, LegacyStoragesThatLie) {
  const std::string whole = read_text(source_folder() / "fixtures/ancient.legacy.pth");
  const std::size_t storage = whole.size() - 24 - 8;
  const auto with_count = [&](std::uint64_t count) {
    std::string bytes = whole;
    std::memcpy(bytes.data() + storage, &count, 8);
    return outcome(bytes);
  };
  EXPECT_EQ(with_count(6), "read");
  EXPECT_NE(with_count(5).find("a storage of two sizes"), std::string::npos);
  EXPECT_NE(with_count(~std::uint64_t{0}).find("a storage of two sizes"), std::string::npos);
  EXPECT_EQ(outcome(whole.substr(0, whole.size() - 1)), "x.pth: cut in storage '94' (the file ends at byte " +
                                                            std::to_string(whole.size() - 1) +
                                                            "); copy or download it again");
}

}  // namespace
}  // namespace springbok::tensors
