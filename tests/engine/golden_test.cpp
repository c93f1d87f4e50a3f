// A golden file a family, as the everyday check; `./dev golden` compares all of them.
#include "tests/golden/golden.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "springbok/base/error.h"
#include "springbok/base/file.h"

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

/// The message of the Error that checking this text throws, or the line of its report.
std::string checked(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / "springbok_golden_test.json";
  write_file(path, text);
  try {
    return to_line(check_file(path));
  } catch (const Error& error) {
    return std::string(error.what()).substr(path.string().size());
  }
}

TEST(GoldenFile, OtherKindsAreNamed) {
  EXPECT_EQ(checked("{"), ": not a JSON file");
  EXPECT_EQ(checked(R"({"function": "losses:focal"})"),
            ": not a golden file of a network or a function: it has no 'factory'");
  EXPECT_EQ(checked(R"({"source": ["x/y@z losses.py: Focal"]})"),
            "springbok_golden_test: not checked: functions that are not known: x/y@z losses.py: Focal");
  const std::string rest = R"(, "state_dict": [], "output": {}, "train": {}, "fp64": {}})";
  EXPECT_EQ(checked(R"({"factory": 5, "kwargs": {}, "source": {"repo": "x"})" + rest),
            ": not a golden file of a network: a value is missing or of another type than the format says");
  const std::string source = R"(, "source": {"repo": "PistonY/ModelZoo.pytorch"})";
  EXPECT_EQ(checked(R"({"factory": "models:resnet50", "kwargs": {"speed": 3})" + source + rest),
            "springbok_golden_test: not checked: models:resnet50: the argument 'speed' is not known");
  EXPECT_EQ(
      checked(R"({"factory": "models:Nonet", "kwargs": {})" + source + rest),
      "springbok_golden_test: not checked: models:Nonet: a factory of PistonY/ModelZoo.pytorch that is not known");
}

}  // namespace
}  // namespace springbok::golden
