// Every flag of the trainers that people come from is ours, or has a word on what it is here.
#include "springbok/recipe/foreign.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "springbok/recipe/recipe.h"

namespace springbok::recipe {
namespace {

std::string as_key(std::string flag) {
  flag.erase(0, flag.find_first_not_of('-'));
  std::replace(flag.begin(), flag.end(), '-', '_');
  return flag;
}

TEST(Foreign, EveryFlagOfTheOthersIsOursOrHasAHint) {
  Recipe recipe;
  const Options options = option_table(recipe);
  std::ifstream file(SPRINGBOK_SOURCE_DIR "/tests/recipe/fixtures/foreign_flags.txt");
  std::size_t flags = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string program;
    words >> program;
    for (std::string flag; words >> flag; ++flags) {
      const bool ours = flag.starts_with("--") && find_option(options, as_key(flag)) != nullptr;
      EXPECT_TRUE(ours || !foreign_hint(flag, options).empty()) << program << ' ' << flag;
    }
  }
  EXPECT_GT(flags, 300U);
}

TEST(Foreign, HintsNameWhatThisCommandHas) {
  Recipe recipe;
  const Options options = option_table(recipe);
  EXPECT_EQ(foreign_hint("--wd", options), " (torchvision's, Elastic's and ModelZoo's; here it is '--weight-decay')");
  EXPECT_EQ(foreign_hint("--wd=1e-4", options), foreign_hint("--wd", options));
  EXPECT_EQ(foreign_hint("wd", options), " (torchvision's, Elastic's and ModelZoo's; here it is 'weight_decay')");
  EXPECT_EQ(foreign_hint("-b64", options), " (timm's, torchvision's and Elastic's; here it is '--batch-size')");
  EXPECT_EQ(foreign_hint("lr_min", options), " (timm's and torchvision's; here it is 'final_lr')");
  EXPECT_EQ(
      foreign_hint("--opt", options),
      " (timm's and torchvision's; here it is '--optimizer'; one of sgd, adam, adamw, rmsprop, rmsprop_tf, lamb and "
      "lion)");
  EXPECT_EQ(foreign_hint("--amp", options),
            " (timm's, torchvision's, Elastic's and ModelZoo's; training and evaluation compute in float32)");
  EXPECT_EQ(foreign_hint("--wd", {}), " (torchvision's, Elastic's and ModelZoo's; this command has nothing like it)");
  EXPECT_EQ(foreign_hint("--no-such-flag", options), "");
  EXPECT_EQ(foreign_hint("", options), "");
  EXPECT_EQ(foreign_hint("--", options), "");
}

}  // namespace
}  // namespace springbok::recipe
