// The card: what weights must say about themselves to be used: network, options, classes, preprocessing, metrics.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "springbok/data/augment/transform.h"
#include "springbok/metrics/goal.h"
#include "springbok/metrics/task.h"
#include "springbok/tensors/value.h"
#include "springbok/zoo/zoo.h"

namespace springbok::model {

struct Card {
  std::string model;
  zoo::ModelOptions options;
  std::vector<std::string> classes;  ///< in the order of the network's outputs
  data::Preprocess preprocess;
  std::string preprocess_from;          ///< how it is known: `published: torchvision IMAGENET1K_V2`; "" as trained here
  std::optional<metrics::Score> score;  ///< on their validation images; none for weights that were never evaluated
  metrics::Task task = {};
  std::string recipe_digest;
  double val_share = 0;  ///< of the training images, held out (`data::held_out`); 0: the data had validation images
};

/// As one object, and back. Reading throws Error naming `where` and the key.
nlohmann::ordered_json to_json(const Card& card);
Card card_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// As a safetensors file's metadata: each entry of the object as JSON text (texts as they are), and back.
std::map<std::string, std::string> to_metadata(const Card& card);
Card card_from_metadata(const std::map<std::string, std::string>& metadata, const std::string& where);

/// A training checkpoint's entry `format`. The first version had `best_sums` in place of `best_metrics`.
inline constexpr const char* kCheckpointFormat = "springbok-checkpoint-2";
inline constexpr const char* kCheckpointFormatBefore = "springbok-checkpoint-1";
/// Whether a file's root is a training checkpoint's, of either version.
bool is_checkpoint(const tensors::Dict& root);

/// Whether a file's metadata are a card's.
bool has_card(const std::map<std::string, std::string>& metadata);

}  // namespace springbok::model
