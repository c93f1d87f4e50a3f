// What each op's backward keeps, as ATen's derivatives have it.
#include "springbok/engine/in_place.h"

namespace springbok::engine {

using namespace graph;

Saves saves(const Op& op) {
  return std::visit(
      Overload{
          [](const Input&) -> Saves { return {.makes_view = true}; },  // the caller's tensor is never overwritten
          [](const Conv2d&) -> Saves { return {.input = true}; },
          [](const ConvTranspose2d&) -> Saves { return {.input = true}; },
          [](const Norm&) -> Saves { return {.input = true}; },
          [](const Linear&) -> Saves { return {.input = true}; },
          [](const Activation& a) -> Saves {
            const bool by_output = a.kind == Act::relu || a.kind == Act::sigmoid;
            return {.input = !by_output, .output = by_output};
          },
          [](const Pool2d&) -> Saves { return {.input = true}; },
          [](const GlobalPool&) -> Saves { return {}; },
          [](const Flatten&) -> Saves { return {.makes_view = true}; },
          [](const Add&) -> Saves { return {}; },
          [](const Gate&) -> Saves { return {.input = true}; },
          [](const Concat&) -> Saves { return {}; },
          [](const PadEven&) -> Saves { return {.input = true, .makes_view = true}; },  // itself when nothing is odd
          [](const Upsample&) -> Saves { return {}; },
          [](const CropLike&) -> Saves { return {.makes_view = true}; },
          [](const UpsampleLike&) -> Saves { return {}; },
          [](const Halve&) -> Saves { return {.input = true, .makes_view = true}; },  // itself at the height it keeps
          [](const Restore&) -> Saves { return {.makes_view = true}; },
          [](const WholeCells&) -> Saves { return {.makes_view = true}; },
          [](const Trim&) -> Saves { return {.makes_view = true}; },
          [](const LogSoftmax&) -> Saves { return {.output = true}; },
          [](const PadChannels&) -> Saves { return {}; },
          [](const Dropout&) -> Saves { return {.makes_view = true}; },  // itself when not training
          [](const AdaptivePool&) -> Saves { return {.input = true}; },
          [](const PadSame&) -> Saves { return {}; },
          [](const SliceChannels&) -> Saves { return {.makes_view = true}; },
          [](const ShuffleChannels&) -> Saves { return {.makes_view = true}; },  // where one group is the whole
          [](const RadixSoftmax&) -> Saves { return {.output = true}; },
          [](const UpsampleNearest&) -> Saves { return {}; },
          [](const EvoNorm&) -> Saves { return {.input = true}; },
          [](const SwitchNorm&) -> Saves { return {.input = true}; },
          [](const InstanceNorm&) -> Saves { return {.input = true}; },
          [](const ChannelScale&) -> Saves { return {.input = true}; },
          [](const DropPath&) -> Saves { return {.makes_view = true}; },   // itself when not training
          [](const DropBlock&) -> Saves { return {.makes_view = true}; },  // as well
          [](const LipPool&) -> Saves { return {.input = true, .output = true}; },
          [](const DeformConv2d&) -> Saves { return {.input = true}; },
          [](const Lambda&) -> Saves { return {.input = true}; },
          [](const PRelu&) -> Saves { return {.input = true}; },
          [](const GroupNorm&) -> Saves { return {.input = true}; },
      },
      op);
}

bool can_overwrite(const Op& op) {
  if (const auto* activation = std::get_if<Activation>(&op)) return activation->kind == Act::relu;
  return std::holds_alternative<Add>(op);
}

}  // namespace springbok::engine
