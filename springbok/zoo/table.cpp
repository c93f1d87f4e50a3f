// The table of models.
#include "springbok/zoo/cifar_resnet.h"
#include "springbok/zoo/densenet.h"
#include "springbok/zoo/dla.h"
#include "springbok/zoo/elastic_resnext.h"
#include "springbok/zoo/resnet.h"
#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

const std::vector<ModelInfo>& models() {
  static constexpr const char* kHe = "He et al. 2016, arXiv:1512.03385";
  static constexpr const char* kXie = "Xie et al. 2017, arXiv:1611.05431";
  static constexpr const char* kWang = "Wang et al. 2019, arXiv:1812.05262";
  static constexpr const char* kHuang = "Huang et al. 2017, arXiv:1608.06993";
  static const std::vector<ModelInfo> table{
      {"resnet18", "ResNet", "torchvision", kHe, 224, 69.758, 89.078, resnet18},
      {"resnet34", "ResNet", "torchvision", kHe, 224, 73.314, 91.420, resnet34},
      {"resnet50", "ResNet", "torchvision", kHe, 224, 76.130, 92.862, resnet50},
      {"resnet101", "ResNet", "torchvision", kHe, 224, 77.374, 93.546, resnet101},
      {"resnet152", "ResNet", "torchvision", kHe, 224, 78.312, 94.046, resnet152},
      {"resnext50_32x4d", "ResNeXt", "torchvision", kXie, 224, 77.618, 93.698, resnext50_32x4d},
      {"resnext101_32x8d", "ResNeXt", "torchvision", kXie, 224, 79.312, 94.526, resnext101_32x8d},
      {"resnext50", "Elastic ResNeXt", "elastic", kWang, 224, 77.80, 0, elastic_resnext50},
      {"resnext50_elastic", "Elastic ResNeXt", "elastic", kWang, 224, 78.44, 0, elastic_resnext50_elastic},
      {"resnext101", "Elastic ResNeXt", "elastic", kWang, 224, 78.80, 0, elastic_resnext101},
      {"resnext101_elastic", "Elastic ResNeXt", "elastic", kWang, 224, 79.17, 0, elastic_resnext101_elastic},
      {"se_resnext50", "Elastic SE-ResNeXt", "elastic", kWang, 224, 0, 0, elastic_se_resnext50},
      {"se_resnext50_elastic", "Elastic SE-ResNeXt", "elastic", kWang, 224, 0, 0, elastic_se_resnext50_elastic},
      {"dla60x", "Elastic DLA-X", "elastic", kWang, 224, 0, 0, dla60x},
      {"dla60x_elastic", "Elastic DLA-X", "elastic", kWang, 224, 0, 0, dla60x_elastic},
      {"dla102x", "Elastic DLA-X", "elastic", kWang, 224, 0, 0, dla102x},
      {"dla102x_elastic", "Elastic DLA-X", "elastic", kWang, 224, 0, 0, dla102x_elastic},
      {"densenet121", "DenseNet", "torchvision", kHuang, 224, 74.434, 91.972, densenet121},
      {"densenet161", "DenseNet", "torchvision", kHuang, 224, 77.138, 93.560, densenet161},
      {"densenet169", "DenseNet", "torchvision", kHuang, 224, 75.600, 92.806, densenet169},
      {"densenet201", "DenseNet", "torchvision", kHuang, 224, 76.896, 93.370, densenet201},
      {"elastic/densenet201", "Elastic DenseNet", "elastic", kWang, 224, 0, 0, elastic_densenet201},
      {"densenet201_elastic", "Elastic DenseNet", "elastic", kWang, 224, 0, 0, densenet201_elastic},
      {"resnext50_seg", "Elastic segmentation", "elastic", kWang, 513, 0, 0, resnext50_seg, Task::segment},
      {"resnext50_elastic_seg", "Elastic segmentation", "elastic", kWang, 513, 0, 0, resnext50_elastic_seg,
       Task::segment},
      {"resnext101_seg", "Elastic segmentation", "elastic", kWang, 513, 0, 0, resnext101_seg, Task::segment},
      {"resnext101_elastic_seg", "Elastic segmentation", "elastic", kWang, 513, 0, 0, resnext101_elastic_seg,
       Task::segment},
      {"dla60x_seg", "Elastic segmentation", "elastic", kWang, 513, 0, 0, dla60x_seg, Task::segment},
      {"dla60x_elastic_seg", "Elastic segmentation", "elastic", kWang, 513, 0, 0, dla60x_elastic_seg, Task::segment},
      {"resnet20", "ResNet for small images", "paper", kHe, 32, 0, 0, resnet20},
      {"resnet32", "ResNet for small images", "paper", kHe, 32, 0, 0, resnet32},
      {"resnet44", "ResNet for small images", "paper", kHe, 32, 0, 0, resnet44},
      {"resnet56", "ResNet for small images", "paper", kHe, 32, 0, 0, resnet56},
      {"resnet20_elastic", "ResNet for small images", "elastic", kWang, 32, 0, 0, resnet20_elastic},
      {"resnet32_elastic", "ResNet for small images", "elastic", kWang, 32, 0, 0, resnet32_elastic},
      {"resnet44_elastic", "ResNet for small images", "elastic", kWang, 32, 0, 0, resnet44_elastic},
      {"resnet56_elastic", "ResNet for small images", "elastic", kWang, 32, 0, 0, resnet56_elastic},
  };
  return table;
}

}  // namespace springbok::zoo
