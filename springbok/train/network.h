// A network with its weights, opened from any file that holds them, ready to evaluate or predict.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/train/card.h"
#include "springbok/weights/read.h"

namespace springbok::train {

struct Network {
  Card card;
  graph::Graph graph;
  engine::State state;
  std::unique_ptr<engine::Executor> executor;  ///< of `graph`, which therefore must not move
  std::string report;  ///< what was loaded, in one line; "" for a file that says what it is and holds all of it

  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
};

struct OpenSettings {
  std::string model;    ///< needed only for a file that does not say its model and fits none or several
  std::string entry;    ///< of the state dict inside, such as `state_dict_ema`; "" finds it
  std::string classes;  ///< file with one class name a line, in order of outputs, for a file that names none
  std::vector<std::string> allow = {};  ///< how the file may fall short (weights/allow.h); what it lacks starts anew
};

/// What a file says of itself, or nothing.
std::optional<Card> card_of(const weights::File& file);

/// What is known of weights that say nothing of themselves: the settings' model, else the one zoo entry that matches
/// every key and shape under any known naming, with the classes, input channels and stem that the shapes say, and the
/// model's published input. 1000 classes are ImageNet's unless `classes` names them; others are numbered. Throws
/// UsageError listing the candidates when none or several match.
Card card_for_bare(const weights::StateDict& dict, const OpenSettings& settings, const std::string& where);

/// Opens released weights (safetensors), a training checkpoint, or bare weights (`card_for_bare`). Throws Error for
/// weights that fall short of the model by more than is allowed.
std::unique_ptr<Network> open_network(const std::filesystem::path& path, const OpenSettings& settings = {});

/// Writes released weights: the tensors under their names, the card as metadata.
void release(const std::filesystem::path& path, const graph::Graph& graph, const engine::State& state,
             const Card& card);

}  // namespace springbok::train
