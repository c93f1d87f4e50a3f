// Branching: a new run that goes on from another's checkpoint, mostly under a changed recipe.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "springbok/recipe/pace.h"
#include "springbok/recipe/recipe.h"
#include "springbok/run/position.h"
#include "springbok/train/checkpoint.h"

namespace springbok::train {

/// What differs between two resolved recipes, then and now: `{"epochs": [12, 20]}`. Where and how a run runs is left
/// out.
nlohmann::ordered_json changes_between(const recipe::Recipe& then, const recipe::Recipe& now);

/// `epochs 12 -> 20, lr 0.05 -> 0.01`.
std::string changes_text(const nlohmann::ordered_json& changes);

/// What a new run says of the one that it goes on from: `run checkpoint sha256 epoch step changed`.
nlohmann::ordered_json parent_of(const Checkpoint& checkpoint, const nlohmann::ordered_json& changes);

/// Where the checkpoint stands, counted in steps of the new run: after as many epochs and images, and no faults. Throws
/// UsageError for a place in an epoch that no whole number of such steps reaches.
run::Position position_in(const Checkpoint& checkpoint, const recipe::Pace& then, const recipe::Pace& now);

/// Throws UsageError where the changed recipe leaves nothing to train.
void expect_something_left(const Checkpoint& checkpoint, const recipe::Recipe& now);

/// Loads the weights, the optimizer's state, the loss scaler's and the plateau's. What each parameter's update needs is
/// found by the parameter, so that other groups take it over; another kind of optimizer starts anew. `own`: the
/// network, where it is a program's. Throws Error for another network.
void restore_branch(const Checkpoint& checkpoint, const recipe::Recipe& then, const recipe::Recipe& now,
                    Learner& learner, const graph::Graph* own);
/// Loads the averages of the weights where there are as many of their kind; else they begin now.
void take_averages(const Checkpoint& checkpoint, const recipe::Recipe& then, Learner& learner);

}  // namespace springbok::train
