// From an Elastic checkpoint to weights, optimizer and epoch.
#include "springbok/train/elastic_start.h"

#include <algorithm>
#include <map>

#include "springbok/base/error.h"
#include "springbok/tensors/read.h"
#include "springbok/weights/fit/elastic_resume.h"

namespace springbok::train {
namespace {

using weights::ElasticScript;

constexpr std::string_view kWrapper = "module.", kBase = "base.";

const tensors::Dict& root_of(const tensors::File& file) {
  const auto* root = std::get_if<tensors::Dict>(&file.root.data);
  if (root == nullptr || tensors::find_as<tensors::Dict>(*root, "state_dict") == nullptr) {
    fail("{}: has no 'state_dict'; --init-form elastic takes what Elastic's scripts save, --init-form fit any weights",
         file.name);
  }
  return *root;
}

ElasticScript script_of(const recipe::Recipe& recipe, const tensors::StateDict& dict) {
  if (recipe.task == recipe::TaskChoice::multilabel) return ElasticScript::multilabel;
  if (recipe.task == recipe::TaskChoice::segment) return ElasticScript::segment;
  const bool wrapped =
      std::any_of(dict.begin(), dict.end(), [](const auto& entry) { return entry.first.starts_with(kWrapper); });
  return wrapped ? ElasticScript::classify : ElasticScript::docker;
}

weights::ElasticFile described(const tensors::Dict& root, const tensors::StateDict& dict) {
  weights::ElasticFile file{.state_dict = std::vector<weights::NamedShape>{}};
  for (const auto& [name, tensor] : dict) {
    file.state_dict->push_back({name, graph::Shape(tensor.shape.begin(), tensor.shape.end())});
  }
  file.optimizer = tensors::find_as<tensors::Dict>(root, "optimizer") != nullptr;
  if (const auto* epoch = tensors::find_as<std::int64_t>(root, "epoch")) file.epoch = *epoch;
  return file;
}

/// The file's tensor for a name of the network: the name behind its wrapper, or of a trunk, behind as many characters.
const tensors::Tensor* tensor_for(const std::string& name, const tensors::StateDict& dict) {
  const auto named = [&](const auto& matches) -> const tensors::Tensor* {
    const auto at = std::find_if(dict.begin(), dict.end(), [&](const auto& entry) { return matches(entry.first); });
    return at == dict.end() ? nullptr : &at->second;
  };
  const std::string wrapped = std::string(kWrapper) + name;
  if (const auto* found = named([&](const std::string& key) { return key == wrapped || key == name; })) return found;
  if (!name.starts_with(kBase)) return nullptr;
  const std::string in_trunk = name.substr(kBase.size());
  return named([&](const std::string& key) { return key.substr(std::min(kWrapper.size(), key.size())) == in_trunk; });
}

void load(const std::vector<std::string>& names, const tensors::StateDict& dict, Learner& learner) {
  std::map<std::string, std::size_t> ids;
  for (const graph::Param& param : learner.graph.params()) ids.emplace(param.name, ids.size());
  tensors::StateDict taken;
  std::vector<tensors::Pair> pairs;
  for (const std::string& name : names) {
    const tensors::Tensor* tensor = tensor_for(name, dict);
    check(tensor != nullptr, "what a script loads is in its file");
    pairs.push_back({.param = ids.at(name), .entry = taken.size()});
    taken.emplace_back(name, *tensor);
  }
  engine::load(pairs, taken, learner.state);
}

std::string count_text(std::size_t count, const char* what, const std::vector<std::string>& names) {
  return count == 0 ? "" : format(", {} {} ({})", count, what, join_first(names));
}

}  // namespace

ElasticStart start_as_elastic(const recipe::Recipe& recipe, Learner& learner) {
  const tensors::File file = tensors::read(recipe.init);
  const tensors::Dict& root = root_of(file);
  const tensors::StateDict dict = tensors::named_tensors(file, "state_dict");
  const weights::ElasticResume resume =
      weights::elastic_resume(script_of(recipe, dict), learner.graph, described(root, dict));
  if (!resume.error.empty()) {
    fail("{}: Elastic's script ends here: its {} do not fit {}; --init-form fit says what does", file.name,
         resume.error, recipe.model);
  }
  if (resume.loaded.empty()) {
    fail(
        "{}: none of its {} tensors is named as {} wants it: Elastic's script would go on from new values; "
        "--init-form fit finds the names",
        file.name, dict.size(), recipe.model);
  }
  load(resume.loaded, dict, learner);
  if (resume.optimizer) learner.optimizer->load(*tensors::find_as<tensors::Dict>(root, "optimizer"), file.name);
  if (resume.start_epoch >= recipe.epochs) {
    fail_usage("--epochs: {} in all leave nothing to train: {} has {} behind it; give more", recipe.epochs, file.name,
               resume.start_epoch);
  }
  const std::string how = !resume.whole      ? "as Elastic starts from weights of another head"
                          : resume.optimizer ? format("as Elastic goes on, from epoch {}", resume.start_epoch)
                                             : "as Elastic goes on, without an optimizer";
  return {.epoch = resume.start_epoch,
          .text = format("started from {}, {}: {} tensors{}{}", file.name, how, resume.loaded.size(),
                         count_text(resume.missing.size(), "start anew", resume.missing),
                         count_text(resume.unexpected.size(), "not used", resume.unexpected))};
}

}  // namespace springbok::train
