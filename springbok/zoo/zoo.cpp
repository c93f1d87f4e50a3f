// Finding and building models by name.
#include "springbok/zoo/zoo.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/zoo/factory.h"
#include "springbok/zoo/trick.h"

namespace springbok::zoo {
namespace {

const ModelInfo* find(const std::string& name) {
  const auto& all = models();
  const auto at = std::find_if(all.begin(), all.end(), [&](const ModelInfo& model) { return model.name == name; });
  return at == all.end() ? nullptr : &*at;
}

}  // namespace

std::string accuracy_source(const ModelInfo& model) {
  if (model.top1 == 0) return "";
  return model.accuracy_from.empty() ? model.source : model.accuracy_from;
}

const ModelInfo& find_model(const std::string& name) {
  if (const ModelInfo* model = find(name)) return *model;
  std::vector<std::string> names;
  for (const ModelInfo& model : models()) names.push_back(model.name);
  const std::string near = closest(name, names);
  fail_usage("there is no model '{}'{}; see 'springbok models list'", name,
             near.empty() ? "" : format(" (did you mean '{}'?)", near));
}

bool behind_trunk(const std::string& param) {
  static const std::vector<std::string> parts{"aspp", "dla_up", "fc", "up", "classifier", "aux_classifier", "decoder"};
  return std::find(parts.begin(), parts.end(), param.substr(0, param.find('.'))) != parts.end();
}

graph::Graph build(const std::string& name, const ModelOptions& options) {
  return build(FactoryModel{.model = find_model(name), .options = options});
}

graph::Graph build(const FactoryModel& found) {
  const auto& [model, options] = found;
  const std::string& name = model.name;
  if (options.classes < 1) fail_usage("{}: the number of classes must be at least 1, got {}", name, options.classes);
  if (options.channels < 1)
    fail_usage("{}: the number of input channels must be at least 1, got {}", name, options.channels);
  ModelOptions checked = options;
  for (const Option& option : option_table(checked)) check_option(option, format("{}: {}", name, option.key));
  graph::Graph graph = model.build(options);
  if (options.aux_head && graph.auxiliary() < 0) fail_usage("{}: has no second classifier; leave out --aux-head", name);
  apply_tricks(graph, model, options);
  return graph;
}

const std::vector<std::string>& stem_names() {
  static const std::vector<std::string> names{"standard", "small"};
  return names;
}

Options option_table(ModelOptions& options) {
  Options all{
      {.key = "stem",
       .help = "first layers: 'standard' as published, or 'small' (3x3, stride 1, no pooling) for small images",
       .field = &options.stem,
       .choices = stem_names()},
      {.key = "dropout",
       .help = "probability of dropping a feature before the classifier",
       .field = &options.dropout,
       .min = 0,
       .max = 0.99},
      {.key = "zero_gamma",
       .help = "start the last norm of each residual branch at 0 (Goyal et al. 2017)",
       .field = &options.zero_gamma},
      {.key = "aux_head",
       .help = "a second classifier of pixels on the last stage but one, for training (torchvision's aux_loss)",
       .field = &options.aux_head},
  };
  const Options tricks = trick_options(options);
  all.insert(all.end(), tricks.begin(), tricks.end());
  for (Option& option : all) option.group = "Model";
  return all;
}

std::string model_for_factory(const std::string& source_repo, const std::string& factory,
                              const std::string& kwargs_json) {
  try {
    return factory_model(source_repo, factory, kwargs_json).model.name;
  } catch (const UsageError&) {
    return "";
  }
}

}  // namespace springbok::zoo
