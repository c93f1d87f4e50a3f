// Pairs a file's tensors with a network's parameters and says what does not fit.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"
#include "springbok/weights/value.h"
#include "springbok/zoo/zoo.h"

namespace springbok::weights {

/// One paired tensor: `dict[entry]` goes to `graph.params()[param]`.
struct Pair {
  std::size_t param = 0;
  std::size_t entry = 0;
};

struct Match {
  std::vector<Pair> pairs;
  std::vector<std::string> missing;     ///< parameters with no tensor in the file
  std::vector<std::string> unexpected;  ///< tensors that the network has no place for
  std::vector<std::string> mismatched;  ///< `fc.weight: the file has 10x512, the network wants 1000x512`

  /// Every parameter is filled and every tensor used. A missing num_batches_tracked does not count (files from before
  /// PyTorch 0.4.1 have none).
  bool complete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
};

/// Matches by name and shape.
Match match(const graph::Graph& graph, const StateDict& dict);

/// `loaded 320 tensors, 2 missing (fc.weight, fc.bias), ...`, one line.
std::string report(const Match& match);

/// The zoo's models whose every key and shape `dict` has (exact first), then the nearest by share of matching tensors.
struct Candidate {
  std::string model;
  zoo::ModelOptions options;  ///< classes, input channels and stem as the file's shapes say
  double share = 0;           ///< matching tensors / all tensors of either
  bool exact = false;
};
std::vector<Candidate> candidates(const StateDict& dict, std::size_t most = 5);

/// One model as such a candidate: the options with which it fits best. Throws UsageError for an unknown model.
Candidate candidate(const StateDict& dict, const std::string& model);

}  // namespace springbok::weights
