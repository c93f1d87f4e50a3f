// Opening weights: which network, which classes, which preprocessing.
#include "springbok/train/network.h"

#include <algorithm>
#include <sstream>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/train/plain.h"
#include "springbok/train/recipe.h"
#include "springbok/weights/allow.h"
#include "springbok/weights/candidates.h"
#include "springbok/weights/match.h"
#include "springbok/weights/write.h"
#include "springbok/zoo/imagenet.h"
#include "springbok/zoo/published_input.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

weights::Candidate the_fitting(const weights::StateDict& dict, const std::string& where) {
  const std::vector<weights::Candidate> found = weights::candidates(dict);
  const auto exact = std::count_if(found.begin(), found.end(), [](const auto& candidate) { return candidate.exact; });
  if (exact == 1) return found.front();
  std::vector<std::string> near;
  for (const weights::Candidate& candidate : found) {
    if (exact == 0 || candidate.exact) near.push_back(weights::to_text(candidate));
  }
  fail_usage("{}: {} its tensors; name one with --model: {}", where,
             exact == 0 ? "no model fits" : "several models fit", near.empty() ? "none is near" : join(near));
}

std::vector<std::string> class_names(const std::string& file, std::int64_t count) {
  if (file.empty() && count == std::ssize(zoo::imagenet_classes())) return zoo::imagenet_classes();
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

/// The published transform of the model's weights, for as many channels as the network reads.
data::Preprocess published_preprocess(const std::string& model, std::int64_t channels) {
  const zoo::PublishedInput input = zoo::published_input(model);
  data::Preprocess preprocess;
  preprocess.size = static_cast<int>(zoo::find_model(model).input);
  preprocess.channels = static_cast<int>(channels);
  preprocess.interpolation = input.interpolation;
  preprocess.crop_ratio = input.crop_ratio;
  const bool colour = channels == std::ssize(input.mean);
  preprocess.mean = colour ? input.mean : numbers(default_mean(channels), "mean");
  preprocess.std = colour ? input.std : numbers(default_std(channels), "std");
  return preprocess;
}

/// Tensors to be filled: where not all will be, with a new network's values.
engine::State unfilled(const graph::Graph& graph, bool all) {
  return all ? engine::allocate(graph) : engine::initialise(graph, 0);
}

/// `lite0.pth: efficientnet_lite0: loaded 296 tensors, ...`.
std::string line_of(const std::string& where, const std::string& model, const weights::Fit& fit) {
  const std::string rest = fit.match.complete() ? "" : "; what is not loaded starts anew";
  const std::string caveat = fit.caveat.empty() ? "" : "; note: " + fit.caveat;
  return format("{}: {}: {}{}{}", where, model, report(fit.match), rest, caveat);
}

}  // namespace

std::optional<Card> card_of(const weights::File& file) {
  if (has_card(file.metadata)) return card_from_metadata(file.metadata, file.name);
  const auto* root = std::get_if<weights::Dict>(&file.root.data);
  if (root == nullptr) return std::nullopt;
  Json json = Json::object();
  for (const char* key : {"model", "options", "classes", "preprocess", "metrics", "recipe_digest"}) {
    const weights::Value* value = weights::find(*root, key);
    if (value == nullptr) return std::nullopt;
    json[key] = to_json(*value, file.name + ": " + key);
  }
  if (const weights::Value* value = weights::find(*root, "preprocess_digest")) {
    json["preprocess_digest"] = to_json(*value, file.name + ": preprocess_digest");
  }
  return card_from_json(json, file.name);
}

Card card_for_bare(const weights::StateDict& dict, const OpenSettings& settings, const std::string& where) {
  const weights::Candidate fitting =
      settings.model.empty() ? the_fitting(dict, where) : weights::candidate(dict, settings.model);
  Card card;
  card.model = fitting.model;
  card.options = fitting.options;
  card.classes = class_names(settings.classes, card.options.classes);
  card.preprocess = published_preprocess(card.model, card.options.channels);
  return card;
}

std::unique_ptr<Network> open_network(const std::filesystem::path& path, const OpenSettings& settings) {
  const std::string where = path.string();
  const weights::File file = weights::read(path);
  const weights::StateDict dict = weights::state_dict(file, settings.entry);
  const std::optional<Card> card = card_of(file);
  if (card && !settings.model.empty() && settings.model != card->model) {
    fail_usage("{}: holds a {}, not a {}; leave out --model", where, card->model, settings.model);
  }
  if (card && !settings.classes.empty()) fail_usage("{}: names its classes itself; leave out --classes", where);
  auto network = std::make_unique<Network>();
  network->card = card ? *card : card_for_bare(dict, settings, where);
  for (std::string& name : network->card.classes) name = printable(name);  // as sources name theirs
  const std::string& model = network->card.model;
  zoo::expect_classifier(model);
  network->graph = zoo::build(model, network->card.options);
  const weights::Fit fit = weights::fit(model, network->graph, dict);
  if (!fit.match.complete()) {
    weights::expect_allowed(fit.match, weights::head_params(model, network->card.options), settings.allow,
                            format("{}: does not fit {}", where, model),
                            card ? "copy or download it again" : "leave out --model to have the one found that fits");
  }
  network->state = unfilled(network->graph, fit.match.complete());
  engine::load(fit.match, fit.dict, network->state);
  network->executor = std::make_unique<engine::Executor>(network->graph);
  if (!card || !fit.match.complete()) network->report = line_of(where, model, fit);
  return network;
}

void release(const std::filesystem::path& path, const graph::Graph& graph, const engine::State& state,
             const Card& card) {
  weights::write_safetensors(path, engine::state_dict(graph, state), to_metadata(card));
}

}  // namespace springbok::train
