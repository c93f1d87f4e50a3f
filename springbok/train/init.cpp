// Loading the weights that a run starts from.
#include "springbok/train/init.h"

#include "springbok/base/error.h"
#include "springbok/weights/fit/adopt.h"

namespace springbok::train {

std::string start_from(const recipe::Recipe& recipe, engine::State& state) {
  if (recipe.init.empty()) return "";
  const tensors::File file = tensors::read(recipe.init);
  const weights::Adopted adopted =
      weights::adopt(file, {.model = recipe.model,
                            .options = recipe.options,
                            .allow = recipe.allow,
                            .remedy = format("'springbok weights inspect {}' names the models it fits", recipe.init)});
  engine::load(adopted.fit.match.pairs, adopted.fit.dict, state);
  return format("started from {}: {}{}{}", recipe.init, report(adopted.fit.match),
                adopted.fit.match.complete() ? "" : "; what is not loaded starts anew",
                adopted.fit.caveat.empty() ? "" : "; note: " + adopted.fit.caveat);
}

}  // namespace springbok::train
