// What may fall short when weights are loaded: nothing, unless it is allowed by name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"
#include "springbok/weights/fit/match.h"
#include "springbok/zoo/zoo.h"

namespace springbok::weights {

/// The words of `--allow`: `head` (the classifier's parameters, missing or of another shape), `missing`, `shapes`,
/// `unused` (tensors that the network has no place for).
const std::vector<std::string>& allowable();

/// The parameters whose shapes differ between two forms of a network that have the same names.
std::vector<std::string> changed_params(const graph::Graph& one, const graph::Graph& other);

/// The parameters that depend on the number of classes; of a network that scores pixels all that lie behind its trunk.
std::vector<std::string> head_params(const std::string& model, const zoo::ModelOptions& options);

/// The words that would allow what the match lacks; empty when it is complete.
std::vector<std::string> shortfalls(const Match& match, const std::vector<std::string>& head);

/// Throws Error with the match's report when it falls short of more than `allow` names, or nothing fits at all.
/// `where` is the file; `remedy`, asked only then, says what else there is to do.
void expect_allowed(const Match& match, const std::vector<std::string>& head, const std::vector<std::string>& allow,
                    const std::string& where, const std::function<std::string()>& remedy);

}  // namespace springbok::weights
