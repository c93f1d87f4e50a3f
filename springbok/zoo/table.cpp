// The table of models: the families in their order, each of which lists its own.
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

constexpr std::vector<ModelInfo> (*kFamilies[])() = {
    resnet_models,     elastic_resnext_models, dla_models,          deeplab_models,       pyramid_models,
    densenet_models,   cifar_resnet_models,    efficientnet_models, mobilenet_models,     mobilenet_v3_models,
    regnet_models,     resnet_v2_models,       vgg_models,          googlenet_models,     inception_models,
    squeezenet_models, mnasnet_models,         shufflenet_models,   ghostnet_models,      resnest_models,
    mobile_nas_models, oct_resnet_models,      evo_resnet_models,   lambda_resnet_models, sprint_models,
};

std::vector<ModelInfo> all_models() {
  std::vector<ModelInfo> all;
  for (const auto family : kFamilies) {
    for (ModelInfo& model : family()) all.push_back(std::move(model));
  }
  return all;
}

}  // namespace

const std::vector<ModelInfo>& models() {
  static const std::vector<ModelInfo> table = all_models();
  return table;
}

}  // namespace springbok::zoo
