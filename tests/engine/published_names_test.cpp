// Networks loaded from other publishers' names give the numbers of those publishers' code.
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/engine/executor.h"
#include "springbok/weights/fit/match.h"
#include "springbok/weights/fit/naming.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/golden.h"

namespace springbok::engine {
namespace {

/// What the publisher's file would hold: everything filled from its name there.
tensors::StateDict published_dict(const weights::Naming& naming, const graph::Graph& graph) {
  tensors::StateDict dict;
  for (std::size_t i = 0; i < naming.keys.size(); ++i) {
    const graph::Param& param = graph.params()[i];
    if (!param.integer) dict.emplace_back(naming.keys[i], to_plain(golden::fill(naming.keys[i], param.shape)));
  }
  return dict;
}

TEST(PublishedNames, GiveThePublishersLogits) {
  std::ifstream file(std::string(SPRINGBOK_SOURCE_DIR) + "/tests/weights/fixtures/published.json");
  const at::NoGradGuard no_grad;
  const at::Tensor input = golden::fill("__input__", {2, 3, 64, 64});
  int compared = 0;
  for (const auto& row : nlohmann::json::parse(file)) {
    if (!row.contains("logits")) continue;
    const std::string model = row["model"], publisher = row["publisher"];
    const graph::Graph graph = zoo::build(model);
    const auto all = weights::namings(model, graph);
    const auto naming = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == publisher; });
    ASSERT_NE(naming, all.end());
    const weights::Fit fit = weights::fit(model, graph, published_dict(*naming, graph));
    ASSERT_TRUE(fit.match.complete()) << report(fit.match);
    EXPECT_EQ(fit.match.naming, publisher);
    State state = initialise(graph, 0, at::kDouble);
    load(fit.match.pairs, fit.dict, state);
    const at::Tensor output = Executor(graph).forward(state, input, {});
    const double scale = output.abs().max().item<double>();
    for (std::size_t i = 0; i < row["logits"].size(); ++i) {
      EXPECT_NEAR(output[0][static_cast<std::int64_t>(i)].item<double>(), row["logits"][i], 1e-9 * scale)
          << model << " as " << row["factory"];
    }
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

}  // namespace
}  // namespace springbok::engine
