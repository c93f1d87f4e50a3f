// The steps of one network's passes.
#include "springbok/cli/model_steps.h"

#include <ATen/ops/zeros.h>

#include <nlohmann/json.hpp>

#include "springbok/base/json.h"
#include "springbok/base/text.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/engine/steps.h"
#include "springbok/engine/threads.h"

namespace springbok::cli {

std::string model_steps(const graph::Graph& graph, std::int64_t size, bool json) {
  engine::set_compute_threads(1);  // enough for two small passes, and no wait for others on a busy machine
  engine::State state = engine::allocate(graph);
  for (at::Tensor& tensor : state.tensors) tensor.zero_();
  const engine::Executor executor(graph);
  const graph::Shape shape{2, std::get<graph::Input>(graph.node(0).op).channels, size, size};
  const at::Tensor images = at::zeros(shape).contiguous(at::MemoryFormat::ChannelsLast);
  const engine::Steps training = executor.steps(state, images, {.train = true});
  const engine::Steps evaluation = executor.steps(state, images, {});
  if (json) {
    return json_text({{"input", shape},
                      {"training", engine::steps_json(graph, training)},
                      {"evaluation", engine::steps_json(graph, evaluation)}},
                     1) +
           "\n";
  }
  const std::string input = graph::to_text(shape) + ", float32, channels last";
  return "training, " + input + "\n" + engine::steps_text(graph, training) + "\nevaluation, " + input + "\n" +
         engine::steps_text(graph, evaluation);
}

}  // namespace springbok::cli
