// Which networks of the zoo a file's tensors may belong to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "springbok/tensors/value.h"
#include "springbok/zoo/zoo.h"

namespace springbok::weights {

/// A model of the zoo, and how much of it a file has.
struct Candidate {
  std::string model;
  zoo::ModelOptions options;  ///< classes, input channels and stem as the file's shapes say
  std::string naming = {};    ///< whose key names the file has; "" for the zoo's own
  std::string prefix = {};    ///< what the file has before the names: `model.`; "" mostly
  double share = 0;           ///< matching tensors / all tensors of either, those outside the prefix not counted
  bool exact = false;         ///< every key and shape is there
};

/// At most `most`, but all exact ones, which come first: several networks may share every key and shape.
std::vector<Candidate> candidates(const tensors::StateDict& dict, std::size_t most = 5,
                                  const std::vector<zoo::ModelInfo>& models = zoo::models());

/// One model as such a candidate: the options with which it fits best. Throws UsageError for an unknown model.
Candidate candidate(const tensors::StateDict& dict, const std::string& model);

/// `efficientnet_lite0 (100 %, behind 'model.', under timm's names)`.
std::string to_text(const Candidate& candidate);

}  // namespace springbok::weights
