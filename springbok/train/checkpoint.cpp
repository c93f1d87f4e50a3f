// Checkpoints as values, and back.
#include "springbok/train/checkpoint.h"

#include "springbok/base/error.h"
#include "springbok/train/manifest.h"
#include "springbok/train/plain.h"
#include "springbok/weights/match.h"
#include "springbok/weights/read.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "springbok-checkpoint-1";

Json sums_json(const tasks::Sums& sums) {
  Json json;
  json["samples"] = sums.samples;
  json["top1"] = sums.top1;
  json["top5"] = sums.top5;
  json["loss"] = sums.loss;
  return json;
}

tasks::Sums sums_from(const Json& json, const std::string& where) {
  const tasks::Sums sums{.samples = count_at(json, "samples", where),
                         .top1 = count_at(json, "top1", where),
                         .top5 = count_at(json, "top5", where),
                         .loss = json.at("loss")};
  if (sums.top1 > sums.top5 || sums.top5 > sums.samples) fail("{}: has more hits than samples", where);
  return sums;
}

Json plain(const Snapshot& p) {
  Json json;
  json["format"] = kFormat;
  json["epoch"] = p.position.epoch;
  json["step"] = p.position.step;
  json["step_in_epoch"] = p.position.step_in_epoch;
  json["sums"] = sums_json(p.position.sums);
  json["best_epoch"] = p.best.epoch;
  json["best_sums"] = sums_json(p.best.sums);
  json["recipe"] = p.recipe;
  json["data_digest"] = p.data_digest;
  json["threads"] = p.threads;
  json.update(to_json(p.card));
  return json;
}

Snapshot snapshot_from(const Json& json, const std::string& where) {
  Snapshot snapshot;
  snapshot.card = card_from_json(json, where);
  try {
    snapshot.position.epoch = count_at(json, "epoch", where);
    snapshot.position.step = count_at(json, "step", where);
    snapshot.position.step_in_epoch = count_at(json, "step_in_epoch", where);
    snapshot.position.sums = sums_from(json.at("sums"), where);
    snapshot.best.epoch = count_at(json, "best_epoch", where);
    snapshot.best.sums = sums_from(json.at("best_sums"), where);
    snapshot.recipe = json.at("recipe");
    snapshot.data_digest = json.at("data_digest");
    constexpr std::int64_t kMostThreads = 1024;
    const std::int64_t threads = count_at(json, "threads", where);
    if (threads > kMostThreads) fail("{}: its 'threads' is more than {}", where, kMostThreads);
    snapshot.threads = static_cast<int>(threads);
  } catch (const nlohmann::json::exception&) {
    fail("{}: a training checkpoint that lacks a part of its position, or has it in another form; it is cut or altered",
         where);
  }
  return snapshot;
}

/// The named entry's dictionary.
const weights::Dict& part(const weights::Dict& root, const std::string& key, const std::string& where) {
  const weights::Value* found = weights::find(root, key);
  const auto* dict = found == nullptr ? nullptr : std::get_if<weights::Dict>(&found->data);
  if (dict == nullptr) fail("{}: holds no '{}'", where, key);
  return *dict;
}

}  // namespace

weights::Value to_value(const Snapshot& snapshot, const weights::StateDict& state, const weights::Dict& optimizer) {
  weights::Dict tensors;
  for (const auto& [name, tensor] : state) tensors.emplace_back(name, weights::Value{tensor});
  weights::Dict root;
  root.emplace_back("state_dict", weights::Value{std::move(tensors)});
  root.emplace_back("optimizer", weights::Value{optimizer});
  const weights::Value rest = to_value(plain(snapshot));
  for (const auto& entry : std::get<weights::Dict>(rest.data)) root.push_back(entry);
  return {std::move(root)};
}

bool is_checkpoint(const weights::Dict& root) {
  const weights::Value* format = weights::find(root, "format");
  const auto* name = format == nullptr ? nullptr : std::get_if<std::string>(&format->data);
  return name != nullptr && *name == kFormat;
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  verify(path);
  const weights::File file = weights::read(path);
  const std::string where = path.string();
  const auto* root = std::get_if<weights::Dict>(&file.root.data);
  if (root == nullptr || !is_checkpoint(*root))
    fail("{}: not a training checkpoint of springbok; resume from one of RUN/checkpoints, or start from its weights with --init", where);
  Json json = Json::object();
  for (const auto& [key, value] : *root) {
    if (key != "state_dict" && key != "optimizer") json[key] = to_json(value, where + ": " + key);
  }
  Checkpoint checkpoint;
  checkpoint.path = path;
  checkpoint.snapshot = snapshot_from(json, where);
  checkpoint.state = weights::state_dict(file, "state_dict");
  checkpoint.optimizer = part(*root, "optimizer", where);
  return checkpoint;
}

void restore(const Checkpoint& checkpoint, const graph::Graph& graph, engine::State& state, Sgd& sgd) {
  const std::string where = checkpoint.path.string();
  const weights::Match match = weights::match(graph, checkpoint.state);
  if (!match.complete()) fail("{}: does not fit the network: {}", where, weights::report(match));
  engine::load(match, checkpoint.state, state);
  sgd.load(checkpoint.optimizer, where);
}

}  // namespace springbok::train
