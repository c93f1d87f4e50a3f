// Ramps: what a step multiplies the drop probabilities by.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"
#include "tests/golden/golden.h"
#include "tests/support/message_of.h"

namespace springbok::engine {
namespace {

using namespace graph;
using testing::message_of;

struct Probabilities {
  double dropout = 0.4, drop_path = 0.4, drop_block = 0.4;
};

/// The three side by side, so that each shows in channels of its own.
at::Tensor run(const Probabilities& p, const Ramps& ramps) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 2);
  output(concat({dropout(root / "a", x, p.dropout), drop_path(root / "b", x, p.drop_path),
                 drop_block(root / "c", x, {.p = p.drop_block, .block = 2})}));
  const State state;
  return Executor(graph).forward(state, golden::fill("__input__", {16, 2, 6, 6}),
                                 {.train = true, .seed = 1, .step = 2, .ramps = ramps});
}

TEST(Ramps, ScaleTheProbabilityOfTheirOwnKind) {
  const at::Tensor plain = run({}, {});
  EXPECT_TRUE(at::equal(plain, run({}, {.dropout = 1, .drop_path = 1, .drop_block = 1})));
  EXPECT_TRUE(at::equal(run({}, {.dropout = 0.5}), run({.dropout = 0.2}, {})));
  EXPECT_TRUE(at::equal(run({}, {.drop_path = 0.5}), run({.drop_path = 0.2}, {})));
  EXPECT_TRUE(at::equal(run({}, {.drop_block = 0.5}), run({.drop_block = 0.2}, {})));
  EXPECT_FALSE(at::equal(plain, run({}, {.dropout = 0.5})));
  EXPECT_FALSE(at::equal(plain, run({}, {.drop_path = 0.5})));
  EXPECT_FALSE(at::equal(plain, run({}, {.drop_block = 0.5})));
}

TEST(Ramps, AtZeroNothingIsDropped) {
  const at::Tensor x = golden::fill("__input__", {16, 2, 6, 6});
  const at::Tensor y = run({}, {.dropout = 0, .drop_path = 0, .drop_block = 0});
  EXPECT_TRUE(at::equal(y.narrow(1, 0, 4), at::cat({x, x}, 1)));
  EXPECT_TRUE(at::allclose(y.narrow(1, 4, 2), x, 1e-6, 0)) << "DropBlock's scale is that of its mask";
}

TEST(Ramps, AreShares) {
  EXPECT_EQ(message_of<Error>([] { run({}, {.dropout = 1.5}); }), "the ramp of dropout is between 0 and 1, got 1.5");
  EXPECT_EQ(message_of<Error>([] { run({}, {.drop_path = -1}); }), "the ramp of drop path is between 0 and 1, got -1");
  EXPECT_EQ(message_of<Error>([] { run({}, {.drop_block = std::nan("")}); }),
            "the ramp of DropBlock is between 0 and 1, got nan");
}

}  // namespace
}  // namespace springbok::engine
