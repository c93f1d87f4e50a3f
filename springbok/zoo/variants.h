// Models beside the table: relatives of its rows, with the numbers that published factories take as arguments.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "springbok/graph/build.h"
#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

/// The numbers of a ResNet of any kind.
struct ResNetShape {
  std::array<std::int64_t, 4> blocks{};
  std::int64_t groups = 1;
  std::int64_t base_width = 64;  ///< of the 3x3 in the first stage, per group
};

/// torchvision's, whose keys ModelZoo shares.
ModelInfo resnet_variant(const std::string& name, const ResNetShape& shape, bool bottleneck);
/// ModelZoo's v2: pre-activated below 101 layers and without groups, else the block of v1 between v2's ends.
ModelInfo resnet_v2_variant(const std::string& name, const ResNetShape& shape, bool bottleneck, bool post_activated);
/// ModelZoo's; without `evo` batch norm and ReLU stand for EvoNorm.
ModelInfo evo_resnet_variant(const std::string& name, const ResNetShape& shape, bool evo);

/// Octave convolutions with a share `alpha` of low channels.
struct Octave {
  double alpha = 0.125;
  bool pre_activated = false;
  bool modelzoo = false;  ///< two blocks a stage, as its source builds them
};
ModelInfo oct_resnet_variant(const std::string& name, const ResNetShape& shape, const Octave& octave);

/// ModelZoo's GhostNet of any width.
ModelInfo ghostnet_variant(const std::string& name, double width);
ModelInfo ghostnet_600_variant(const std::string& name, double width);

/// ModelZoo's EfficientNet, whose width does not scale.
ModelInfo efficientnet_variant(const std::string& name, double depth);

struct DenseNetShape {
  std::int64_t growth = 32;
  std::int64_t first_width = 64;
  std::int64_t bottleneck = 4;  ///< width of the 1x1, in growths
  double compression = 0.5;     ///< share of the channels that a transition keeps
};
/// Elastic's DenseNet-201, plain or elastic.
ModelInfo elastic_densenet_variant(const std::string& name, const DenseNetShape& shape, bool elastic);

/// One block of Elastic's ResNeXt, two branches of half the groups each. An elastic one of stride 1 halves the first
/// branch's map.
struct ElasticBlock {
  std::int64_t planes = 0;
  std::int64_t stride = 1;
  std::int64_t groups = 32;
  bool elastic = false;
  bool zero_gamma = false;
};
/// (N,C,H,W) -> (N,4 * planes,H/stride,W/stride). The shortcut's norm is `downsample.1`, where the published one has
/// none.
graph::Value elastic_resnext_block(const graph::Scope& scope, graph::Value x, const ElasticBlock& block);

/// Elastic's SE-ResNeXt-50 for segmentation.
ModelInfo se_resnext_seg_variant(const std::string& name, bool elastic);

}  // namespace springbok::zoo
