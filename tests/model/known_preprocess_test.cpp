// What is known of bare weights' preprocessing: by names, by configurations beside them, or nothing.
#include "springbok/model/known_preprocess.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/labels/coco_classes.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::model {
namespace {

namespace fs = std::filesystem;
using testing::message_of;

KnownPreprocess known(const fs::path& path, const std::string& model = "resnet50", std::int64_t classes = 1000,
                      std::int64_t channels = 3) {
  tensors::File file;
  file.name = path.string();
  return known_preprocess(file, model, {.classes = classes, .channels = channels});
}

/// `224 of 232, bilinear; published: torchvision IMAGENET1K_V2`.
std::string told(const KnownPreprocess& known) {
  const data::Preprocess& p = known.preprocess;
  return format("{} of {}, {}; {}", p.size, data::shorter_side(p), name_of(p.interpolation, image::filter_names()),
                known.from);
}

// timm's own of resnet50.a1_in1k, as its hub had it before it said `test_crop_pct` there.
constexpr const char* kConfig =
    R"({"architecture": "resnet50", "num_classes": 1000, "num_features": 2048, "pretrained_cfg": {"tag": "a1_in1k",
        "custom_load": false, "input_size": [3, 224, 224], "test_input_size": [3, 288, 288], "fixed_input_size": false,
        "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center", "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225], "num_classes": 1000, "pool_size": [7, 7], "first_conv": "conv1",
        "classifier": "fc", "license": "apache-2.0"}})";

std::string config_with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? "" : text.replace(at, from.size(), to);
}

class Known : public ::testing::Test {
 protected:
  fs::path file(const std::string& name) const { return folder_.path() / name; }
  std::string told_by(const std::string& config, const std::string& name = "model.safetensors") const {
    write_file(file("config.json"), config);
    std::string text = told(known(file(name)));
    if (const std::size_t at = text.find(folder_.path().string()); at != std::string::npos) {
      text.erase(at, folder_.path().string().size() + 1);
    }
    return text;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Known, ByTheName) {
  EXPECT_EQ(told(known("a/resnet50-11ad3fa6.pth")), "224 of 232, bilinear; published: torchvision IMAGENET1K_V2");
  EXPECT_FALSE(known("resnet50-11ad3fa6.pth", "resnet50", 10).assumed);
  EXPECT_EQ(told(known("regnet_y_16gf_swag-43afe44d.pth", "regnet_y_16gf")),
            "384 of 384, bicubic; published: torchvision IMAGENET1K_SWAG_E2E_V1");
  EXPECT_EQ(told(known("deeplabv3_resnet50_coco-cd0a2569.pth", "deeplabv3_resnet50", 21)),
            "520 of 520, bilinear; published: torchvision COCO_WITH_VOC_LABELS_V1");
  const KnownPreprocess grey = known("resnet50-11ad3fa6.pth", "resnet50", 10, 1);
  EXPECT_EQ(grey.preprocess.mean, std::vector<double>{0.449});
}

/// Elastic's weights for MS-COCO are named behind those for ImageNet: labels, of images that are squashed.
TEST_F(Known, ByTheNamesOfElasticsWeightsForLabels) {
  for (const char* network : {"resnext50", "resnext50_elastic", "resnext101", "resnext101_elastic", "dla60x",
                              "dla60x_elastic", "densenet201", "densenet201_elastic"}) {
    const std::string model = std::string(network) == "densenet201" ? "elastic/densenet201" : network;
    const KnownPreprocess found = known(format("coco_{}.pth.tar", network), model, 80);
    EXPECT_EQ(found.from, format("published: elastic coco_{}", network));
    EXPECT_TRUE(found.labels) << network;
    EXPECT_FALSE(found.assumed) << network;
    EXPECT_EQ(found.preprocess.fit, data::Fit::squash);
    EXPECT_EQ(found.preprocess.size, 224);
    EXPECT_EQ(found.classes, data::coco_classes());
  }
  EXPECT_TRUE(known("coco_dla60x_checkpoint.pth.tar", "dla60x", 80).labels);
  EXPECT_FALSE(known("coco_dla60x.pth.tar", "dla60x", 20).labels);
  EXPECT_FALSE(known("coco_dla60x.pth.tar", "resnet50", 80).labels);
  EXPECT_FALSE(known("dla60x.pth.tar", "dla60x").labels);
  EXPECT_FALSE(known("coco_resnet50-11ad3fa6.pth", "resnet50", 80).labels);
}

TEST_F(Known, ANameThatIsAnotherNetworksSaysNothing) {
  const KnownPreprocess other = known("resnet50-11ad3fa6.pth", "resnet101");
  EXPECT_TRUE(other.assumed);
  EXPECT_EQ(told(other), "224 of 256, bilinear; assumed");
}

TEST_F(Known, ByTheNameThatALinkLeadsTo) {
  write_file(file("resnet50-11ad3fa6.pth"), "");
  fs::create_symlink(file("resnet50-11ad3fa6.pth"), file("net.pth"));
  EXPECT_EQ(told(known(file("net.pth"))), "224 of 232, bilinear; published: torchvision IMAGENET1K_V2");
}

TEST_F(Known, ByTheFolderOfTimmsHub) {
  EXPECT_EQ(told(known(file("resnet50.a3_in1k/model.safetensors"))),
            "224 of 235, bicubic; published: timm resnet50.a3_in1k");
  EXPECT_EQ(told(known(file("models--timm--resnet50.ra_in1k/snapshots/0f3a/model.safetensors"))),
            "288 of 303, bicubic; published: timm resnet50.ra_in1k");
}

TEST_F(Known, ByAConfigurationBesideIt) {
  EXPECT_EQ(told_by(kConfig),
            "288 of 303, bicubic; config.json (timm resnet50.a1_in1k), its test size; size 224, crop_ratio 0.95 is its "
            "training size");
  const std::string one_size = config_with(kConfig, R"("test_input_size": [3, 288, 288], )", "");
  EXPECT_EQ(told_by(one_size), "224 of 235, bicubic; config.json (timm resnet50.a1_in1k)");
  EXPECT_EQ(told_by(config_with(one_size, R"("interpolation": "bicubic")", R"("interpolation": "lanczos")")),
            "224 of 235, lanczos; config.json (timm resnet50.a1_in1k)");
  EXPECT_EQ(told_by(R"({"architecture": "resnet50", "crop_pct": 1.0, "input_size": [3, 160, 160]})"),
            "160 of 160, bicubic; config.json (timm resnet50)");
  write_file(file("config.json"), config_with(one_size, "[0.485, 0.456, 0.406]", "[0.5, 0.5, 0.5]"));
  EXPECT_EQ(known(file("pytorch_model.bin")).preprocess.mean, (std::vector<double>{0.5, 0.5, 0.5}));
}

TEST_F(Known, AKnownNameIsMoreThanAConfigurationBesideIt) {
  EXPECT_EQ(told_by(kConfig, "resnet50-11ad3fa6.pth"), "224 of 232, bilinear; published: torchvision IMAGENET1K_V2");
}

TEST_F(Known, AConfigurationOfOtherWeightsSaysNothing) {
  const std::string assumed = "224 of 256, bilinear; assumed";
  EXPECT_EQ(told_by(config_with(kConfig, R"("resnet50")", R"("resnet18")")), assumed);
  EXPECT_EQ(told_by(config_with(kConfig, R"("num_classes": 1000)", R"("num_classes": 10)")), assumed);
  EXPECT_EQ(told_by(R"({"architectures": ["ResNetForImageClassification"], "depths": [3, 4, 6, 3]})"), assumed);
  EXPECT_EQ(told_by("no JSON"), assumed);
}

TEST_F(Known, WhatAConfigurationAsksForAndIsNotDoneIsSaid) {
  write_file(file("config.json"), config_with(kConfig, R"("center")", R"("squash")"));
  const KnownPreprocess squash = known(file("model.safetensors"));
  EXPECT_TRUE(squash.assumed);
  EXPECT_NE(squash.from.find("but for its crop_mode 'squash', which is not done here: center is"), std::string::npos);
}

TEST_F(Known, NamesOfClassesStandBesideItToo) {
  write_file(file("config.json"),
             R"({"architecture": "resnet50", "num_classes": 2, "label_names": ["cat", "dog"],
                 "pretrained_cfg": {"input_size": [3, 224, 224], "num_classes": 2}})");
  EXPECT_EQ(known(file("model.safetensors"), "resnet50", 2).classes, (std::vector<std::string>{"cat", "dog"}));
}

