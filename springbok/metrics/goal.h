// Metrics by name, and what "best" means: the only rule by which evaluations are compared.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "springbok/metrics/task.h"

namespace springbok::metrics {

struct Metric {
  std::string key;   ///< `loss`, `top1`
  double value = 0;  ///< a loss as it is, shares in percent
  bool operator==(const Metric&) const = default;
};

/// In the order in which they are shown, the loss first.
using Metrics = std::vector<Metric>;

/// The value under a key; NaN where there is none.
double value_of(const Metrics& metrics, std::string_view key);

/// How tables and messages call a metric: `top-1`, `loss`; a key without a name of its own is its own.
std::string title_of(const std::string& key);

/// `{"loss": 0.5, "top1": 91.2}`, and back: every number of the object in its order (null is NaN). Throws Error naming
/// `where` for what is no number.
nlohmann::ordered_json to_json(const Metrics& metrics);
Metrics metrics_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// How a network did, after which epoch.
struct Score {
  std::int64_t epoch = 0;  ///< 0: none yet
  Metrics metrics = {};
};

/// `{"loss": ..., "top1": ..., "epoch": 3}`, and back.
nlohmann::ordered_json to_json(const Score& score);
Score score_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// What decides which evaluation is the best.
struct Goal {
  std::string key, title;  ///< `top1`, `top-1`
  bool higher = true;      ///< else lower values are better
  bool operator==(const Goal&) const = default;
};
Goal goal_of(const Task& task);

/// `{"metric": "top1", "higher": true}`, and back.
nlohmann::ordered_json to_json(const Goal& goal);
Goal goal_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// Whether `a` is strictly better than `b`: of equals the earlier one stays the best. What is no number is worse than
/// any.
bool better(const Goal& goal, const Metrics& a, const Metrics& b);

/// `loss 0.5123 top1 91.20`: loss and goal alone, or all.
std::string brief(const Metrics& metrics, const Goal& goal);
std::string line_of(const Metrics& metrics);

}  // namespace springbok::metrics
