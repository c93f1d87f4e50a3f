// Telling trunk and decoder apart.
#include "springbok/train/optim/decoder.h"

#include <algorithm>

namespace springbok::train {

std::vector<std::string> decoder_params(const graph::Graph& graph) {
  const auto& params = graph.params();
  const auto any = [&](const char* start) {
    return std::any_of(params.begin(), params.end(), [&](const graph::Param& p) { return p.name.starts_with(start); });
  };
  const bool pyramid = any("aspp."), base = any("base.");
  std::vector<std::string> names;
  for (const graph::Param& param : params) {
    const bool decoder = pyramid ? param.name.starts_with("aspp.") : base && !param.name.starts_with("base.");
    if (decoder && !param.buffer) names.push_back(param.name);
  }
  return names;
}

}  // namespace springbok::train
