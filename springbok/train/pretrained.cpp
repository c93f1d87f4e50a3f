// From a name to weights, network and preprocessing.
#include "springbok/train/pretrained.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/model/network.h"
#include "springbok/weights/hub/hub.h"

namespace springbok::train {
namespace {

std::filesystem::path file_of(const std::string& name) {
  if (std::filesystem::exists(name)) return name;
  return weights::get(weights::find_published(weights::published_weights(), name));
}

/// Copies the values of keys that nobody set.
void adopt(const Options& from, const Options& to, const recipe::Given& given,
           std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (!given.contains(key)) set_option(*find_option(to, key), option_value(*find_option(from, key)), key);
  }
}

bool scores_pixels(const std::string& model) {
  return !model.empty() && zoo::find_model(model).task == zoo::Task::segment;
}

/// A network that scores pixels may start from the trunk of one that scores images: the file says which it is.
model::Described describe(const tensors::File& file, const std::string& model) {
  return model::open_weights(file, {.model = scores_pixels(model) ? "" : model});
}

bool is_trunk(const model::Described& described, const std::string& model) {
  return scores_pixels(model) && !scores_pixels(described.card.model);
}

}  // namespace

void start_pretrained(recipe::Recipe& recipe, const recipe::Given& given) {
  if (recipe.pretrained.empty()) return;
  const std::filesystem::path path = file_of(recipe.pretrained);
  if (!recipe.init.empty() && recipe.init != path.string()) {  // a run's recipe, used again, has both
    fail_usage("--init and --pretrained: both say what to start from; give one of them");
  }
  const model::Described described = describe(tensors::read(path), recipe.model);
  const bool trunk = is_trunk(described, recipe.model);
  recipe::Recipe known;
  known.options = described.card.options;
  known.preprocess = described.card.preprocess;
  const Options from = option_table(known), to = option_table(recipe);
  recipe.init = path.string();
  if (!trunk) recipe.model = described.card.model;
  if (!given.contains("allow")) recipe.allow = {"head"};
  adopt(from, to, given, {"stem", "activation", "norm", "lip", "deformable"});
  if (described.preprocess_assumed) return;
  if (trunk) return adopt(from, to, given, {"channels", "resampler", "mean", "std"});
  adopt(from, to, given, {"size", "channels", "interpolation", "resampler", "exif", "crop_ratio", "mean", "std"});
}

}  // namespace springbok::train
