// The zoo: one explicit table of models, each a function from options to a graph.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "springbok/base/option.h"
#include "springbok/graph/graph.h"

namespace springbok::zoo {

/// The first layers: as published; or small, a 3x3 convolution of stride 1 without pooling, for small images.
enum class Stem : std::uint8_t { standard, small };
/// What stands for every ReLU, ReLU6, swish and h-swish; published leaves each as it is.
enum class ActivationChoice : std::uint8_t {
  published,
  relu,
  relu6,
  swish,
  hswish,
  gelu,
  quick_gelu,
  mish,
  elu,
  leaky_relu,
  prelu
};
/// What stands for every batch norm.
enum class NormChoice : std::uint8_t {
  published,
  bn,
  syncbn,
  switchnorm,
  evonorm,
  frozen,
  toolbox_switchnorm,
  groupnorm
};
const std::vector<std::string>& stem_names();

/// What every model takes. Each model says which of the optional ones it honours; another is an error, never ignored.
struct ModelOptions {
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  ///< of the input
  Stem stem = Stem::standard;
  double dropout = 0;       ///< before the classifier
  bool zero_gamma = false;  ///< start each residual branch's last norm at 0
  bool aux_head = false;    ///< a second classifier on the last stage but one, for training
  // Rewrites of the finished network (zoo/trick.h):
  bool last_gamma = false;  ///< the same of `bn3` alone, as ModelZoo's --last-gamma
  ActivationChoice activation = ActivationChoice::published;
  NormChoice norm = NormChoice::published;
  double drop_path = 0;   ///< stochastic depth: of the last residual branch
  double drop_block = 0;  ///< share of the smallest maps that is dropped
  std::int64_t drop_block_size = 7;
  graph::DropBlockForm drop_block_form = graph::DropBlockForm::paper;
  bool lip = false;            ///< local importance pooling for strided max pooling
  std::int64_t lip_width = 0;  ///< of its bottleneck logits; 0: the simplified ones
  bool deformable = false;     ///< modulated deformable 3x3 convolutions
};

/// What a model's output is: class scores (N,classes), or one score a class and pixel (N,classes,H,W).
enum class Task : std::uint8_t { classify, segment };

struct ModelInfo {
  std::string name;                                        ///< `resnet50`, `resnext50_elastic`, `elastic/densenet201`
  std::string family;                                      ///< heading in tables: `ResNet`
  std::string source;                                      ///< `torchvision`, `elastic`, `modelzoo`, `paper`
  std::string paper;                                       ///< `He et al. 2016, arXiv:1512.03385, table 1`
  std::int64_t input = 224;                                ///< the published input size
  double top1 = 0, top5 = 0;                               ///< published ImageNet accuracy in percent; 0 where none
  std::string accuracy_from;                               ///< who states it, where it is not `source`
  std::function<graph::Graph(const ModelOptions&)> build;  ///< without the rewrites, which `zoo::build` adds
  Task task = Task::classify;
};

/// All models in order of family.
const std::vector<ModelInfo>& models();

/// Who states the model's accuracy; "" where none is known.
std::string accuracy_source(const ModelInfo& model);

/// The model of that name. Throws UsageError with the nearest names.
const ModelInfo& find_model(const std::string& name);

/// Whether this parameter of a network that scores pixels lies behind its trunk, which classifiers of images share.
bool behind_trunk(const std::string& param);

/// Builds a model. Throws UsageError for an option value it cannot honour.
graph::Graph build(const std::string& name, const ModelOptions& options = {});

/// The options as the user sees them (num_classes is set from the data, the rest are flags and recipe keys).
Options option_table(ModelOptions& options);

/// The model a golden file names by `factory` + `kwargs` (a JSON object) under `source_repo`, or "" when the zoo has
/// none. The number of classes is an option of the model, not part of its name.
std::string model_for_factory(const std::string& source_repo, const std::string& factory,
                              const std::string& kwargs_json);

}  // namespace springbok::zoo
