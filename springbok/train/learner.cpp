// Saving and loading all that learns.
#include "springbok/train/learner.h"

#include "springbok/base/error.h"
#include "springbok/weights/fit/match.h"

namespace springbok::train {
namespace {

template <class T>
const T& needed(const tensors::Dict& root, const std::string& key, const std::string& where) {
  const T* found = tensors::find_as<T>(root, key);
  if (found == nullptr) fail("{}: holds no '{}'", where, key);
  return *found;
}

}  // namespace

void Learner::average(std::int64_t step) {
  for (const auto& each : averages) each->update(state, step);
}

void Learner::end_epoch(std::int64_t epoch) {
  for (const auto& each : averages) each->end_epoch(state, epoch);
}

tensors::Dict Learner::save(double lr) const {
  tensors::Dict weights;
  for (const auto& [name, tensor] : engine::state_dict(graph, state))
    weights.emplace_back(name, tensors::Value{tensor});
  tensors::Dict root{{"state_dict", {std::move(weights)}}, {"optimizer", {optimizer->state_dict(lr)}}};
  tensors::List list;
  for (const auto& each : averages) list.push_back({each->save()});
  if (!list.empty()) root.emplace_back("averages", tensors::Value{std::move(list)});
  if (scaler) root.emplace_back("scaler", tensors::Value{scaler->save()});
  if (plateau) root.emplace_back("plateau", tensors::Value{plateau->save()});
  return root;
}

void Learner::load_averages(const tensors::Dict& root, const std::string& where) {
  const tensors::List none;
  const auto* list = tensors::find_as<tensors::List>(root, "averages");
  const tensors::List& saved = list == nullptr ? none : *list;
  if (saved.size() != averages.size()) {
    fail("{}: holds {} averages of the weights, this training keeps {}", where, saved.size(), averages.size());
  }
  for (std::size_t i = 0; i < averages.size(); ++i) {
    const auto* dict = std::get_if<tensors::Dict>(&saved[i].data);
    if (dict == nullptr) fail("{}: its average {} is no dictionary", where, i);
    averages[i]->load(*dict, where);
  }
}

void Learner::load_weights(const tensors::StateDict& dict, const std::string& where) {
  const weights::Match match = weights::match(graph, dict);
  if (!match.complete()) fail("{}: does not fit the network: {}", where, weights::report(match));
  engine::load(match.pairs, dict, state);
}

void Learner::load(const tensors::Dict& root, const tensors::StateDict& dict, const std::string& where) {
  load_weights(dict, where);
  optimizer->load(needed<tensors::Dict>(root, "optimizer", where), where);
  load_averages(root, where);
  if (scaler) scaler->load(needed<tensors::Dict>(root, "scaler", where), where);
  if (plateau) plateau->load(needed<tensors::Dict>(root, "plateau", where), where);
}

}  // namespace springbok::train
