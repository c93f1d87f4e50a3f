// The card: what weights must say about themselves to be used: network, options, classes, preprocessing, metrics.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "springbok/data/transform.h"
#include "springbok/zoo/zoo.h"

namespace springbok::train {

struct Card {
  std::string model;
  zoo::ModelOptions options;
  std::vector<std::string> classes;  ///< in the order of the network's outputs
  data::Preprocess preprocess;
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();  ///< `top1`, `top5`, `loss`, `epoch`
  std::string recipe_digest;
};

/// As one object, and back. Reading throws Error naming `where` and the key.
nlohmann::ordered_json to_json(const Card& card);
Card card_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// As a safetensors file's metadata: each entry of the object as JSON text (texts as they are), and back.
std::map<std::string, std::string> to_metadata(const Card& card);
Card card_from_metadata(const std::map<std::string, std::string>& metadata, const std::string& where);

/// Whether a file's metadata are a card's.
bool has_card(const std::map<std::string, std::string>& metadata);

}  // namespace springbok::train
