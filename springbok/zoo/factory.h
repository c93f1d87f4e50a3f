// What the published code calls our models: a factory and its arguments, by rule.
#pragma once

#include <string>

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

/// A published factory's model: a row of the table, or a relative of one with the numbers that the arguments say, and
/// the arguments that are options here. What drops at random is left out.
struct FactoryModel {
  ModelInfo model;
  ModelOptions options;
};

/// Builds it, as `zoo::build` builds one of the table.
graph::Graph build(const FactoryModel& found);

/// Throws UsageError naming the factory or the argument that is not known. `kwargs_json` is a JSON object.
FactoryModel factory_model(const std::string& source_repo, const std::string& factory, const std::string& kwargs_json);

}  // namespace springbok::zoo
