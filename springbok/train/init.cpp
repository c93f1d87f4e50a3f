// Loading the weights that a run starts from.
#include "springbok/train/init.h"

#include "springbok/base/error.h"
#include "springbok/weights/allow.h"
#include "springbok/weights/match.h"
#include "springbok/weights/read.h"

namespace springbok::train {

std::string start_from(const Recipe& recipe, const graph::Graph& graph, engine::State& state) {
  if (recipe.init.empty()) return "";
  const weights::File file = weights::read(recipe.init);
  const weights::Fit fit = weights::fit(recipe.model, graph, weights::state_dict(file));
  if (!fit.match.complete()) {
    const std::string where =
        format("{}: does not fit {} with {} classes", recipe.init, recipe.model, recipe.options.classes);
    weights::expect_allowed(fit.match, weights::head_params(recipe.model, recipe.options), recipe.allow, where,
                            format("'springbok weights inspect {}' names the models it fits", recipe.init));
  }
  engine::load(fit.match, fit.dict, state);
  return format("started from {}: {}{}{}", recipe.init, report(fit.match),
                fit.match.complete() ? "" : "; what is not loaded starts anew",
                fit.caveat.empty() ? "" : "; note: " + fit.caveat);
}

}  // namespace springbok::train
