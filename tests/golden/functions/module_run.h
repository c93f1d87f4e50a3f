// Running a graph of a module as its golden file did: filled parameters, one pass, the gradients of a weighted sum.
#pragma once

#include <functional>
#include <string>

#include "springbok/engine/effects.h"
#include "springbok/engine/state.h"
#include "springbok/graph/build.h"
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

/// A module's graph, its parameters and what its last pass gave.
class Module {
 public:
  using Build = std::function<graph::Value(const graph::Scope&, graph::Value)>;
  /// The file's key of one of our parameters.
  using KeyOf = std::function<std::string(const std::string&)>;

  /// Fills each parameter from its name, or from the file's key for it.
  Module(std::int64_t channels, const Build& build);
  /// Of a graph that has its output.
  explicit Module(graph::Graph finished, const KeyOf& key = {});

  graph::Graph graph;
  engine::State state;
  at::Tensor input, output;

  /// The parameter of a name of ours. Throws Error where there is none.
  at::Tensor& parameter(const std::string& name);
  /// One pass; statistics move where `train`.
  void run(const at::Tensor& x, bool train);
  /// Gradients of the last pass: of the sum of its output times the fill `__target__`.
  void backward();
};

/// The gradients of sum(output * T), T the fill `__target__`.
void backward_of_target(const at::Tensor& output);

/// The file's `output`, `grad_input` and `grads` (by the file's key) of a module that has run in evaluation.
void compare_module(Sheet& sheet, const std::string& what, Module& module, const nlohmann::json& wanted,
                    const Module::KeyOf& ours = {}, double gradient_bound = 1e-12);

// The kinds, by file.
void check_drop_block(Sheet& sheet);
void check_drop_path(Sheet& sheet);
void check_switch_norm(Sheet& sheet);
void check_activations(Sheet& sheet);
void check_deform_conv(Sheet& sheet);
void check_lip(Sheet& sheet);
void check_lip_bottleneck(Sheet& sheet);
void check_toolbox_counter(Sheet& sheet);
void check_elastic_counter(Sheet& sheet);

}  // namespace springbok::golden
