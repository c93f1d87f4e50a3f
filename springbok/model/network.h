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
#include "springbok/model/card.h"
#include "springbok/weights/fit/adopt.h"

namespace springbok::model {

struct Network {
  Card card;
  graph::Graph graph;
  engine::State state;
  std::unique_ptr<engine::Executor> executor;  ///< of `graph`, which therefore must not move
  bool preprocess_assumed = false;             ///< nothing tells how the weights want their images (known_preprocess.h)
  bool names_assumed = false;                  ///< neither the file nor the settings name the classes
  bool task_assumed = false;                   ///< nothing tells whether the outputs are classes or labels: classes
  std::string report;  ///< what was loaded, in one line; "" for a file that says what it is and holds all of it

  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
};

struct OpenSettings {
  std::string model = {};    ///< needed only for a file that does not say its model and fits none or several
  std::string entry = {};    ///< of the state dict inside, such as `state_dict_ema`; "" finds it
  std::string classes = {};  ///< file with one class name a line, in order of outputs; it wins over the file's own
  std::vector<std::string> allow = {};     ///< how it may fall short (weights/fit/allow.h); what it lacks starts anew
  std::string remedy = {};                 ///< what else to do where it does; "" looks for it
  std::optional<metrics::Task> task = {};  ///< of bare weights whose network is no segmenting one; nothing: classes
};

/// What a file says of itself, or nothing.
std::optional<Card> card_of(const tensors::File& file);

/// A file's tensors as its network's, and what is known of them.
struct Described {
  Card card;
  weights::Adopted weights;
  bool named_itself = false;        ///< the card is the file's own
  bool preprocess_assumed = false;  ///< nothing tells how the weights want their images
  bool names_assumed = false;       ///< neither the file nor the settings name the classes
  bool task_assumed = false;        ///< neither the file, the network nor the settings say the task
};

/// The way of every verb into a file with a network. What the file says of itself comes first, and the settings must
/// not contradict it. Else it is the settings' model or the one zoo entry that fits. Its classes, input channels and
/// stem are then those that the shapes say, its input the published one. 1000 classes are then ImageNet's unless
/// `classes` names them; others are numbered. Networks that score pixels segment; of others the outputs are what the
/// settings say, labels in Elastic's weights for MS-COCO, else classes. Throws Error for weights that fall short of the
/// model by more than is allowed, UsageError for a task that is not the file's or cannot be the network's.
Described open_weights(const tensors::File& file, const OpenSettings& settings);

/// Opens released weights (safetensors), a training checkpoint, or bare weights, by `open_weights`.
std::unique_ptr<Network> open_network(const std::filesystem::path& path, const OpenSettings& settings = {});

/// Writes released weights: the tensors under their names, the card as metadata.
void release(const std::filesystem::path& path, const graph::Graph& graph, const engine::State& state,
             const Card& card);

}  // namespace springbok::model
