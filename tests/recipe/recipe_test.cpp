// Recipes: TOML and flags, what is refused and with which words, and the way to JSON and back.
#include "springbok/recipe/recipe.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <span>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::recipe {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

class RecipeTest : public ::testing::Test {
 protected:
  void read(const std::string& text) {
    write_file(folder_ / "r.toml", text);
    read_recipe_file(folder_ / "r.toml", options_, given_);
  }
  /// The complaint about a recipe file, without the temporary folder's name.
  std::string complaint(const std::string& text) {
    std::string message = message_of<UsageError>([&] { read(text); });
    const auto at = message.find("r.toml");
    return at == std::string::npos ? message : message.substr(at);
  }
  void flags(const std::vector<std::pair<std::string, std::string>>& list) { read_flags(list, options_, given_); }
  std::string check_complaint() {
    return message_of<UsageError>([&] { check_recipe(recipe_, given_); });
  }
  void name_all() { flags({{"model", "resnet20"}, {"data", "d"}, {"out", "o"}}); }

  TemporaryFolder folder_;
  Recipe recipe_;
  Options options_ = option_table(recipe_);
  Given given_;
};

TEST_F(RecipeTest, TomlSetsEveryType) {
  read("model = \"resnet20\"\nepochs = 3\nlr = 1\nnesterov = true\nstep_epochs = [1, 2.5]\nmean = [\"0.5\"]\n");
  EXPECT_EQ(recipe_.model, "resnet20");
  EXPECT_EQ(recipe_.epochs, 3);
  EXPECT_EQ(recipe_.rate.lr, 1.0);
  EXPECT_TRUE(recipe_.optimizer.nesterov);
  EXPECT_EQ(recipe_.rate.step_epochs, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(recipe_.preprocess.mean, std::vector<double>{0.5});
}

TEST_F(RecipeTest, ListsOfNumbersAreReadFromNumbersAndFromTexts) {
  for (const char* text : {"mean = [0.485, 1]\n", "mean = [\"0.485\", \"1\"]\n", "mean = \"0.485, 1\"\n"}) {
    recipe_.preprocess.mean.clear();
    read(text);
    EXPECT_EQ(recipe_.preprocess.mean, (std::vector<double>{0.485, 1})) << text;
  }
  EXPECT_EQ(complaint("mean = [\"x\"]\n"), "r.toml:1: mean: 'x' is not a number; give numbers separated by commas");
  EXPECT_EQ(complaint("mean = [nan]\n"), "r.toml:1: mean: 'nan' is not a number; give numbers separated by commas");
  EXPECT_EQ(complaint("mean = 0.5\n"), "r.toml:1: mean: expects a list of numbers, got 0.5");
}

/// As run.json and checkpoints of before hold them.
TEST_F(RecipeTest, JsonOfBeforeHoldsNumbersAsTexts) {
  const nlohmann::ordered_json before = {
      {"mean", {"0.449"}}, {"std", {"0.226"}}, {"schedule", "step"}, {"step_epochs", {"30", "60.5"}}};
  const Recipe recipe = recipe_from_json(before, "run.json");
  EXPECT_EQ(recipe.preprocess.mean, std::vector<double>{0.449});
  EXPECT_EQ(recipe.rate.step_epochs, (std::vector<double>{30, 60.5}));
  EXPECT_EQ(recipe.rate.kind, ScheduleKind::step);
  const nlohmann::ordered_json now = to_json(recipe);
  EXPECT_EQ(now["mean"].dump(), "[0.449]");
  EXPECT_EQ(now["step_epochs"].dump(), "[30.0,60.5]");
  EXPECT_EQ(now["schedule"], "step");
}

TEST_F(RecipeTest, FlagsWinOverTheFile) {
  read("lr = 0.5\nepochs = 7\n");
  flags({{"lr", "0.25"}});
  EXPECT_EQ(recipe_.rate.lr, 0.25);
  EXPECT_EQ(recipe_.epochs, 7);
  EXPECT_EQ(given_.at("lr"), "--lr");
}

TEST_F(RecipeTest, ComplaintsNameFileLineAndKey) {
  EXPECT_EQ(complaint("epochs = 3\nwarmup_epoch = 5\n"),
            "r.toml:2: unknown key 'warmup_epoch' (did you mean 'warmup_epochs'?)");
  EXPECT_EQ(complaint("\n\nepochs = \"three\"\n"), "r.toml:3: epochs: expects a whole number, got \"three\"");
  EXPECT_EQ(complaint("epochs = 1.5\n"), "r.toml:1: epochs: expects a whole number, got 1.5");
  EXPECT_EQ(complaint("nesterov = 1\n"), "r.toml:1: nesterov: expects true or false, got 1");
  EXPECT_EQ(complaint("momentum = 1.5\n"), "r.toml:1: momentum: must be between 0 and 1, got 1.5");
  EXPECT_EQ(complaint("schedule = \"cosin\"\n"),
            "r.toml:1: schedule: 'cosin' is not one of cosine, step, poly, exponential, constant, onecycle, plateau, "
            "toolbox-cosine (did you mean 'cosine'?)");
  EXPECT_EQ(complaint("[train]\nlr = 1\n"),
            "r.toml:1: train: recipe keys are flat; write its keys without the [table]");
  EXPECT_EQ(complaint("lr = 2024-01-01\n"), "r.toml:1: lr: dates and times have no meaning here");
  EXPECT_EQ(complaint("mean = [[1]]\n"), "r.toml:1: mean: a list holds numbers or texts");
  EXPECT_EQ(complaint("lr = = 2\n").substr(0, 20), "r.toml:1: not TOML: ");
  EXPECT_NE(complaint("lr = 1\nlr = 2\n").find("r.toml:2: not TOML: "), std::string::npos);
}

TEST_F(RecipeTest, AMissingFileIsNamed) {
  EXPECT_NE(message_of<Error>([&] { read_recipe_file("none.toml", options_, given_); }).find("none.toml"),
            std::string::npos);
}

TEST_F(RecipeTest, UnknownFlagsAreRefused) {
  EXPECT_EQ(message_of<UsageError>([&] {
              flags({{"batchsize", "3"}});
            }),
            "command line: unknown key 'batchsize' (did you mean 'batch_size'?)");
}

TEST_F(RecipeTest, ASoundRecipePasses) {
  name_all();
  EXPECT_EQ(check_complaint(), "(nothing thrown)");
}

TEST_F(RecipeTest, MissingPartsAreNamed) {
  EXPECT_EQ(check_complaint(), "training needs a network: give --model NAME ('springbok models list' names them)");
  flags({{"model", "resnet20"}});
  EXPECT_NE(check_complaint().find("--data"), std::string::npos);
  flags({{"data", "d"}});
  EXPECT_NE(check_complaint().find("--out"), std::string::npos);
}

/// Keys that another choice leaves without effect, each with a choice that does and one that does not.
struct Unused {
  const char* key;
  const char* value;
  std::pair<std::string, std::string> without, with;
};

class UnusedKey : public ::testing::TestWithParam<Unused> {};

TEST_P(UnusedKey, IsAnErrorOnlyWhereItHasNoEffect) {
  const auto complaint = [](const std::pair<std::string, std::string>& choice) {
    Recipe recipe;
    const Options options = option_table(recipe);
    Given given;
    read_flags({{"model", "resnet20"}, {"data", "d"}, {"out", "o"}}, options, given);
    if (choice.second == "step") read_flags({{"step_epochs", "30"}}, options, given);
    read_flags({{GetParam().key, GetParam().value}, choice}, options, given);
    return message_of<UsageError>([&] { check_recipe(recipe, given); });
  };
  EXPECT_NE(complaint(GetParam().without).find(flag_name(GetParam().key) + ": has no effect here; it needs "),
            std::string::npos);
  EXPECT_EQ(complaint(GetParam().with), "(nothing thrown)");
}

INSTANTIATE_TEST_SUITE_P(Keys, UnusedKey,
                         ::testing::Values(Unused{"gamma", "0.5", {"schedule", "cosine"}, {"schedule", "exponential"}},
                                           Unused{"step_epochs", "30", {"schedule", "poly"}, {"schedule", "step"}},
                                           Unused{"power", "1", {"schedule", "cosine"}, {"schedule", "poly"}},
                                           Unused{"final_lr", "0.01", {"schedule", "constant"}, {"schedule", "cosine"}},
                                           Unused{"warmup_lr", "0.01", {"warmup_epochs", "0"}, {"warmup_epochs", "2"}},
                                           Unused{
                                               "norm_decay", "false", {"weight_decay", "0"}, {"weight_decay", "0.1"}},
                                           Unused{"scale_min", "0.5", {"crop", "none"}, {"crop", "resized"}},
                                           Unused{"ratio_max", "1", {"crop", "pad"}, {"crop", "resized"}},
                                           Unused{"pad", "2", {"crop", "resized"}, {"crop", "pad"}}),
                         [](const auto& row) { return std::string(row.param.key); });

TEST_F(RecipeTest, ContradictionsAreRefused) {
  const auto complaint = [](const std::vector<std::pair<std::string, std::string>>& list) {
    Recipe recipe;
    const Options options = option_table(recipe);
    Given given;
    read_flags({{"model", "resnet20"}, {"data", "d"}, {"out", "o"}, {"epochs", "5"}}, options, given);
    return message_of<UsageError>([&] {
      read_flags(list, options, given);
      check_recipe(recipe, given);
    });
  };
  EXPECT_EQ(complaint({{"warmup_epochs", "5"}}), "--warmup-epochs: a warm-up of 5 epochs leaves nothing of 5 epochs");
  EXPECT_EQ(complaint({{"lr", "0"}}), "--lr: must be above 0");
  EXPECT_EQ(complaint({{"nesterov", "true"}, {"momentum", "0"}}), "--nesterov: needs --momentum above 0");
  EXPECT_EQ(complaint({{"final_lr", "1"}}), "--final-lr: 1 is above --lr 0.1");
  EXPECT_EQ(complaint({{"schedule", "step"}}), "--schedule step: needs --step-epochs, such as 30,60,80");
  EXPECT_EQ(complaint({{"schedule", "step"}, {"step_epochs", "3,2"}}), "--step-epochs: 2 does not come after 3");
  EXPECT_EQ(complaint({{"schedule", "step"}, {"step_epochs", "9"}}), "--step-epochs: 9 is never reached in 5 epochs");
  EXPECT_EQ(complaint({{"schedule", "step"}, {"step_epochs", "x"}}),
            "--step-epochs: 'x' is not a number; give numbers separated by commas");
  EXPECT_EQ(complaint({{"std", "0.5,0,1"}}), "--std: must be between 1e-06 and 1000000, got 0");
  EXPECT_EQ(complaint({{"scale_min", "0.9"}, {"scale_max", "0.8"}}), "--scale-min: 0.9 is above --scale-max 0.8");
  EXPECT_EQ(complaint({{"channels", "2"}}), "--channels: 1 (grey), 3 (RGB) or 0 (as stored)");
}

TEST_F(RecipeTest, JsonHoldsEveryKeyAndReadsBack) {
  read("model = \"resnet50\"\nlr = 0.3\nstep_epochs = [30, 60]\nstem = \"small\"\nflip = 0\nseed = 9007199254740992\n");
  const nlohmann::ordered_json json = to_json(recipe_);
  EXPECT_EQ(json.size(), options_.size());
  EXPECT_EQ(to_json(recipe_from_json(json, "x")), json);
  EXPECT_EQ(json["stem"], "small");
}

TEST_F(RecipeTest, TextIsARecipeAgain) {
  read("lr = 0.3\nschedule = \"step\"\nstep_epochs = [30, 60]\nmean = [\"0.1\"]\n");
  name_all();
  const nlohmann::ordered_json before = to_json(recipe_);
  const std::string text = recipe_text(recipe_);
  recipe_ = Recipe();
  given_.clear();
  read(text);
  EXPECT_EQ(to_json(recipe_), before);
  EXPECT_EQ(check_complaint(), "(nothing thrown)");
  EXPECT_EQ(text.find("power = "), std::string::npos);  // given on purpose, a useless key would be refused
}

TEST_F(RecipeTest, DigestChangesWithWhatIsComputedOnly) {
  const std::string before = digest(recipe_);
  flags({{"out", "elsewhere"}, {"workers", "3"}, {"threads", "2"}, {"data", "moved"}});
  EXPECT_EQ(digest(recipe_), before);
  flags({{"seed", "1"}});
  EXPECT_NE(digest(recipe_), before);
}

// An option that is at its default is no part of the digest, so that a new one leaves all of them as they are.
TEST_F(RecipeTest, DigestIsOfWhatIsNotAtItsDefaultOnly) {
  const auto of = [](const std::string& text) { return "2:" + sha256(std::as_bytes(std::span(text))).substr(0, 16); };
  EXPECT_EQ(digest(recipe_), of("{}"));
  flags({{"lr", "0.3"}, {"mean", "0.485"}, {"out", "o"}, {"exif", "ignore"}, {"flip", "0.5"}});
  EXPECT_EQ(digest(recipe_), of(R"({"mean":[0.485],"lr":0.3})"));
  nlohmann::ordered_json without = to_json(recipe_);
  without.erase("decode");
  EXPECT_EQ(digest(recipe_from_json(without, "x")), digest(recipe_));
}

TEST_F(RecipeTest, LearningRatePerImagesScalesWithTheStep) {
  flags({{"lr", "0.1"}, {"lr_per", "256"}, {"batch_size", "32"}, {"accumulate", "4"}});
  EXPECT_DOUBLE_EQ(scaled_lr(recipe_), 0.05);
  EXPECT_DOUBLE_EQ(schedule_of(recipe_, 10).lr, 0.05);
}

/// By the root, as is usual for Adam; or by whole parts, as ModelZoo's script: 100 images are 3 times 32.
TEST_F(RecipeTest, LearningRatePerImagesScalesByAnotherRuleWhereAsked) {
  flags({{"lr", "0.1"}, {"lr_per", "256"}, {"batch_size", "64"}, {"lr_scaling", "sqrt"}});
  EXPECT_DOUBLE_EQ(scaled_lr(recipe_), 0.05);
  flags({{"lr", "0.1"}, {"lr_per", "32"}, {"batch_size", "100"}, {"lr_scaling", "whole"}});
  EXPECT_DOUBLE_EQ(scaled_lr(recipe_), 0.1 * 3);
}

TEST_F(RecipeTest, OptionsDocumentIsUpToDate) {
  EXPECT_EQ(read_text(SPRINGBOK_SOURCE_DIR "/docs/options.md"), options_document())
      << "run: build/options_document > docs/options.md";
}

}  // namespace
}  // namespace springbok::recipe
