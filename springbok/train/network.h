// A network with its weights, opened from any file that holds them, ready to evaluate or predict.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/train/card.h"

namespace springbok::train {

struct Network {
  Card card;
  graph::Graph graph;
  engine::State state;
  std::unique_ptr<engine::Executor> executor;  ///< of `graph`, which therefore must not move

  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
};

struct OpenSettings {
  std::string model;    ///< needed only for a file that does not say its model and fits none or several
  std::string entry;    ///< of the state dict inside, such as `state_dict_ema`; "" finds it
  std::string classes;  ///< file with one class name a line, in order of outputs, for a file that names none
};

/// Opens released weights (safetensors), a training checkpoint, or bare weights. Bare weights get the one zoo entry
/// that matches every key and shape, with the classes, input channels and stem that the shapes say, the model's
/// published input size and ImageNet's preprocessing; their classes are named by number unless `classes` is given.
/// Throws UsageError listing the candidates when none or several match, Error for weights that do not fit the model.
std::unique_ptr<Network> open_network(const std::filesystem::path& weights, const OpenSettings& settings = {});

/// Writes released weights: the tensors under their names, the card as metadata.
void release(const std::filesystem::path& path, const graph::Graph& graph, const engine::State& state,
             const Card& card);

}  // namespace springbok::train
