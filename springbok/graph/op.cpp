// Names and printed attributes of the ops.
#include "springbok/graph/op.h"

#include "springbok/base/text.h"

namespace springbok::graph {
namespace {

const char* name_of(Act kind) {
  switch (kind) {
    case Act::relu:
      return "relu";
    case Act::relu6:
      return "relu6";
    case Act::sigmoid:
      return "sigmoid";
    case Act::silu:
      return "silu";
    case Act::hardswish:
      return "hardswish";
    case Act::hardsigmoid:
      return "hardsigmoid";
    case Act::gelu:
      return "gelu";
    case Act::mish:
      return "mish";
    case Act::elu:
      return "elu";
    case Act::leaky_relu:
      return "leaky_relu";
    case Act::scaled_swish:
      return "scaled_swish";
  }
  return "?";
}

const char* name_of(NormKind kind) {
  switch (kind) {
    case NormKind::batch:
      return "norm";
    case NormKind::sync:
      return "sync_norm";
    case NormKind::frozen:
      return "frozen_norm";
  }
  return "?";
}

/// `3x3, stride 2, pad 1`, leaving out what is at rest.
std::string window(const Pair& kernel, const Pair& stride, const Pair& padding) {
  std::string text = format("{}x{}", kernel[0], kernel[1]);
  if (stride != Pair{1, 1})
    text += stride[0] == stride[1] ? format(", stride {}", stride[0]) : format(", stride {}x{}", stride[0], stride[1]);
  if (padding != Pair{0, 0})
    text += padding[0] == padding[1] ? format(", pad {}", padding[0]) : format(", pad {}x{}", padding[0], padding[1]);
  return text;
}

/// A convolution's, plain or deformable.
template <class Conv>
std::string describe_conv(const Conv& c) {
  std::string text = format("{} -> {}, {}", c.in, c.out, window(c.kernel, c.stride, c.padding));
  if (c.dilation != Pair{1, 1}) text += format(", dilation {}", c.dilation[0]);
  return c.groups == 1 ? text : text + format(", groups {}", c.groups);
}

}  // namespace

std::string name_of(const Op& op) {
  return std::visit(
      Overload{
          [](const Input&) -> std::string { return "input"; },
          [](const Conv2d&) -> std::string { return "conv2d"; },
          [](const ConvTranspose2d&) -> std::string { return "conv_transpose2d"; },
          [](const Norm& n) -> std::string { return name_of(n.kind); },
          [](const Linear&) -> std::string { return "linear"; },
          [](const Activation& a) -> std::string { return name_of(a.kind); },
          [](const Pool2d& p) -> std::string { return p.kind == PoolKind::max ? "max_pool" : "avg_pool"; },
          [](const GlobalPool&) -> std::string { return "global_pool"; },
          [](const Flatten&) -> std::string { return "flatten"; },
          [](const Add&) -> std::string { return "add"; },
          [](const Gate&) -> std::string { return "gate"; },
          [](const Concat&) -> std::string { return "concat"; },
          [](const PadEven&) -> std::string { return "pad_even"; },
          [](const Upsample&) -> std::string { return "upsample"; },
          [](const CropLike&) -> std::string { return "crop_like"; },
          [](const UpsampleLike&) -> std::string { return "upsample_like"; },
          [](const Halve&) -> std::string { return "halve"; },
          [](const Restore&) -> std::string { return "restore"; },
          [](const WholeCells&) -> std::string { return "whole_cells"; },
          [](const Trim&) -> std::string { return "trim"; },
          [](const LogSoftmax&) -> std::string { return "log_softmax"; },
          [](const PadChannels&) -> std::string { return "pad_channels"; },
          [](const Dropout&) -> std::string { return "dropout"; },
          [](const AdaptivePool&) -> std::string { return "adaptive_pool"; },
          [](const PadSame&) -> std::string { return "pad_same"; },
          [](const SliceChannels&) -> std::string { return "slice_channels"; },
          [](const ShuffleChannels&) -> std::string { return "shuffle_channels"; },
          [](const RadixSoftmax&) -> std::string { return "radix_softmax"; },
          [](const UpsampleNearest&) -> std::string { return "upsample_nearest"; },
          [](const EvoNorm&) -> std::string { return "evo_norm"; },
          [](const SwitchNorm&) -> std::string { return "switch_norm"; },
          [](const InstanceNorm&) -> std::string { return "instance_norm"; },
          [](const ChannelScale&) -> std::string { return "channel_scale"; },
          [](const DropPath&) -> std::string { return "drop_path"; },
          [](const DropBlock&) -> std::string { return "drop_block"; },
          [](const LipPool&) -> std::string { return "lip_pool"; },
          [](const DeformConv2d&) -> std::string { return "deform_conv2d"; },
          [](const Lambda&) -> std::string { return "lambda"; },
          [](const PRelu&) -> std::string { return "prelu"; },
          [](const GroupNorm&) -> std::string { return "group_norm"; },
      },
      op);
}

std::string describe(const Op& op) {
  return std::visit(
      Overload{
          [](const Conv2d& c) { return describe_conv(c); },
          [](const DeformConv2d& c) { return describe_conv(c); },
          [](const ConvTranspose2d& c) {
            const std::string text = format("{} -> {}, {}", c.in, c.out, window(c.kernel, c.stride, c.padding));
            return c.groups == 1 ? text : text + format(", groups {}", c.groups);
          },
          [](const Linear& l) { return format("{} -> {}", l.in, l.out); },
          [](const Pool2d& p) { return window(p.kernel, p.stride, p.padding); },
          [](const Upsample& u) { return format("x{}", u.factor); },
          [](const Halve& h) { return h.keep == 0 ? std::string() : format("but at height {}", h.keep); },
          [](const WholeCells& w) { return format("{}x{}", w.size, w.size); },
          [](const Trim& t) { return format("{}", t.amount); },
          [](const PadChannels& p) { return format("{} -> {}, stride {}", p.in, p.out, p.stride); },
          [](const Dropout& d) { return format("p {:.3g}", d.p); },
          [](const DropPath& d) { return format("p {:.3g}", d.p); },
          [](const DropBlock& d) {
            return format("p {:.3g}, {}x{}", d.p, d.block, d.block) + (d.form == DropBlockForm::paper ? ""
                                                                       : d.form == DropBlockForm::toolbox
                                                                           ? ", toolbox"
                                                                           : ", modelzoo");
          },
          [](const Activation& a) {
            return a.kind == Act::scaled_swish ? format("beta {:.4g}", a.beta) : std::string();
          },
          [](const SwitchNorm& n) { return std::string(n.form == SwitchForm::toolbox ? "toolbox" : ""); },
          [](const GroupNorm& n) { return format("groups {}", n.groups); },
          [](const LipPool& p) { return window(p.kernel, p.stride, p.padding); },
          [](const Lambda& l) { return format("heads {}, depth {}, reach {}", l.heads, l.depth, l.reach); },
          [](const AdaptivePool& p) { return format("to {}x{}", p.size[0], p.size[1]); },
          [](const PadSame& p) {
            return "for " + window(p.kernel, p.stride, {0, 0});
          },
          [](const SliceChannels& s) { return format("{} to {}", s.first, s.first + s.count - 1); },
          [](const ShuffleChannels& s) { return format("groups {}", s.groups); },
          [](const RadixSoftmax& r) { return format("radix {}", r.radix); },
          [](const UpsampleNearest& u) { return format("x{}", u.factor); },
          [](const UpsampleLike& u) { return std::string(u.aligned ? "" : "corners not aligned"); },
          [](const auto&) { return std::string(); },
      },
      op);
}

}  // namespace springbok::graph
