// Opening weights: which network, which classes, which preprocessing.
#include "springbok/model/network.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/lines.h"
#include "springbok/base/quote.h"
#include "springbok/data/masks/voc_classes.h"
#include "springbok/model/known_preprocess.h"
#include "springbok/recipe/task_settings.h"
#include "springbok/tensors/plain.h"
#include "springbok/tensors/write.h"
#include "springbok/zoo/imagenet.h"

namespace springbok::model {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kSynsetLength = 9;

bool begins_with_synset(const std::string& line) {
  return zoo::is_synset(line.substr(0, kSynsetLength)) &&
         (line.size() == kSynsetLength || line[kSynsetLength] == ' ' || line[kSynsetLength] == '\t');
}

/// Networks of pixels with so many outputs are published for VOC's classes, by Elastic and torchvision.
std::vector<std::string> class_names(const std::string& file, std::int64_t count, bool pixels = false) {
  if (file.empty() && pixels && count == std::ssize(data::voc_classes())) return data::voc_classes();
  if (file.empty() && count == std::ssize(zoo::imagenet_classes())) return zoo::imagenet_classes();
  std::vector<std::string> names;
  if (file.empty()) {
    for (std::int64_t i = 0; i < count; ++i) names.push_back(format("{}", i));
    return names;
  }
  names = read_names(file);
  // The list that comes with ImageNet has `n01440764 tench, Tinca tinca` a line: ids are what folders are called.
  if (std::all_of(names.begin(), names.end(), begins_with_synset)) {
    for (std::string& name : names) name.resize(kSynsetLength);
  }
  if (static_cast<std::int64_t>(names.size()) != count) {
    fail("{}: names {} classes, the network has {}", file, names.size(), count);
  }
  return names;
}

/// Tensors to be filled: where not all will be, with a new network's values.
engine::State unfilled(const graph::Graph& graph, bool all) {
  return all ? engine::allocate(graph) : engine::initialise(graph, 0);
}

void check_task(const std::string& model, const metrics::Task& task) {
  const auto choice = find_choice<recipe::TaskChoice>(metrics::name_of(task), recipe::task_choices());
  recipe::check_network(model, choice.value());
}

Card card_for_bare(const weights::Adopted& adopted, const OpenSettings& settings) {
  Card card;
  card.model = adopted.model;
  card.options = adopted.options;
  if (settings.task) check_task(card.model, *settings.task);
  const bool pixels = zoo::find_model(card.model).task == zoo::Task::segment;
  if (pixels) card.task = metrics::Segment{};
  card.classes = class_names(settings.classes, card.options.classes, pixels);
  return card;
}

/// What the outputs of bare weights are: as the settings say, as is known of the file, or classes. Those that nobody
/// knows, and that are no ImageNet's, may as well be labels.
void choose_task(Described& found, bool known_labels, const OpenSettings& settings) {
  if (std::holds_alternative<metrics::Segment>(found.card.task)) return;
  if (known_labels) found.card.task = metrics::MultiLabel{};
  if (settings.task) found.card.task = *settings.task;
  found.task_assumed = !settings.task && !known_labels && found.preprocess_assumed &&
                       found.card.options.classes != std::ssize(zoo::imagenet_classes());
}

/// Gives the card of bare weights their preprocessing and task, and their classes' names where a configuration beside
/// them has some.
void complete(Described& found, const tensors::File& file, const OpenSettings& settings) {
  Card& card = found.card;
  KnownPreprocess known = known_preprocess(file, card.model, card.options);
  card.preprocess = std::move(known.preprocess);
  card.preprocess_from = std::move(known.from);
  if (std::holds_alternative<metrics::Segment>(card.task)) card.preprocess.fit = data::Fit::native;
  found.preprocess_assumed = known.assumed;
  choose_task(found, known.labels, settings);
  if (settings.classes.empty() && !known.classes.empty()) {
    card.classes = std::move(known.classes);
    found.names_assumed = false;
  }
}

}  // namespace

