// The one way into a weight file, for every verb: its tensors, the network they are, and what falls short of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"
#include "springbok/tensors/read.h"
#include "springbok/weights/fit/match.h"
#include "springbok/zoo/zoo.h"

namespace springbok::weights {

/// What is known of the network before the file is looked at.
struct Wanted {
  std::string model = {};                         ///< "" finds the one that fits
  std::optional<zoo::ModelOptions> options = {};  ///< else as the file's shapes say
  std::string entry = {};                         ///< of the state dict; "" finds it
  std::vector<std::string> allow = {};            ///< what may fall short (allow.h)
  bool described = false;                         ///< the file names its network itself, and should be whole
  std::string remedy = {};                        ///< what else to do where it falls short; "" looks for it
};

struct Adopted {
  std::string model;
  zoo::ModelOptions options;
  graph::Graph graph;
  Fit fit;  ///< its pairs name `graph.params()`; tensors under the zoo's names, numbers finite
};

/// Finds the state dict, takes off what wrappers put before its names, finds or checks the network, and holds what
/// falls short against `allow`. Throws Error: nothing fits, several do, it falls short, or a tensor has numbers that
/// are none.
Adopted adopt(const tensors::File& file, const Wanted& wanted);

/// `lite0.pth: efficientnet_lite0: loaded 296 tensors behind 'model.', 1 unused (criterion.weight)`, one line.
std::string line_of(const tensors::File& file, const Adopted& adopted);

/// The file's tensors as they are, for verbs that need no network. But where one of the zoo's stands behind a prefix,
/// its tensors have their own names, and `said` tells so.
tensors::StateDict tensors_of(const tensors::File& file, const std::string& entry, std::string& said);

}  // namespace springbok::weights
