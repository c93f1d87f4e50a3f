// Augmented training batches of any source, without LibTorch: loader SOURCE [BATCHES].
#include <springbok/base/error.h>
#include <springbok/base/threads.h>
#include <springbok/data/load/loader.h>

#include <cstdio>
#include <numeric>
#include <string>

using namespace springbok;

int main(int argc, char** argv) try {
  if (argc < 2) fail_usage("usage: loader SOURCE [BATCHES]");
  int left = argc > 2 ? std::stoi(argv[2]) : 3;
  const auto source = data::open_source(argv[1], data::Split::train);
  std::printf("%s\n", source->description().c_str());

  const data::Transform transform({.size = 64},
                                  {.scale_min = 0.25, .brightness = 0.4, .policy = data::PolicyKind::rand});
  data::Loader loader(*source, transform, {.batch = 8, .workers = usable_cores(), .seed = 1, .shuffle = true});
  for (auto batch = loader.next(); batch && left > 0; batch = loader.next(), --left) {
    const double sum = std::accumulate(batch->pixels.begin(), batch->pixels.end(), 0.0);
    std::printf("(%lld,%d,%d,%d), mean %.3f, labels", static_cast<long long>(batch->size), batch->height, batch->width,
                batch->channels, sum / static_cast<double>(batch->pixels.size()));
    for (const std::int64_t target : batch->targets) {
      std::printf(" %s", source->classes()[static_cast<std::size_t>(target)].c_str());
    }
    std::printf("\n");
    loader.recycle(std::move(*batch));
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "loader: %s\n", error.what());
  return 1;
}
