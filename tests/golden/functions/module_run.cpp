// Running a graph of a module as its golden file did.
#include "tests/golden/functions/module_run.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/engine/executor.h"

namespace springbok::golden {

using nlohmann::json;

namespace {

graph::Graph built(std::int64_t channels, const Module::Build& build) {
  graph::Graph graph;
  graph::output(build({&graph, ""}, graph::input(graph, channels)));
  return graph;
}

}  // namespace

Module::Module(std::int64_t channels, const Build& build) : Module(built(channels, build)) {}

Module::Module(graph::Graph finished, const KeyOf& key) : graph(std::move(finished)) {
  state = engine::allocate(graph, at::kDouble);
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    const graph::Param& param = graph.params()[i];
    if (param.integer) continue;
    at::Tensor filled = fill(key ? key(param.name) : param.name, param.shape);
    state.tensors[i] = filled.set_requires_grad(param.trainable && !param.buffer);
  }
}

at::Tensor& Module::parameter(const std::string& name) {
  const auto& params = graph.params();
  const auto at = std::find_if(params.begin(), params.end(), [&](const graph::Param& p) { return p.name == name; });
  if (at == params.end()) fail("the module has no tensor '{}'", name);
  return state.tensors[at - params.begin()];
}

void Module::run(const at::Tensor& x, bool train) {
  input = x.detach().clone().set_requires_grad(true);
  engine::Effects effects;
  output = engine::Executor(graph).forward(state, input, {.train = train, .effects = train ? &effects : nullptr});
  effects.apply(state);
}

void Module::backward() {
  backward_of_target(output);
}

void backward_of_target(const at::Tensor& output) {
  at::sum(at::mul(output, fill_scaled("__target__", output.sizes().vec(), 1))).backward();
}

void compare_module(Sheet& sheet, const std::string& what, Module& module, const json& wanted,
                    const Module::KeyOf& ours, double gradient_bound) {
  sheet.tensor(what + ": output", module.output, Sheet::need(wanted, "output"));
  if (!wanted.contains("grad_input")) return;
  module.backward();
  sheet.tensor(what + ": grad_input", module.input.grad(), wanted["grad_input"], gradient_bound);
  if (!wanted.contains("grads")) return;
  for (const auto& [name, gradient] : wanted["grads"].items()) {
    const at::Tensor& tensor = module.parameter(ours ? ours(name) : name);
    sheet.tensor(format("{}: gradient of {}", what, name), tensor.grad(), gradient, gradient_bound);
  }
}

}  // namespace springbok::golden
