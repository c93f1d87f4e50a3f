// The table of models.
#include "springbok/zoo/cifar_resnet.h"
#include "springbok/zoo/densenet.h"
#include "springbok/zoo/dla.h"
#include "springbok/zoo/efficientnet.h"
#include "springbok/zoo/elastic_resnext.h"
#include "springbok/zoo/evo_resnet.h"
#include "springbok/zoo/ghostnet.h"
#include "springbok/zoo/inception.h"
#include "springbok/zoo/lambda_resnet.h"
#include "springbok/zoo/mobile_nas.h"
#include "springbok/zoo/mobilenet.h"
#include "springbok/zoo/oct_resnet.h"
#include "springbok/zoo/regnet.h"
#include "springbok/zoo/resnest.h"
#include "springbok/zoo/resnet.h"
#include "springbok/zoo/resnet_v2.h"
#include "springbok/zoo/shufflenet.h"
#include "springbok/zoo/squeezenet.h"
#include "springbok/zoo/vgg.h"
#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

const std::vector<ModelInfo>& models() {
  static constexpr const char* kHe = "He et al. 2016, arXiv:1512.03385";
  static constexpr const char* kXie = "Xie et al. 2017, arXiv:1611.05431";
  static constexpr const char* kWang = "Wang et al. 2019, arXiv:1812.05262";
  static constexpr const char* kHuang = "Huang et al. 2017, arXiv:1608.06993";
  static constexpr const char* kTan = "Tan and Le 2019, arXiv:1905.11946";
  static constexpr const char* kHoward1 = "Howard et al. 2017, arXiv:1704.04861";
  static constexpr const char* kSandler = "Sandler et al. 2018, arXiv:1801.04381";
  static constexpr const char* kHoward3 = "Howard et al. 2019, arXiv:1905.02244";
  static constexpr const char* kRadosavovic = "Radosavovic et al. 2020, arXiv:2003.13678";
  static constexpr const char* kHe2 = "He et al. 2016, arXiv:1603.05027";
  static constexpr const char* kZagoruyko = "Zagoruyko and Komodakis 2016, arXiv:1605.07146";
  static constexpr const char* kKrizhevsky = "Krizhevsky 2014, arXiv:1404.5997";
  static constexpr const char* kSimonyan = "Simonyan and Zisserman 2015, arXiv:1409.1556";
  static constexpr const char* kSzegedy1 = "Szegedy et al. 2015, arXiv:1409.4842";
  static constexpr const char* kSzegedy3 = "Szegedy et al. 2016, arXiv:1512.00567";
  static constexpr const char* kIandola = "Iandola et al. 2016, arXiv:1602.07360";
  static constexpr const char* kTan1 = "Tan et al. 2019, arXiv:1807.11626";
  static constexpr const char* kMa = "Ma et al. 2018, arXiv:1807.11164";
  static constexpr const char* kHan = "Han et al. 2020, arXiv:1911.11907";
  static constexpr const char* kZhang = "Zhang et al. 2020, arXiv:2004.08955";
  static constexpr const char* kChu = "Chu et al. 2019, arXiv:1907.01845";
  static constexpr const char* kCai = "Cai et al. 2019, arXiv:1812.00332";
  static constexpr const char* kChen = "Chen et al. 2019, arXiv:1904.05049";
  static constexpr const char* kLiu = "Liu et al. 2020, arXiv:2004.02967";
  static constexpr const char* kBello = "Bello 2021, arXiv:2102.08602";
  static const std::vector<ModelInfo> table{
      {"resnet18", "ResNet", "torchvision", kHe, 224, 69.758, 89.078, resnet18},
      {"resnet34", "ResNet", "torchvision", kHe, 224, 73.314, 91.420, resnet34},
      {"resnet50", "ResNet", "torchvision", kHe, 224, 76.130, 92.862, resnet50},
      {"resnet101", "ResNet", "torchvision", kHe, 224, 77.374, 93.546, resnet101},
      {"resnet152", "ResNet", "torchvision", kHe, 224, 78.312, 94.046, resnet152},
      {"resnext50_32x4d", "ResNeXt", "torchvision", kXie, 224, 77.618, 93.698, resnext50_32x4d},
      {"resnext101_32x8d", "ResNeXt", "torchvision", kXie, 224, 79.312, 94.526, resnext101_32x8d},
      {"resnext101_64x4d", "ResNeXt", "torchvision", kXie, 224, 83.246, 96.454, resnext101_64x4d},
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
      {"efficientnet_b0", "EfficientNet", "torchvision", kTan, 224, 77.692, 93.532, efficientnet_b0},
      {"efficientnet_b1", "EfficientNet", "torchvision", kTan, 240, 78.642, 94.186, efficientnet_b1},
      {"efficientnet_b2", "EfficientNet", "torchvision", kTan, 288, 80.608, 95.310, efficientnet_b2},
      {"efficientnet_b3", "EfficientNet", "torchvision", kTan, 300, 82.008, 96.054, efficientnet_b3},
      {"efficientnet_b4", "EfficientNet", "torchvision", kTan, 380, 83.384, 96.594, efficientnet_b4},
      {"efficientnet_b5", "EfficientNet", "torchvision", kTan, 456, 83.444, 96.628, efficientnet_b5},
      {"efficientnet_b6", "EfficientNet", "torchvision", kTan, 528, 84.008, 96.916, efficientnet_b6},
      {"efficientnet_b7", "EfficientNet", "torchvision", kTan, 600, 84.122, 96.908, efficientnet_b7},
      {"modelzoo/efficientnet_b0", "EfficientNet", "modelzoo", kTan, 224, 0, 0, modelzoo_efficientnet_b0},
      {"efficientnet_lite0", "EfficientNet-Lite", "timm", kTan, 224, 75.1, 0, efficientnet_lite0},
      {"efficientnet_lite1", "EfficientNet-Lite", "timm", kTan, 240, 76.7, 0, efficientnet_lite1},
      {"efficientnet_lite2", "EfficientNet-Lite", "timm", kTan, 260, 77.6, 0, efficientnet_lite2},
      {"efficientnet_lite3", "EfficientNet-Lite", "timm", kTan, 280, 79.8, 0, efficientnet_lite3},
      {"efficientnet_lite4", "EfficientNet-Lite", "timm", kTan, 300, 81.5, 0, efficientnet_lite4},
      {"mobilenet_v1", "MobileNet", "modelzoo", kHoward1, 224, 72.17, 90.70, mobilenet_v1},
      {"mobilenet_v2", "MobileNet", "torchvision", kSandler, 224, 71.878, 90.286, mobilenet_v2},
      {"modelzoo/mobilenet_v2", "MobileNet", "modelzoo", kSandler, 224, 71.94, 90.59, modelzoo_mobilenet_v2},
      {"mobilenet_v3_large", "MobileNet", "torchvision", kHoward3, 224, 74.042, 91.340, mobilenet_v3_large},
      {"mobilenet_v3_small", "MobileNet", "torchvision", kHoward3, 224, 67.668, 87.402, mobilenet_v3_small},
      {"modelzoo/mobilenet_v3_large", "MobileNet", "modelzoo", kHoward3, 224, 75.64, 92.61,
       modelzoo_mobilenet_v3_large},
      {"modelzoo/mobilenet_v3_small", "MobileNet", "modelzoo", kHoward3, 224, 67.83, 87.78,
       modelzoo_mobilenet_v3_small},
      {"regnet_x_200mf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_x_200mf},
      {"regnet_x_400mf", "RegNet", "torchvision", kRadosavovic, 224, 72.834, 90.95, regnet_x_400mf},
      {"regnet_x_600mf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_x_600mf},
      {"regnet_x_800mf", "RegNet", "torchvision", kRadosavovic, 224, 75.212, 92.348, regnet_x_800mf},
      {"regnet_x_1_6gf", "RegNet", "torchvision", kRadosavovic, 224, 77.04, 93.44, regnet_x_1_6gf},
      {"regnet_x_3_2gf", "RegNet", "torchvision", kRadosavovic, 224, 78.364, 93.992, regnet_x_3_2gf},
      {"regnet_x_4gf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_x_4gf},
      {"regnet_x_6_4gf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_x_6_4gf},
      {"regnet_x_8gf", "RegNet", "torchvision", kRadosavovic, 224, 79.344, 94.686, regnet_x_8gf},
      {"regnet_x_12gf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_x_12gf},
      {"regnet_x_16gf", "RegNet", "torchvision", kRadosavovic, 224, 80.058, 94.944, regnet_x_16gf},
      {"regnet_x_32gf", "RegNet", "torchvision", kRadosavovic, 224, 80.622, 95.248, regnet_x_32gf},
      {"regnet_y_200mf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_y_200mf},
      {"regnet_y_400mf", "RegNet", "torchvision", kRadosavovic, 224, 74.046, 91.716, regnet_y_400mf},
      {"regnet_y_600mf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_y_600mf},
      {"regnet_y_800mf", "RegNet", "torchvision", kRadosavovic, 224, 76.42, 93.136, regnet_y_800mf},
      {"regnet_y_1_6gf", "RegNet", "torchvision", kRadosavovic, 224, 77.95, 93.966, regnet_y_1_6gf},
      {"regnet_y_3_2gf", "RegNet", "torchvision", kRadosavovic, 224, 78.948, 94.576, regnet_y_3_2gf},
      {"regnet_y_4gf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_y_4gf},
      {"regnet_y_6_4gf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_y_6_4gf},
      {"regnet_y_8gf", "RegNet", "torchvision", kRadosavovic, 224, 80.032, 95.048, regnet_y_8gf},
      {"regnet_y_12gf", "RegNet", "paper", kRadosavovic, 224, 0, 0, regnet_y_12gf},
      {"regnet_y_16gf", "RegNet", "torchvision", kRadosavovic, 224, 80.424, 95.24, regnet_y_16gf},
      {"regnet_y_32gf", "RegNet", "torchvision", kRadosavovic, 224, 80.878, 95.34, regnet_y_32gf},
      {"regnet_y_128gf", "RegNet", "torchvision", kRadosavovic, 224, 0, 0, regnet_y_128gf},
      {"modelzoo/regnet_x_200mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_200mf},
      {"modelzoo/regnet_x_400mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_400mf},
      {"modelzoo/regnet_x_600mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_600mf},
      {"modelzoo/regnet_x_800mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_800mf},
      {"modelzoo/regnet_x_1_6gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_1_6gf},
      {"modelzoo/regnet_x_3_2gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_3_2gf},
      {"modelzoo/regnet_x_4_0gf", "RegNet", "modelzoo", kRadosavovic, 224, 78.40, 94.04, modelzoo_regnet_x_4_0gf},
      {"modelzoo/regnet_x_6_4gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_6_4gf},
      {"modelzoo/regnet_x_12gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_12gf},
      {"modelzoo/regnet_x_16gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_16gf},
      {"modelzoo/regnet_x_32gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_x_32gf},
      {"modelzoo/regnet_y_200mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_200mf},
      {"modelzoo/regnet_y_400mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_400mf},
      {"modelzoo/regnet_y_600mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_600mf},
      {"modelzoo/regnet_y_800mf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_800mf},
      {"modelzoo/regnet_y_1_6gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_1_6gf},
      {"modelzoo/regnet_y_3_2gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_3_2gf},
      {"modelzoo/regnet_y_4_0gf", "RegNet", "modelzoo", kRadosavovic, 224, 79.22, 94.57, modelzoo_regnet_y_4_0gf},
      {"modelzoo/regnet_y_6_4gf", "RegNet", "modelzoo", kRadosavovic, 224, 79.69, 94.82, modelzoo_regnet_y_6_4gf},
      {"modelzoo/regnet_y_8_0gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_8_0gf},
      {"modelzoo/regnet_y_12gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_12gf},
      {"modelzoo/regnet_y_16gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_16gf},
      {"modelzoo/regnet_y_32gf", "RegNet", "modelzoo", kRadosavovic, 224, 0, 0, modelzoo_regnet_y_32gf},
      {"resnet18v2", "ResNet v2", "modelzoo", kHe2, 224, 0, 0, resnet18v2},
      {"resnet34v2", "ResNet v2", "modelzoo", kHe2, 224, 0, 0, resnet34v2},
      {"resnet50v2", "ResNet v2", "modelzoo", kHe2, 224, 77.06, 93.44, resnet50v2},
      {"resnet101v2", "ResNet v2", "paper", kHe2, 224, 0, 0, resnet101v2},
      {"resnet152v2", "ResNet v2", "paper", kHe2, 224, 0, 0, resnet152v2},
      {"modelzoo/resnet101v2", "ResNet v2", "modelzoo", kHe2, 224, 78.9, 94.39, modelzoo_resnet101v2},
      {"modelzoo/resnet152v2", "ResNet v2", "modelzoo", kHe2, 224, 0, 0, modelzoo_resnet152v2},
      {"resnext50v2_32x4d", "ResNeXt v2", "paper", kHe2, 224, 0, 0, resnext50v2_32x4d},
      {"resnext101v2_32x8d", "ResNeXt v2", "paper", kHe2, 224, 0, 0, resnext101v2_32x8d},
      {"modelzoo/resnext50v2_32x4d", "ResNeXt v2", "modelzoo", kXie, 224, 0, 0, modelzoo_resnext50v2_32x4d},
      {"modelzoo/resnext101v2_32x8d", "ResNeXt v2", "modelzoo", kXie, 224, 0, 0, modelzoo_resnext101v2_32x8d},
      {"wide_resnet50_2", "Wide ResNet", "torchvision", kZagoruyko, 224, 78.468, 94.086, wide_resnet50_2},
      {"wide_resnet101_2", "Wide ResNet", "torchvision", kZagoruyko, 224, 78.848, 94.284, wide_resnet101_2},
      {"alexnet", "AlexNet", "torchvision", kKrizhevsky, 224, 56.522, 79.066, alexnet},
      {"vgg11", "VGG", "torchvision", kSimonyan, 224, 69.02, 88.628, vgg11},
      {"vgg11_bn", "VGG", "torchvision", kSimonyan, 224, 70.37, 89.81, vgg11_bn},
      {"vgg13", "VGG", "torchvision", kSimonyan, 224, 69.928, 89.246, vgg13},
      {"vgg13_bn", "VGG", "torchvision", kSimonyan, 224, 71.586, 90.374, vgg13_bn},
      {"vgg16", "VGG", "torchvision", kSimonyan, 224, 71.592, 90.382, vgg16},
      {"vgg16_bn", "VGG", "torchvision", kSimonyan, 224, 73.36, 91.516, vgg16_bn},
      {"vgg19", "VGG", "torchvision", kSimonyan, 224, 72.376, 90.876, vgg19},
      {"vgg19_bn", "VGG", "torchvision", kSimonyan, 224, 74.218, 91.842, vgg19_bn},
      {"googlenet", "GoogLeNet", "torchvision", kSzegedy1, 224, 69.778, 89.53, googlenet},
      {"inception_v3", "Inception v3", "torchvision", kSzegedy3, 299, 77.294, 93.45, inception_v3},
      {"squeezenet1_0", "SqueezeNet", "torchvision", kIandola, 224, 58.092, 80.42, squeezenet1_0},
      {"squeezenet1_1", "SqueezeNet", "torchvision", kIandola, 224, 58.178, 80.624, squeezenet1_1},
      {"mnasnet0_5", "MNASNet", "torchvision", kTan1, 224, 67.734, 87.49, mnasnet0_5},
      {"mnasnet0_75", "MNASNet", "torchvision", kTan1, 224, 71.18, 90.496, mnasnet0_75},
      {"mnasnet1_0", "MNASNet", "torchvision", kTan1, 224, 73.456, 91.51, mnasnet1_0},
      {"mnasnet1_3", "MNASNet", "torchvision", kTan1, 224, 76.506, 93.522, mnasnet1_3},
      {"shufflenet_v2_x0_5", "ShuffleNet v2", "torchvision", kMa, 224, 60.552, 81.746, shufflenet_v2_x0_5},
      {"shufflenet_v2_x1_0", "ShuffleNet v2", "torchvision", kMa, 224, 69.362, 88.316, shufflenet_v2_x1_0},
      {"shufflenet_v2_x1_5", "ShuffleNet v2", "torchvision", kMa, 224, 72.996, 91.086, shufflenet_v2_x1_5},
      {"shufflenet_v2_x2_0", "ShuffleNet v2", "torchvision", kMa, 224, 76.23, 93.006, shufflenet_v2_x2_0},
      {"ghostnet_050", "GhostNet", "timm", kHan, 224, 66.2, 86.6, ghostnet_050},
      {"ghostnet_100", "GhostNet", "timm", kHan, 224, 73.9, 91.4, ghostnet_100},
      {"ghostnet_130", "GhostNet", "timm", kHan, 224, 75.7, 92.7, ghostnet_130},
      {"modelzoo/ghostnet_130", "GhostNet", "modelzoo", kHan, 224, 75.78, 92.77, modelzoo_ghostnet_130},
      {"ghostnet_a", "GhostNet", "modelzoo", kHan, 224, 0, 0, ghostnet_a},
      {"ghostnet_600", "GhostNet", "modelzoo", kHan, 224, 0, 0, ghostnet_600},
      {"resnest50d", "ResNeSt", "timm", kZhang, 224, 81.03, 0, resnest50d},
      {"resnest101e", "ResNeSt", "timm", kZhang, 256, 82.83, 0, resnest101e},
      {"resnest200e", "ResNeSt", "timm", kZhang, 320, 83.84, 0, resnest200e},
      {"modelzoo/resnest50", "ResNeSt", "modelzoo", kZhang, 224, 78.62, 94.28, modelzoo_resnest50},
      {"fairnas_a", "FairNAS", "modelzoo", kChu, 224, 75.34, 0, fairnas_a},
      {"fairnas_b", "FairNAS", "modelzoo", kChu, 224, 75.1, 0, fairnas_b},
      {"fairnas_c", "FairNAS", "modelzoo", kChu, 224, 74.69, 0, fairnas_c},
      {"proxyless_cpu", "ProxylessNAS", "modelzoo", kCai, 224, 75.3, 92.4, proxyless_cpu},
      {"proxyless_gpu", "ProxylessNAS", "modelzoo", kCai, 224, 75.1, 92.5, proxyless_gpu},
      {"proxyless_mobile", "ProxylessNAS", "paper", kCai, 224, 74.6, 92.2, proxyless_mobile},
      {"oct_resnet50_alpha0_125", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50_alpha0_125},
      {"oct_resnet50_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50_alpha0_25},
      {"oct_resnet50_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50_alpha0_5},
      {"oct_resnet101_alpha0_125", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet101_alpha0_125},
      {"oct_resnet101_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet101_alpha0_25},
      {"oct_resnet101_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet101_alpha0_5},
      {"oct_resnet152_alpha0_125", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet152_alpha0_125},
      {"oct_resnet152_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet152_alpha0_25},
      {"oct_resnet152_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet152_alpha0_5},
      {"oct_resnet50v2_alpha0_125", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50v2_alpha0_125},
      {"oct_resnet50v2_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50v2_alpha0_25},
      {"oct_resnet50v2_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50v2_alpha0_5},
      {"oct_resnet50_32x4d_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50_32x4d_alpha0_25},
      {"oct_resnet50_32x4d_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet50_32x4d_alpha0_5},
      {"oct_resnet101_32x8d_alpha0_125", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       oct_resnet101_32x8d_alpha0_125},
      {"oct_resnet101_32x8d_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet101_32x8d_alpha0_25},
      {"oct_resnet101_32x8d_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0, oct_resnet101_32x8d_alpha0_5},
      {"modelzoo/oct_resnet50_alpha0_125", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet50_alpha0_125},
      {"modelzoo/oct_resnet50_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet50_alpha0_25},
      {"modelzoo/oct_resnet50_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet50_alpha0_5},
      {"modelzoo/oct_resnet50_32x4d_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet50_32x4d_alpha0_25},
      {"modelzoo/oct_resnet50_32x4d_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet50_32x4d_alpha0_5},
      {"modelzoo/oct_resnet101_32x8d_alpha0_125", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet101_32x8d_alpha0_125},
      {"modelzoo/oct_resnet101_32x8d_alpha0_25", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet101_32x8d_alpha0_25},
      {"modelzoo/oct_resnet101_32x8d_alpha0_5", "OctConv ResNet", "modelzoo", kChen, 224, 0, 0,
       modelzoo_oct_resnet101_32x8d_alpha0_5},
      {"evo_resnet50", "EvoNorm ResNet", "modelzoo", kLiu, 224, 0, 0, evo_resnet50},
      {"evo_resnet101", "EvoNorm ResNet", "modelzoo", kLiu, 224, 0, 0, evo_resnet101},
      {"evo_resnet152", "EvoNorm ResNet", "modelzoo", kLiu, 224, 0, 0, evo_resnet152},
      {"evo_resnext50_32x4d", "EvoNorm ResNet", "modelzoo", kLiu, 224, 0, 0, evo_resnext50_32x4d},
      {"evo_resnext101_32x8d", "EvoNorm ResNet", "modelzoo", kLiu, 224, 0, 0, evo_resnext101_32x8d},
      {"evo_resnet50_bn", "EvoNorm ResNet", "modelzoo", kLiu, 224, 0, 0, evo_resnet50_bn},
      {"modelzoo/evo_resnet18", "EvoNorm ResNet", "modelzoo", kLiu, 224, 0, 0, modelzoo_evo_resnet18},
      {"lambda_resnet50", "LambdaResNet", "modelzoo", kBello, 224, 0, 0, lambda_resnet50},
      {"lambda_resnet101", "LambdaResNet", "modelzoo", kBello, 224, 0, 0, lambda_resnet101},
      {"lambda_resnet152", "LambdaResNet", "modelzoo", kBello, 224, 0, 0, lambda_resnet152},
      {"modelzoo/lambda_resnet18", "LambdaResNet", "modelzoo", kBello, 224, 0, 0, modelzoo_lambda_resnet18},
  };
  return table;
}

}  // namespace springbok::zoo
