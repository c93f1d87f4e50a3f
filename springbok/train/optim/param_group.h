// Parameters as optimizers see them: groups that share what is set for them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::train {

/// One parameter of a state; the tensor is the state's own.
struct Slot {
  graph::ParamId param = graph::kNoParam;
  std::string name;
  at::Tensor value;
};

struct ParamGroup {
  double weight_decay = 0;
  double lr_scale = 1;    ///< of the step's learning rate
  bool matrices = false;  ///< what Muon moves as matrices
  std::vector<Slot> slots;
};

/// The trainable parameters in the graph's order: one group that decays, and one that does not. The second has norm
/// weights and biases (`Param::decay` is false); there is none where these decay too or are absent. Throws Error for a
/// state of another graph.
std::vector<ParamGroup> decay_groups(const graph::Graph& graph, const engine::State& state, double weight_decay,
                                     bool norm_decay);

/// How parameters are parted: by a layer's rate, by what Muon moves, by weight decay.
struct Grouping {
  double weight_decay = 0;
  bool norm_decay = true;
  std::vector<std::string> head = {};  ///< names of the head's parameters
  double last_mult = 1;                ///< their rate is so many times the others'
  double layer_decay = 1;              ///< a layer's rate is so many times that of the one behind it
  bool muon = false;                   ///< whether matrices stand apart
  bool muon_linear = false;            ///< those of linear layers too
  double rest_scale = 1;               ///< rate of what is no matrix, where they stand apart
};

/// The trainable parameters in groups: by layer from first to last, then matrices first, then decayed ones first. In a
/// group the graph's order. Without layers, head and Muon these are `decay_groups`.
std::vector<ParamGroup> make_groups(const graph::Graph& graph, const engine::State& state, const Grouping& grouping);

/// Each parameter's layer, counted from 0; the head is the last. A layer is a numbered module (`layer1.0`,
/// `features.3`), or the parameters without one that stand together (the stem). As timm's group_matcher has it for its
/// ResNets.
std::vector<std::int64_t> layers_of(const graph::Graph& graph, const std::vector<std::string>& head);

/// decay^(layers - 1 - i): the rates' scales from the first layer to the last (Clark et al. 2020; Bao et al. 2022).
std::vector<double> layer_scales(std::int64_t layers, double decay);

/// The gradients that are there, in order.
std::vector<at::Tensor> gradients_of(const std::vector<ParamGroup>& groups);

}  // namespace springbok::train
