// Pairs a file's tensors with a network's parameters and says what does not fit.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"
#include "springbok/tensors/pair.h"
#include "springbok/tensors/value.h"
#include "springbok/weights/fit/prefix.h"

namespace springbok::weights {

struct Match {
  std::vector<tensors::Pair> pairs;
  std::vector<std::string> missing;       ///< parameters with no tensor in the file
  std::vector<std::string> unexpected;    ///< tensors that the network has no place for
  std::vector<std::string> mismatched;    ///< parameters whose tensor in the file has another shape
  std::vector<std::string> shapes;        ///< for each of these, `the file has 10x512, the network wants 1000x512`
  std::string naming = {};                ///< whose key names the file has; "" for the network's own
  std::size_t renamed = 0;                ///< tensors with another name in the file
  std::vector<std::string> ignored = {};  ///< tensors that this naming is known to have beyond the network
  std::string prefix = {};                ///< what the file has before the network's names: `model.`; "" mostly
  std::string head = {};                  ///< and before the classifier's, where that is something else: `head.`
  std::vector<std::string> outside = {};  ///< tensors that do not stand behind the prefix: a loss's, another network's
  std::vector<std::string> twins = {};    ///< other prefixes behind which as many of the names stand

  /// Every parameter is filled and every tensor used, ignored or outside. A missing num_batches_tracked does not count
  /// (files from before PyTorch 0.4.1 have none).
  bool complete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
};

/// Matches by name and shape.
Match match(const graph::Graph& graph, const tensors::StateDict& dict);

/// What a network takes from a file, under whichever of the known namings most of it fits, behind whatever prefix.
struct Fit {
  tensors::StateDict dict;  ///< under the network's own names; `match.pairs` point into it
  Match match;
  std::string caveat;  ///< another network whose weights look the same; "" mostly
};
Fit fit(const std::string& model, const graph::Graph& graph, const tensors::StateDict& dict);
/// The same with the names of `dict` indexed once, for many networks.
Fit fit(const std::string& model, const graph::Graph& graph, const tensors::StateDict& dict, const NameIndex& names);

/// `loaded 320 tensors behind 'model.', 318 renamed from timm's names, 2 missing (fc.weight, fc.bias), 1 unused
/// (criterion.weight), ...`, one line.
std::string report(const Match& match);

}  // namespace springbok::weights
