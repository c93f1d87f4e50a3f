// Predicts the class of one image: embed IMAGE MODEL [WEIGHTS]. Without weights the network is fresh and the answer a
// guess.
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>
#include <springbok/base/error.h>
#include <springbok/base/file.h>
#include <springbok/data/transform.h>
#include <springbok/engine/executor.h>
#include <springbok/image/decode.h>
#include <springbok/weights/match.h>
#include <springbok/weights/read.h>
#include <springbok/zoo/zoo.h>

#include <cstdio>

using namespace springbok;

int main(int argc, char** argv) try {
  if (argc < 3) fail_usage("usage: embed IMAGE MODEL [WEIGHTS]");
  const graph::Graph net = zoo::build(argv[2]);
  engine::State state = engine::initialise(net, /*seed=*/1);
  if (argc > 3) {
    const weights::StateDict dict = weights::state_dict(weights::read(argv[3]));
    const weights::Match match = weights::match(net, dict);
    std::printf("%s\n", weights::report(match).c_str());
    engine::load(match, dict, state);
  }

  const data::Transform transform(data::Preprocess{});
  const std::int64_t size = transform.preprocess().size;
  std::vector<float> pixels(static_cast<std::size_t>(size * size * 3));  // (H,W,C)
  transform(image::decode(read_file(argv[1]), 3, argv[1]), Rng(0, "embed"), pixels.data());

  const at::NoGradGuard no_gradients;
  const at::Tensor input = at::from_blob(pixels.data(), {1, size, size, 3}).permute({0, 3, 1, 2});  // (N,C,H,W)
  const at::Tensor probabilities = engine::Executor(net).forward(state, input, {}).softmax(1);
  const auto best = probabilities.argmax(1).item<std::int64_t>();
  std::printf("class %ld, probability %.4f\n", static_cast<long>(best), probabilities[0][best].item<double>());
  return 0;
} catch (const Error& error) {
  std::fprintf(stderr, "embed: %s\n", error.what());
  return 1;
}
