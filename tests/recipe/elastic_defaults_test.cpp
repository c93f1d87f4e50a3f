// Elastic's recipes for MS-COCO and PASCAL VOC have the values that its scripts have without flags
// (fixtures/make_elastic_defaults.py).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/recipe/layers.h"

namespace springbok::recipe {
namespace {

using Json = nlohmann::ordered_json;

const Json& original(const char* script) {
  static const Json document =
      Json::parse(read_text(SPRINGBOK_SOURCE_DIR "/tests/recipe/fixtures/elastic_defaults.json"));
  return document[script];
}

/// All values of a page, as a run that takes it has them.
Json values_of(const std::string& page) {
  Recipe recipe;
  const Options options = option_table(recipe);
  Given given;
  read_recipe(page, options, given);
  return option_values(options);
}

/// Those that all recipes of a script share.
void expect_shared(const std::string& page, const Json& values, const Json& script) {
  const Json& flags = script["flags"];
  EXPECT_EQ(values["epochs"], flags["epochs"]) << page;
  EXPECT_EQ(values["batch_size"], flags["batch_size"]) << page;
  EXPECT_EQ(values["global_batch"], flags["batch_size"]) << page;
  EXPECT_EQ(values["drop_last"], script["drop_last"]) << page;
  EXPECT_EQ(values["optimizer"], "sgd") << page;
  EXPECT_EQ(values["nesterov"], false) << page;
  EXPECT_EQ(values["norm_decay"], true) << page;
  EXPECT_EQ(values["flip"], 0.5) << page;
  EXPECT_EQ(values["warmup_epochs"], 0) << page;
}

void expect_coco(const std::string& page) {
  const Json values = values_of(page), &script = original("coco"), &flags = script["flags"];
  expect_shared(page, values, script);
  for (const char* key : {"lr", "momentum", "weight_decay"}) EXPECT_EQ(values[key], flags[key]) << page << ": " << key;
  EXPECT_EQ(values["task"], "multilabel") << page;
  EXPECT_EQ(values["loss"], "bce") << page;
  EXPECT_EQ(values["label_scale"], script["loss_factor"]) << page;
  EXPECT_EQ(values["schedule"], "step") << page;
  EXPECT_EQ(values["step_epochs"], script["step_epochs"]) << page;
  for (const Json& gamma : script["gammas"]) EXPECT_EQ(values["gamma"], gamma) << page;
  EXPECT_EQ(values["size"], script["random_resized_crop"]) << page;
  EXPECT_EQ(values["crop"], "resized") << page;
  EXPECT_EQ(values["fit"], "squash") << page;
  for (const Json& side : script["squashed_to"]) EXPECT_EQ(values["size"], side) << page;
}

void expect_voc(const std::string& page, double weight_decay) {
  const Json values = values_of(page), &script = original("voc"), &flags = script["flags"];
  expect_shared(page, values, script);
  EXPECT_EQ(values["task"], "segment") << page;
  EXPECT_EQ(values["lr"], flags["base_lr"]) << page;
  EXPECT_EQ(values["last_mult"], flags["last_mult"]) << page;
  EXPECT_EQ(values["size"], flags["crop_size"]) << page;
  EXPECT_EQ(values["momentum"], script["momentum"]) << page;
  EXPECT_EQ(values["weight_decay"], weight_decay) << page;
  EXPECT_EQ(values["schedule"], "poly") << page;
  EXPECT_EQ(values["power"], script["power"]) << page;
  EXPECT_EQ(values["final_lr"], 0) << page;
  EXPECT_EQ(values["joint_scale_min"], script["scales"][0]) << page;
  EXPECT_EQ(values["joint_scale_max"], script["scales"][1]) << page;
  EXPECT_EQ(values["joint_form"], "elastic") << page;
}

TEST(ElasticDefaults, AreThoseOfTheRecipesForLabels) {
  EXPECT_EQ(values_of("elastic/coco")["model"], original("coco")["flags"]["arch"]);
  expect_coco("elastic/coco");
  ASSERT_EQ(original("coco")["networks"].size(), 8U);
  for (const Json& network : original("coco")["networks"]) {
    const auto name = network.get<std::string>();
    const std::string page = "elastic/coco_" + name;
    expect_coco(page);
    EXPECT_EQ(values_of(page)["model"], name == "densenet201" ? "elastic/densenet201" : name);
    EXPECT_EQ(values_of(page)["pretrained"], "elastic/" + name);
  }
}

TEST(ElasticDefaults, AreThoseOfTheRecipesForPixels) {
  const Json& decay = original("voc")["weight_decay"];
  EXPECT_EQ(values_of("elastic/voc")["model"], original("voc")["flags"]["arch"].get<std::string>() + "_seg");
  expect_voc("elastic/voc", decay["resnext"]);
  ASSERT_EQ(original("voc")["networks"].size(), 6U);
  for (const Json& network : original("voc")["networks"]) {
    const auto name = network.get<std::string>();
    const std::string page = "elastic/voc_" + name;
    expect_voc(page, decay[name.starts_with("resnext") ? "resnext" : "other"]);
    EXPECT_EQ(values_of(page)["model"], name + "_seg");
    EXPECT_EQ(values_of(page)["pretrained"], "elastic/" + name);
  }
}

}  // namespace
}  // namespace springbok::recipe
