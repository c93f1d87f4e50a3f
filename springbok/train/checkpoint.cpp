// Checkpoints as values, and back.
#include "springbok/train/checkpoint.h"

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/json_number.h"
#include "springbok/base/quote.h"
#include "springbok/run/manifest.h"
#include "springbok/tensors/plain.h"
#include "springbok/tensors/read.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kGiven = "given";  ///< what a dumped step was given: not of interest here (dump.h)

Json plain(const Snapshot& p) {
  Json json;
  json["format"] = model::kCheckpointFormat;
  json["epoch"] = p.position.epoch;
  json["step"] = p.position.step;
  json["step_in_epoch"] = p.position.step_in_epoch;
  json["sums"] = metrics::to_json(p.position.sums);
  if (p.position.skipped > 0) json["skipped"] = p.position.skipped;
  if (p.position.rollbacks > 0) json["rollbacks"] = p.position.rollbacks;
  json["best_epoch"] = p.best.epoch;
  json["best_metrics"] = metrics::to_json(p.best.metrics);
  json["recipe"] = p.recipe;
  json["data_digest"] = p.data_digest;
  json["validation_digest"] = p.validation_digest;
  if (!p.teacher_digest.empty()) json["teacher_digest"] = p.teacher_digest;
  json["threads"] = p.threads;
  if (p.ranks > 1) json["ranks"] = p.ranks;
  if (!p.parent.is_null()) json["parent"] = p.parent;
  json.update(to_json(p.card));
  return json;
}

/// A text; "" for one that checkpoints of before do not have.
std::string text_of(const Json& json, const std::string& key, const std::string& where) {
  if (!json.contains(key)) return "";
  if (!json[key].is_string())
    fail("{}: its '{}' must be a text and is {}; it is damaged", where, key, shortened(json_text(json[key])));
  return json[key];
}

/// A checkpoint of before has the sums that they are made of.
metrics::Metrics best_metrics(const Json& json, const metrics::Task& task, const std::string& where) {
  if (json.contains("best_metrics")) return metrics::metrics_from_json(json["best_metrics"], where + ": best_metrics");
  const Json& sums = field(json, "best_sums", where);
  return metrics::metrics_of(metrics::tally_from_json(sums, task, where + ": best_sums"));
}

Snapshot snapshot_from(const Json& json, const std::string& where) {
  constexpr std::int64_t kMostThreads = 1024;
  Snapshot snapshot;
  snapshot.card = model::card_from_json(json, where);
  run::Position& position = snapshot.position;
  position.epoch = whole_number(json, "epoch", where);
  position.step = whole_number(json, "step", where, position.epoch);
  position.step_in_epoch = whole_number(json, "step_in_epoch", where, 0, position.step);
  position.sums = metrics::tally_from_json(field(json, "sums", where), snapshot.card.task, where + ": sums");
  if (json.contains("skipped")) position.skipped = whole_number(json, "skipped", where);
  if (json.contains("rollbacks")) position.rollbacks = whole_number(json, "rollbacks", where);
  snapshot.best.epoch = whole_number(json, "best_epoch", where, 0, position.epoch);
  snapshot.best.metrics = best_metrics(json, snapshot.card.task, where);
  snapshot.recipe = field(json, "recipe", where);
  snapshot.data_digest = text_of(json, "data_digest", where);
  snapshot.validation_digest = text_of(json, "validation_digest", where);
  snapshot.teacher_digest = text_of(json, "teacher_digest", where);
  snapshot.threads = static_cast<int>(whole_number(json, "threads", where, 1, kMostThreads));
  if (json.contains("ranks")) snapshot.ranks = static_cast<int>(whole_number(json, "ranks", where, 1));
  if (json.contains("parent")) snapshot.parent = json["parent"];
  return snapshot;
}

/// Whether an entry of the root is the learner's, beside its weights.
bool is_learners(const std::string& key) {
  return key == "optimizer" || key == "averages" || key == "scaler" || key == "plateau" || key == kRankStatistics;
}

}  // namespace

tensors::Dict to_dict(const Snapshot& snapshot, tensors::Dict learner) {
  tensors::Dict root = std::move(learner);
  const tensors::Value rest = tensors::to_value(plain(snapshot));
  for (const auto& entry : std::get<tensors::Dict>(rest.data)) root.push_back(entry);
  return root;
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  run::verify(path);
  const tensors::File file = tensors::read(path);
  const std::string where = path.string();
  const auto* root = std::get_if<tensors::Dict>(&file.root.data);
  if (root == nullptr || !model::is_checkpoint(*root))
    fail(
        "{}: not a training checkpoint of springbok; resume from one of RUN/checkpoints, or start from its weights "
        "with --init",
        where);
  Json json = Json::object();
  Checkpoint checkpoint;
  checkpoint.path = path;
  for (const auto& [key, value] : *root) {
    if (is_learners(key)) {
      checkpoint.learner.push_back({key, value});
    } else if (key != "state_dict" && key != kGiven) {
      json[key] = to_json(value, where + ": " + key);
    }
  }
  checkpoint.snapshot = snapshot_from(json, where);
  checkpoint.state = tensors::state_dict(file, "state_dict");
  if (tensors::find(checkpoint.learner, "optimizer") == nullptr) fail("{}: holds no 'optimizer'", where);
  return checkpoint;
}

tensors::StateDict best_weights(const Checkpoint& checkpoint) {
  const auto* list = tensors::find_as<tensors::List>(checkpoint.learner, "averages");
  if (list == nullptr || list->empty()) return checkpoint.state;
  const auto* first = std::get_if<tensors::Dict>(&list->front().data);
  tensors::StateDict weights;
  for (const auto& [name, value] : first == nullptr ? tensors::Dict{} : *first) {
    if (const auto* tensor = std::get_if<tensors::Tensor>(&value.data)) weights.emplace_back(name, *tensor);
  }
  if (weights.size() != checkpoint.state.size())
    fail("{}: its average is not of all weights", checkpoint.path.string());
  return weights;
}

void restore(const Checkpoint& checkpoint, Learner& learner) {
  learner.load(checkpoint.learner, checkpoint.state, checkpoint.path.string());
}

}  // namespace springbok::train
