// A golden file a family, as the everyday check; `./dev golden` compares all of them.
#include "tests/golden/golden.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace springbok::golden {
namespace {

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(SPRINGBOK_SOURCE_DIR "/tests/golden/files")) {
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class Golden : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Golden, EqualsThePublishedCode) {
  const Report report = check_file(GetParam());
  EXPECT_EQ(report.verdict, Verdict::pass) << "run: build/golden_check " << GetParam();
  for (const std::string& failure : report.failures) ADD_FAILURE() << failure;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(files()), [](const auto& path) {
  std::string name;
  for (const char c : path.param.stem().string()) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace springbok::golden