TEST_F(Known, ByMetadata) {
  tensors::File file;
  file.name = "tuned.safetensors";
  file.metadata = {{"format", "pt"}, {"config", kConfig}};
  EXPECT_EQ(known_preprocess(file, "resnet50", {}).preprocess.size, 288);
}

TEST_F(Known, EveryNumberOfAConfigurationIsChecked) {
  const auto complaint = [&](const std::string& from, const std::string& to) {
    write_file(file("config.json"), config_with(kConfig, from, to));
    const std::string message = message_of<Error>([&] { known(file("model.safetensors")); });
    return message.substr(message.find("config.json"));
  };
  EXPECT_EQ(complaint("[3, 288, 288]", "[3, 4294967312, 4294967312]"),
            "config.json: test_input_size: expects [channels, size, size] with a size of 1 to 16384, got "
            "[3,4294967312,4294967312]");
  EXPECT_EQ(complaint("[3, 288, 288]", "[3, 288, 256]"),
            "config.json: test_input_size: expects [channels, size, size] with a size of 1 to 16384, got [3,288,256]");
  EXPECT_EQ(complaint("0.95", "1e-9"), "config.json: crop_ratio: must be between 0.01 and 1, got 1e-09");
  EXPECT_EQ(complaint("0.95", "\"0.95\""), "config.json: crop_pct: expects a number, got \"0.95\"");
  EXPECT_EQ(complaint("0.229", "1e-300"), "config.json: std: must be between 1e-06 and 1000000, got 1e-300");
  EXPECT_EQ(complaint("\"bicubic\"", "\"random\""),
            "config.json: unknown filter 'random'; known are nearest, box, bilinear, hamming, bicubic, lanczos");
  EXPECT_EQ(complaint("1000", "1e300"), "config.json: num_classes: expects a whole number, got 1e+300");
}

}  // namespace
}  // namespace springbok::model
