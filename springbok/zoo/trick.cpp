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

Activation activation_of(ActivationChoice activation) {
  constexpr double kQuickGelu = 1.702;
  switch (activation) {
    case ActivationChoice::published:
      break;
    case ActivationChoice::relu:
      return {Act::relu};
    case ActivationChoice::relu6:
      return {Act::relu6};
    case ActivationChoice::swish:
      return {Act::silu};
    case ActivationChoice::hswish:
      return {Act::hardswish};
    case ActivationChoice::gelu:
      return {Act::gelu};
    case ActivationChoice::quick_gelu:
      return {Act::scaled_swish, kQuickGelu};
    case ActivationChoice::mish:
      return {Act::mish};
    case ActivationChoice::elu:
      return {Act::elu};
    case ActivationChoice::leaky_relu:
      return {Act::leaky_relu};
    case ActivationChoice::prelu:
      break;
  }
  fail("the published activations and PReLUs are not of one kind");
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
      return switch_norms(graph, input, SwitchForm::paper);
    case NormChoice::toolbox_switchnorm:
      return switch_norms(graph, input, SwitchForm::toolbox);
    case NormChoice::groupnorm:
      return group_norms(graph);
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
  if (options.last_gamma) {
    expect_places(zero_bottleneck_norms(graph), model, "block that ends in a norm 'bn3'", "--last-gamma");
  }
  if (options.activation != ActivationChoice::published) {
    const int places = options.activation == ActivationChoice::prelu
                           ? learn_slopes(graph)
                           : replace_activations(graph, activation_of(options.activation));
    expect_places(places, model, "ReLU, ReLU6, swish or h-swish to replace", "--activation");
  }
  if (options.norm != NormChoice::published) {
    expect_places(norms_of_kind(graph, input, options.norm), model, "batch norm to replace", "--norm");
  }
  if (options.lip) expect_places(replace_max_pools(graph, options.lip_width), model, "max pooling to replace", "--lip");
  if (options.deformable) {
    expect_places(replace_convs(graph, input), model, "3x3 convolution over an eighth of the image to replace",
                  "--deformable");
  }
  if (options.drop_block > 0) {
    const DropBlock drop{.p = options.drop_block, .block = options.drop_block_size, .form = options.drop_block_form};
    if (drop.form != DropBlockForm::paper && drop.block % 2 == 0) {
      fail_usage("--drop-block-size: blocks of drop_block_form = toolbox and modelzoo have an odd side, got {}",
                 drop.block);
    }
    const int places = add_drop_block(graph, input, drop);
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
       .choices = {"published", "relu", "relu6", "swish", "hswish", "gelu", "quick_gelu", "mish", "elu", "leaky_relu",
                   "prelu"}},
      {.key = "norm",
       .help = "what stands for every batch norm; 'frozen' keeps its statistics, weight and bias as loaded",
       .field = &options.norm,
       .choices = {"published", "bn", "syncbn", "switchnorm", "evonorm", "frozen", "toolbox-switchnorm", "groupnorm"}},
      {.key = "last_gamma",
       .help = "start the last norm of plain bottlenecks (bn3) at 0, and no other: ModelZoo's form of zero_gamma",
       .field = &options.last_gamma},
      {.key = "drop_path",
       .help = "stochastic depth: probability of dropping the last residual branch; earlier ones in proportion",
       .field = &options.drop_path,
       .min = 0,
       .max = 0.99},
      {.key = "drop_block",
       .help = "DropBlock in the residual blocks of the smallest maps: share dropped; a quarter in those before",
       .field = &options.drop_block,
       .min = 0,
       .max = 1},
      {.key = "drop_block_size",
       .help = "DropBlock: height and width of a dropped square",
       .field = &options.drop_block_size,
       .min = 1,
       .max = 1024},
      {.key = "drop_block_form",
       .help = "DropBlock: the paper's rate and places; toolbox: torch-toolbox's; modelzoo: one mask a batch",
       .field = &options.drop_block_form,
       .choices = {"paper", "toolbox", "modelzoo"}},
      {.key = "lip", .help = "local importance pooling instead of strided max pooling", .field = &options.lip},
      {.key = "lip_width",
       .help = "lip: channels of the bottleneck that makes the logits (the paper's best: 128); 0: one convolution",
       .field = &options.lip_width,
       .min = 0,
       .max = 1 << 16},
      {.key = "deformable",
       .help = "modulated deformable convolutions for the 3x3 ones over an eighth of the image and less",
       .field = &options.deformable},
  };
}

}  // namespace springbok::zoo
