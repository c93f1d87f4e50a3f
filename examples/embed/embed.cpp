// Names what an image shows, as `springbok predict` does: embed IMAGE WEIGHTS. The weight file (Springbok's own, or
// published ones) says which network it is, how images are prepared for it, and what its classes are called.
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>
#include <springbok/base/error.h>
#include <springbok/base/file.h>
#include <springbok/data/augment/transform.h>
#include <springbok/image/decode.h>
#include <springbok/model/network.h>

#include <cstdio>

using namespace springbok;

int main(int argc, char** argv) try {
  if (argc != 3) fail_usage("usage: embed IMAGE WEIGHTS");
  const auto network = model::open_network(argv[2]);  // an Error for weights that are not all of a network's
  if (!network->report.empty()) std::fprintf(stderr, "%s\n", network->report.c_str());

  const data::Preprocess& prepared = network->card.preprocess;
  const std::int64_t size = prepared.size, channels = prepared.channels;
  std::vector<float> pixels(static_cast<std::size_t>(size * size * channels));  // (H,W,C)
  const data::Transform transform(prepared);
  transform(image::decode(read_file(argv[1]), prepared.channels, argv[1]), Rng(0, "embed"), pixels.data());

  const at::NoGradGuard no_gradients;
  const at::Tensor input = at::from_blob(pixels.data(), {1, size, size, channels}).permute({0, 3, 1, 2});  // (N,C,H,W)
  const at::Tensor probabilities = network->executor->forward(network->state, input, {}).softmax(1)[0];
  const auto best = probabilities.argmax().item<std::int64_t>();
  std::printf("%s, probability %.4f\n", network->card.classes[static_cast<std::size_t>(best)].c_str(),
              probabilities[best].item<double>());
  return 0;
} catch (const Error& error) {
  std::fprintf(stderr, "embed: %s\n", error.what());
  return 1;
}