std::optional<Card> card_of(const tensors::File& file) {
  if (has_card(file.metadata)) return card_from_metadata(file.metadata, file.name);
  const auto* root = std::get_if<tensors::Dict>(&file.root.data);
  if (root == nullptr) return std::nullopt;
  Json json = Json::object();
  constexpr std::array kKeys{"model", "options", "classes", "preprocess", "metrics", "recipe_digest"};
  // Others' checkpoints have some of these keys too, with tensors under them.
  if (!is_checkpoint(*root)) return std::nullopt;
  for (const char* key : kKeys) {
    const tensors::Value* value = tensors::find(*root, key);
    if (value == nullptr)
      fail("{}: a training checkpoint that says nothing of '{}'; it is cut or altered", file.name, key);
    json[key] = to_json(*value, file.name + ": " + key);
  }
  for (const char* key : {"task", "preprocess_digest", "val_share"}) {
    if (const tensors::Value* value = tensors::find(*root, key)) json[key] = to_json(*value, file.name + ": " + key);
  }
  return card_from_json(json, file.name);
}

Described open_weights(const tensors::File& file, const OpenSettings& settings) {
  const std::optional<Card> card = card_of(file);
  if (card && !settings.model.empty() && settings.model != card->model) {
    fail_usage("{}: holds a {}, not a {}; leave out --model", file.name, card->model, settings.model);
  }
  if (card && settings.task && *settings.task != card->task) {
    fail_usage("{}: is of the task {}, not {}; leave out --task", file.name, metrics::name_of(card->task),
               metrics::name_of(*settings.task));
  }
  weights::Wanted wanted{.model = settings.model, .entry = settings.entry, .allow = settings.allow};
  wanted.remedy = settings.remedy;
  if (card) {
    wanted.model = card->model;
    wanted.options = card->options;
    wanted.described = true;
  }
  weights::Adopted adopted = weights::adopt(file, wanted);  // outside: GCC 12 destroys twice what stands before a throw
  Described result{.card = {}, .weights = std::move(adopted), .named_itself = card.has_value()};
  result.card = card ? *card : card_for_bare(result.weights, settings);
  if (card && !settings.classes.empty()) {
    result.card.classes = class_names(settings.classes, result.card.options.classes);
  }
  if (!card) {
    result.names_assumed = settings.classes.empty();
    complete(result, file, settings);
  }
  return result;
}

std::unique_ptr<Network> open_network(const std::filesystem::path& path, const OpenSettings& settings) {
  const tensors::File file = tensors::read(path);
  Described found = open_weights(file, settings);
  const weights::Fit& fit = found.weights.fit;
  auto network = std::make_unique<Network>();
  network->card = std::move(found.card);
  network->preprocess_assumed = found.preprocess_assumed;
  std::string& from = network->card.preprocess_from;
  if (found.named_itself) from = from.empty() ? "stored" : format("stored ({})", from);
  for (std::string& name : network->card.classes) name = printable(name);  // as sources name theirs
  network->graph = std::move(found.weights.graph);
  network->state = unfilled(network->graph, fit.match.complete());
  engine::load(fit.match.pairs, fit.dict, network->state);
  network->executor = std::make_unique<engine::Executor>(network->graph);
  if (!found.named_itself || !fit.match.complete()) {
    network->report = line_of(file, found.weights) + (fit.match.complete() ? "" : "; what is not loaded starts anew");
  }
  network->names_assumed = found.names_assumed;
  network->task_assumed = found.task_assumed;
  if (!found.named_itself && !found.preprocess_assumed) network->report += "; images as " + from;
  if (found.named_itself && !settings.classes.empty()) {
    network->report += format("{}{}: the outputs are named by {}, not by the weights",
                              network->report.empty() ? "" : "; ", file.name, settings.classes);
  }
  return network;
}

void release(const std::filesystem::path& path, const graph::Graph& graph, const engine::State& state,
             const Card& card) {
  tensors::write_safetensors(path, engine::state_dict(graph, state), to_metadata(card));
}

}  // namespace springbok::model
