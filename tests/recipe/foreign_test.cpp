// Every flag of the trainers that people come from is ours, or has a word on what it is here.
#include "springbok/recipe/foreign.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "springbok/base/file.h"
#include "springbok/recipe/book.h"
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

/// The cells of a page's tables, row by row, below a heading.
std::vector<std::vector<std::string>> cells(const std::string& page, const std::string& heading) {
  std::istringstream lines(page.substr(page.find("\n## " + heading)));
  std::vector<std::vector<std::string>> rows;
  std::string line;
  for (std::getline(lines, line), std::getline(lines, line); std::getline(lines, line) && !line.starts_with("## ");) {
    if (!line.starts_with("| `")) continue;
    std::istringstream parts(line.substr(1));
    rows.emplace_back();
    for (std::string part; std::getline(parts, part, '|');) rows.back().push_back(part);
  }
  return rows;
}

std::vector<std::string> flags_in(std::string text) {
  std::replace(text.begin(), text.end(), '`', ' ');
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream words(text);
  std::vector<std::string> flags;
  for (std::string word; words >> word;) {
    if (word.starts_with('-') && word != "-") flags.push_back(word);
  }
  return flags;
}

/// A flag of springbok's own commands, whichever has it.
bool is_ours(const std::string& flag, const Options& training) {
  static const std::set<std::string> others = {"recipe",   "weights", "entry",   "split",     "classes",
                                               "json",     "out",     "probe",   "per_class", "predictions",
                                               "protocol", "masks",   "cut_back"};
  const std::string key = as_key(flag);
  const std::string positive = key.starts_with("no_") ? key.substr(3) : key;
  return find_option(training, key) != nullptr || find_option(training, positive) != nullptr || others.contains(key);
}

/// docs/from-TRAINER.md: each flag of its parser stands there, has its hint, and leads to a flag that there is.
TEST(Foreign, PagesForThoseWhoComeFromElsewhere) {
  Recipe recipe;
  const Options options = option_table(recipe);
  std::ifstream file(SPRINGBOK_SOURCE_DIR "/tests/recipe/fixtures/foreign_flags.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::string trainer = line.substr(0, line.find('-'));
    const std::string page = read_text(SPRINGBOK_SOURCE_DIR "/docs/from-" + trainer + ".md");
    SCOPED_TRACE(trainer);
    std::set<std::string> listed;
    for (const auto& row : cells(page, "Flags")) {
      ASSERT_EQ(row.size(), 4U) << row[0];
      const std::string flag = flags_in(row[0]).at(0);
      listed.insert(flag);
      const bool same = flag.starts_with("--") && find_option(options, as_key(flag)) != nullptr;
      EXPECT_TRUE(same || !foreign_hint(flag, options).empty()) << flag;
      EXPECT_FALSE(flags_in(row[2]).empty() && row[3] == " - ") << flag << ": neither a flag nor a word on it";
      for (const std::string& ours : flags_in(row[2])) EXPECT_TRUE(is_ours(ours, options)) << flag << ": " << ours;
    }
    std::istringstream words(line.substr(line.find(':') + 1));
    for (std::string flag; words >> flag;) EXPECT_TRUE(listed.contains(flag)) << flag;
  }
}

/// What the pages tell people to type can be typed.
TEST(Foreign, CommandsOfThePagesHaveFlagsAndRecipesThatThereAre) {
  Recipe recipe;
  const Options options = option_table(recipe);
  for (const char* trainer : {"elastic", "modelzoo", "timm", "torchvision"}) {
    const auto rows = cells(read_text(std::string(SPRINGBOK_SOURCE_DIR "/docs/from-") + trainer + ".md"), "Commands");
    EXPECT_GE(rows.size(), 5U) << trainer;
    for (const auto& row : rows) {
      EXPECT_TRUE(row.at(1).starts_with(" `springbok ") || row[1].starts_with(" add `")) << row[1];
      for (const std::string& flag : flags_in(row[1])) EXPECT_TRUE(is_ours(flag, options)) << row[1] << ": " << flag;
      const std::size_t at = row[1].find("--recipe ");
      if (at == std::string::npos) continue;
      std::istringstream words(row[1].substr(at + 9));
      std::string name;
      words >> name;
      EXPECT_NE(find_page(name), nullptr) << name;
    }
  }
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
      " (timm's and torchvision's; here it is '--optimizer'; one of sgd, adam, adamw, rmsprop, rmsprop_tf, lamb, lion "
      "and muon)");
  EXPECT_EQ(foreign_hint("--amp", options),
            " (timm's, torchvision's and ModelZoo's; here it is '--precision'; bf16 or fp16)");
  EXPECT_EQ(foreign_hint("--wd", {}), " (torchvision's, Elastic's and ModelZoo's; this command has nothing like it)");
  EXPECT_EQ(foreign_hint("--no-such-flag", options), "");
  EXPECT_EQ(foreign_hint("", options), "");
  EXPECT_EQ(foreign_hint("--", options), "");
}

}  // namespace
}  // namespace springbok::recipe
