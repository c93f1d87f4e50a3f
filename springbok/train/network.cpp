// Opening weights: which network, which classes, which preprocessing.
#include "springbok/train/network.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <sstream>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/train/plain.h"
#include "springbok/train/recipe.h"
#include "springbok/weights/match.h"
#include "springbok/weights/read.h"
#include "springbok/weights/write.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

/// The card inside a file, or none.
std::optional<Card> card_of(const weights::File& file, const std::string& where) {
  if (has_card(file.metadata)) return card_from_metadata(file.metadata, where);
  const auto* root = std::get_if<weights::Dict>(&file.root.data);
  if (root == nullptr) return std::nullopt;
  Json json = Json::object();
  for (const char* key : {"model", "options", "classes", "preprocess", "metrics", "recipe_digest"}) {
    const weights::Value* value = weights::find(*root, key);
    if (value == nullptr) return std::nullopt;
    json[key] = to_json(*value, where + ": " + key);
  }
  return card_from_json(json, where);
}

weights::Candidate the_fitting(const weights::StateDict& dict, const std::string& where) {
  const std::vector<weights::Candidate> found = weights::candidates(dict);
  const auto exact = std::count_if(found.begin(), found.end(), [](const auto& candidate) { return candidate.exact; });
  if (exact == 1) return found.front();
  std::vector<std::string> near;
  for (const weights::Candidate& candidate : found) {
    if (exact == 0 || candidate.exact) near.push_back(format("{} ({:.0f} %)", candidate.model, 100 * candidate.share));
  }
  fail_usage("{}: {} its tensors; name one with --model: {}", where,
             exact == 0 ? "no model fits" : "several models fit", near.empty() ? "none is near" : join(near));
}

std::vector<std::string> class_names(const std::string& file, std::int64_t count) {
  std::vector<std::string> names;
  if (file.empty()) {
    for (std::int64_t i = 0; i < count; ++i) names.push_back(format("{}", i));
    return names;
  }
  std::istringstream lines(read_text(file));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (static_cast<std::int64_t>(names.size()) != count) {
    fail("{}: names {} classes, the network has {}", file, names.size(), count);
  }
  return names;
}

Card card_for_bare(const weights::StateDict& dict, const OpenSettings& settings, const std::string& where) {
  const weights::Candidate fitting =
      settings.model.empty() ? the_fitting(dict, where) : weights::candidate(dict, settings.model);
  Card card;
  card.model = fitting.model;
  card.options = fitting.options;
  card.classes = class_names(settings.classes, card.options.classes);
  card.preprocess.size = static_cast<int>(zoo::find_model(card.model).input);
  card.preprocess.channels = static_cast<int>(card.options.channels);
  card.preprocess.mean = numbers(default_mean(card.options.channels), "mean");
  card.preprocess.std = numbers(default_std(card.options.channels), "std");
  return card;
}

/// Tensors of the right shapes; only counters, which a complete match may lack, have a value.
engine::State unfilled(const graph::Graph& graph) {
  engine::State state;
  for (const graph::Param& param : graph.params()) {
    state.tensors.push_back(param.integer ? at::zeros(param.shape, at::kLong) : at::empty(param.shape, at::kFloat));
  }
  return state;
}

}  // namespace

std::unique_ptr<Network> open_network(const std::filesystem::path& path, const OpenSettings& settings) {
  const std::string where = path.string();
  const weights::File file = weights::read(path);
  const weights::StateDict dict = weights::state_dict(file, settings.entry);
  std::optional<Card> card = card_of(file, where);
  if (card && !settings.model.empty() && settings.model != card->model) {
    fail_usage("{}: holds a {}, not a {}; leave out --model", where, card->model, settings.model);
  }
  if (card && !settings.classes.empty()) fail_usage("{}: names its classes itself; leave out --classes", where);
  auto network = std::make_unique<Network>();
  network->card = card ? *card : card_for_bare(dict, settings, where);
  zoo::expect_classifier(network->card.model);
  network->graph = zoo::build(network->card.model, network->card.options);
  const weights::Match match = weights::match(network->graph, dict);
  if (!match.complete()) {
    const char* remedy = card ? "copy or download it again" : "leave out --model to have the one found that fits";
    fail("{}: does not fit {}: {}; {}", where, network->card.model, weights::report(match), remedy);
  }
  network->state = unfilled(network->graph);
  engine::load(match, dict, network->state);
  network->executor = std::make_unique<engine::Executor>(network->graph);
  return network;
}

void release(const std::filesystem::path& path, const graph::Graph& graph, const engine::State& state,
             const Card& card) {
  weights::write_safetensors(path, engine::state_dict(graph, state), to_metadata(card));
}

}  // namespace springbok::train
