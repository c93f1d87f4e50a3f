// Recipes that build on others, those of the book, and what they say about themselves.
#include "springbok/recipe/layers.h"

#include <gtest/gtest.h>

#include <set>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/recipe/book.h"
#include "springbok/zoo/zoo.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::recipe {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

class LayersTest : public ::testing::Test {
 protected:
  void file(const std::string& name, const std::string& text) { write_file(folder_ / name, text); }
  Layers read(const std::string& word) { return read_recipe(word, options_, given_); }
  /// Of a file in the folder, without the folder's name.
  std::string complaint(const std::string& name) {
    std::string message = message_of<UsageError>([&] { read((folder_ / name).string()); });
    const std::string folder = (folder_ / "").string();
    for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder)) {
      message.erase(at, folder.size());
    }
    return message;
  }

  TemporaryFolder folder_;
  Recipe recipe_;
  Options options_ = option_table(recipe_);
  Given given_;
};

TEST_F(LayersTest, AFileWinsOverItsBaseAndThatOverItsOwn) {
  file("a.toml", "lr = 1\nepochs = 10\nseed = 3\n");
  file("b.toml", "base = \"a.toml\"\nlr = 2\nepochs = 20\n");
  file("c.toml", "lr = 3\nbase = \"b.toml\"\n");
  const Layers layers = read((folder_ / "c.toml").string());
  EXPECT_EQ(recipe_.rate.lr, 3);
  EXPECT_EQ(recipe_.epochs, 20);
  EXPECT_EQ(recipe_.seed, 3);
  EXPECT_EQ(layers.names.size(), 3U);
  EXPECT_TRUE(given_.contains("lr"));
  EXPECT_EQ(given_.size(), 1U);
  EXPECT_EQ(layers.inherited.size(), 2U);
  EXPECT_NE(layers.inherited.at("epochs").find("b.toml:3: epochs"), std::string::npos);
}

TEST_F(LayersTest, APageIsABaseByName) {
  file("mine.toml", "base = \"modelzoo/resnet50\"\nbatch_size = 16\n");
  const Layers layers = read((folder_ / "mine.toml").string());
  EXPECT_EQ(recipe_.model, "resnet50");
  EXPECT_EQ(recipe_.rate.lr, 0.4);
  EXPECT_EQ(recipe_.batch_size, 16);
  EXPECT_EQ(layers.about.images, 1281167);  // of the data set
  EXPECT_EQ(layers.about.top1, 0);          // another recipe's
  EXPECT_EQ(layers.names[1], "modelzoo/resnet50");
}

TEST_F(LayersTest, ABaseThatIsNotThereAndACircleAreNamed) {
  file("a.toml", "lr = 1\nbase = \"nowhere.toml\"\n");
  EXPECT_EQ(complaint("a.toml"), "a.toml:2: base: there is no file nowhere.toml");
  file("a.toml", "base = \"modelzoo/resnet5\"\n");
  EXPECT_EQ(complaint("a.toml"),
            "a.toml:1: base: there is no recipe 'modelzoo/resnet5' (did you mean 'modelzoo/resnet50'?); give one that "
            "'springbok recipes list' names, or a file");
  file("a.toml", "base = 3\n");
  EXPECT_EQ(complaint("a.toml"), "a.toml:1: base: expects a recipe's name, or a file");
  file("a.toml", "base = \"b.toml\"\n");
  file("b.toml", "\nbase = \"./a.toml\"\n");
  EXPECT_EQ(complaint("a.toml"), "b.toml:2: base: recipes build on each other in a circle: a.toml > b.toml > ./a.toml");
  file("a.toml", "base = \"a.toml\"\n");
  EXPECT_EQ(complaint("a.toml"), "a.toml:1: base: recipes build on each other in a circle: a.toml > a.toml");
}

TEST_F(LayersTest, WhatARecipeSaysAboutItselfIsChecked) {
  file("a.toml", "lr = 1\n[about]\ntop1 = 77.5\nimages = 100\n");
  const Layers layers = read((folder_ / "a.toml").string());
  EXPECT_EQ(layers.about.top1, 77.5);
  EXPECT_EQ(layers.about.images, 100);
  file("a.toml", "[about]\ntop = 77.5\n");
  EXPECT_EQ(complaint("a.toml"), "a.toml:2: about: unknown key 'top' (did you mean 'top1'?)");
  file("a.toml", "[about]\ntop1 = 177.5\n");
  EXPECT_EQ(complaint("a.toml"), "a.toml:2: about.top1: must be between 0 and 100, got 177.5");
  file("a.toml", "about = 3\n");
  EXPECT_EQ(complaint("a.toml"), "a.toml:1: about: is a table; write [about] and its keys below");
}

TEST_F(LayersTest, AnUnknownNameGivesTheNearest) {
  const auto asked = [&](const std::string& word) { return message_of<UsageError>([&] { read(word); }); };
  EXPECT_EQ(
      asked("modelzoo/resnet5"),
      "--recipe: there is no recipe 'modelzoo/resnet5' (did you mean 'modelzoo/resnet50'?), and no such file; see "
      "'springbok recipes list'");
  EXPECT_NE(asked("resnet101_elastic").find("did you mean 'elastic/resnext101_elastic'"), std::string::npos);
  EXPECT_NE(asked("fashion-mnist").find("did you mean 'fashion_mnist'"), std::string::npos);
  EXPECT_EQ(asked("zzzzzzzzzzzz"),
            "--recipe: there is no recipe 'zzzzzzzzzzzz', and no such file; see 'springbok recipes list'");
}

