// The builders' options that work on any finished network.
#include "springbok/zoo/trick.h"

#include "springbok/base/error.h"
#include "springbok/graph/replace.h"

namespace springbok::zoo {
namespace {

using namespace graph;

void expect_places(int places, const ModelInfo& model, const char* what, const char* flag) {
  if (places == 0) fail_usage("{}: has no {}; leave out {}", model.name, what, flag);
}

Act act_of(ActivationChoice activation) {
  switch (activation) {
    case ActivationChoice::published:
      break;
    case ActivationChoice::relu:
      return Act::relu;
    case ActivationChoice::relu6:
      return Act::relu6;
    case ActivationChoice::swish:
      return Act::silu;
    case ActivationChoice::hswish:
      return Act::hardswish;
  }
  fail("the published activations are of several kinds");
}

/// How many norms there are of the kind asked for, after those of other kinds have become so.
int norms_of_kind(Graph& graph, const Shape& input, NormChoice norm) {
  switch (norm) {
    case NormChoice::published:
      break;
    case NormChoice::bn:
      return plain_norms(graph) + replace_norms(graph, NormKind::batch);
    case NormChoice::syncbn:
      return replace_norms(graph, NormKind::sync);
    case NormChoice::switchnorm:
      return switch_norms(graph, input);
    case NormChoice::evonorm:
      return evo_norms(graph, input);
    case NormChoice::frozen:
      return replace_norms(graph, NormKind::frozen);
  }
  fail("the published norms are of several kinds");
}

}  // namespace

void apply_tricks(Graph& graph, const ModelInfo& model, const ModelOptions& options) {
  const Shape input{1, options.channels, model.input, model.input};
  if (options.activation != ActivationChoice::published) {
    const int places = replace_activations(graph, act_of(options.activation));
    expect_places(places, model, "ReLU, ReLU6, swish or h-swish to replace", "--activation");
  }
  if (options.norm != NormChoice::published) {
    expect_places(norms_of_kind(graph, input, options.norm), model, "batch norm to replace", "--norm");
  }
  if (options.lip) expect_places(replace_max_pools(graph), model, "max pooling to replace", "--lip");
  if (options.deformable) {
    expect_places(replace_convs(graph, input), model, "3x3 convolution over an eighth of the image to replace",
                  "--deformable");
  }
  if (options.drop_block > 0) {
    const int places = add_drop_block(graph, input, options.drop_block, options.drop_block_size);
    expect_places(places, model, "residual blocks with norms", "--drop-block");
  }
  if (options.drop_path > 0) {
    expect_places(add_drop_path(graph, options.drop_path), model, "residual blocks", "--drop-path");
  }
}

Options trick_options(ModelOptions& options) {
  return {
      {.key = "activation",
       .help = "what stands for every ReLU, ReLU6, swish and h-swish; 'published' leaves each as it is",
       .field = &options.activation,
       .choices = {"published", "relu", "relu6", "swish", "hswish"}},
      {.key = "norm",
       .help = "what stands for every batch norm; 'frozen' keeps its statistics, weight and bias as loaded",
       .field = &options.norm,
       .choices = {"published", "bn", "syncbn", "switchnorm", "evonorm", "frozen"}},
      {.key = "drop_path",
       .help = "stochastic depth: probability of dropping the last residual branch; earlier ones in proportion",
       .field = &options.drop_path,
       .min = 0,
       .max = 0.99},
      {.key = "drop_block",
       .help = "DropBlock in the residual blocks of the smallest maps: share dropped; a quarter in those before",
       .field = &options.drop_block,
       .min = 0,
       .max = 0.99},
      {.key = "drop_block_size",
       .help = "DropBlock: height and width of a dropped square",
       .field = &options.drop_block_size,
       .min = 1,
       .max = 1024},
      {.key = "lip", .help = "local importance pooling instead of strided max pooling", .field = &options.lip},
      {.key = "deformable",
       .help = "modulated deformable convolutions for the 3x3 ones over an eighth of the image and less",
       .field = &options.deformable},
  };
}

}  // namespace springbok::zoo
