// The families of models, one file each: a family is the list of its models.
#pragma once

#include <utility>
#include <vector>

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

inline constexpr const char* kHe = "He et al. 2016, arXiv:1512.03385";
inline constexpr const char* kXie = "Xie et al. 2017, arXiv:1611.05431";
inline constexpr const char* kWang = "Wang et al. 2019, arXiv:1812.05262";

/// What is published of a model: ImageNet accuracy in percent (0: none) at an input size, and who states it where that
/// is not the source of the model.
struct Published {
  double top1 = 0, top5 = 0;
  std::int64_t input = 224;
  const char* accuracy_from = "";
};

/// Models of one kind, which differ in a `Net`; a call makes the row of one.
template <class Net>
struct Family {
  const char* name;
  const char* source;
  const char* paper;
  graph::Graph (*build)(const Net&, const ModelOptions&);
  Task task = Task::classify;

  ModelInfo operator()(const std::string& model, const Published& published, Net net) const {
    return {.name = model,
            .family = name,
            .source = source,
            .paper = paper,
            .input = published.input,
            .top1 = published.top1,
            .top5 = published.top5,
            .accuracy_from = published.accuracy_from,
            .build = [build = build, net = std::move(net)](const ModelOptions& options) { return build(net, options); },
            .task = task};
  }
};

std::vector<ModelInfo> resnet_models();
std::vector<ModelInfo> elastic_resnext_models();
std::vector<ModelInfo> dla_models();
std::vector<ModelInfo> deeplab_models();
std::vector<ModelInfo> pyramid_models();
std::vector<ModelInfo> densenet_models();
std::vector<ModelInfo> cifar_resnet_models();
std::vector<ModelInfo> efficientnet_models();
std::vector<ModelInfo> mobilenet_models();
std::vector<ModelInfo> mobilenet_v3_models();
std::vector<ModelInfo> regnet_models();
std::vector<ModelInfo> resnet_v2_models();
std::vector<ModelInfo> vgg_models();
std::vector<ModelInfo> googlenet_models();
std::vector<ModelInfo> inception_models();
std::vector<ModelInfo> squeezenet_models();
std::vector<ModelInfo> mnasnet_models();
std::vector<ModelInfo> shufflenet_models();
std::vector<ModelInfo> ghostnet_models();
std::vector<ModelInfo> resnest_models();
std::vector<ModelInfo> mobile_nas_models();
std::vector<ModelInfo> oct_resnet_models();
std::vector<ModelInfo> evo_resnet_models();
std::vector<ModelInfo> lambda_resnet_models();
std::vector<ModelInfo> sprint_models();

}  // namespace springbok::zoo