/// What a page sets may be left without effect by a flag; what the user's own file sets may not.
TEST_F(LayersTest, KeysThatAFlagLeavesWithoutEffectGoBackToTheirDefaults) {
  const Layers layers = read("elastic/imagenet");
  read_flags({{"schedule", "cosine"}, {"data", "d"}, {"out", "o"}}, options_, given_);
  const std::vector<Dropped> dropped = settle(recipe_, layers, given_);
  EXPECT_EQ(dropped_note(dropped, layers),
            "'step_epochs' of elastic/imagenet has no effect under what was chosen above it");
  EXPECT_TRUE(recipe_.rate.step_epochs.empty());
  EXPECT_FALSE(given_.contains("step_epochs"));
  EXPECT_TRUE(given_.contains("momentum"));
  EXPECT_EQ(message_of<UsageError>([&] { check_recipe(recipe_, given_); }), "(nothing thrown)");

  file("mine.toml", "base = \"elastic/imagenet\"\ngamma = 0.5\n");
  Recipe mine;
  const Options options = option_table(mine);
  Given given;
  const Layers own = read_recipe((folder_ / "mine.toml").string(), options, given);
  read_flags({{"schedule", "cosine"}, {"data", "d"}, {"out", "o"}}, options, given);
  settle(mine, own, given);
  EXPECT_NE(message_of<UsageError>([&] { check_recipe(mine, given); }).find("mine.toml:2: gamma: has no effect here"),
            std::string::npos);
}

/// Each page resolves, is without contradiction, and builds its network for its data set.
TEST(Book, EveryPageIsARecipeThatTrains) {
  std::set<std::string> names;
  for (const Page& page : book()) {
    SCOPED_TRACE(page.name);
    EXPECT_TRUE(names.insert(page.name).second);
    EXPECT_TRUE(page.text.starts_with("# "));
    Recipe recipe;
    const Options options = option_table(recipe);
    Given given;
    const Layers layers = read_recipe(page.name, options, given);
    EXPECT_TRUE(settle(recipe, layers, given).empty());
    EXPECT_GT(layers.about.images, 0);
    EXPECT_GT(layers.about.val_images, 0);
    EXPECT_GT(layers.about.classes, 0);
    EXPECT_FALSE(layers.about.from.empty());
    if (recipe.model.empty()) {
      recipe.model = "resnet20";
      given.emplace("model", "--model");
    }
    read_flags({{"data", "d"}, {"out", "o"}}, options, given);
    EXPECT_EQ(message_of<Error>([&] { check_recipe(recipe, given); }), "(nothing thrown)");
    recipe.options.classes = layers.about.classes;
    EXPECT_EQ(message_of<Error>([&] { zoo::build(recipe.model, recipe.options); }), "(nothing thrown)");
  }
  EXPECT_GT(names.size(), 50U);
}

/// The tables of the READMEs, a row each.
TEST(Book, PublishedNumbersAreThoseOfTheTables) {
  struct Row {
    const char* name;
    double top1, top5;
  };
  constexpr Row kRows[] = {
      {"modelzoo/resnet50", 77.36, 0},
      {"modelzoo/resnet101", 79.13, 94.38},
      {"modelzoo/resnet50v2", 77.06, 93.44},
      {"modelzoo/resnet101v2", 78.90, 94.39},
      {"modelzoo/mobilenet_v1", 72.17, 90.70},
      {"modelzoo/mobilenet_v2", 71.94, 90.59},
      {"modelzoo/mobilenet_v3_large", 75.64, 92.61},
      {"modelzoo/mobilenet_v3_small", 67.83, 87.78},
      {"modelzoo/resnet50_label_smoothing", 77.78, 93.80},
      {"modelzoo/resnet50_no_decay_bias", 77.28, 93.61},
      {"modelzoo/resnet50_sync_bn", 77.31, 93.49},
      {"modelzoo/resnet50_mixup", 77.49, 93.73},
      {"modelzoo/resnet50_rotation", 76.64, 93.28},
      {"modelzoo/resnet50_cutout", 77.44, 93.62},
      {"modelzoo/resnet50_dropout", 77.11, 93.58},
      {"modelzoo/resnet50_lookahead", 77.23, 93.39},
      {"modelzoo/resnet50_relu6", 77.28, 93.5},
      {"torchvision/resnet50_v2", 80.858, 95.434},
      {"timm/resnet50_a1", 80.38, 0},
      {"timm/resnet50_a2", 79.83, 0},
      {"timm/resnet50_a3", 78.05, 0},
  };
  for (const Row& row : kRows) {
    Recipe recipe;
    Given given;
    const About about = read_recipe(row.name, option_table(recipe), given).about;
    EXPECT_EQ(about.top1, row.top1) << row.name;
    EXPECT_EQ(about.top5, row.top5) << row.name;
  }
}

}  // namespace
}  // namespace springbok::recipe
