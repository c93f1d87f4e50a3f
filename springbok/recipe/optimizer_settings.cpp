// Names and defaults of optimizers.
#include "springbok/recipe/optimizer_settings.h"

namespace springbok::recipe {

const std::vector<std::string>& optimizer_kinds() {
  static const std::vector<std::string> names{"sgd", "adam", "adamw", "rmsprop", "rmsprop_tf", "lamb", "lion", "muon"};
  return names;
}

const std::vector<std::string>& centralise_names() {
  static const std::vector<std::string> names{"none", "conv", "all", "toolbox"};
  return names;
}

const std::vector<std::string>& lookahead_forms() {
  static const std::vector<std::string> names{"paper", "toolbox", "timm"};
  return names;
}

const std::vector<std::string>& muon_scales() {
  static const std::vector<std::string> names{"original", "match_rms_adamw", "none"};
  return names;
}

const std::vector<std::string>& muon_rests() {
  static const std::vector<std::string> names{"adamw", "sgd"};
  return names;
}

OptimizerSettings with_defaults(OptimizerSettings settings) {
  const bool tensorflow = settings.kind == OptimizerKind::rmsprop_tf;
  if (settings.beta2 == 0) settings.beta2 = settings.kind == OptimizerKind::lion ? 0.99 : 0.999;
  if (settings.alpha == 0) settings.alpha = tensorflow ? 0.9 : 0.99;
  if (settings.eps == 0) settings.eps = settings.kind == OptimizerKind::lamb ? 1e-6 : tensorflow ? 1e-10 : 1e-8;
  return settings;
}

}  // namespace springbok::recipe
