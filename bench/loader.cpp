// Loads training batches from a source on request, for bench/loader.py.  `run N` on standard input loads N batches and
// answers with the CPU seconds that took and the images that were loaded.
#include "springbok/data/load/loader.h"

#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>

#include "springbok/base/error.h"
#include "springbok/data/augment/pixel_transform.h"

namespace {

using namespace springbok;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Endless epochs, one after the other.
class Batches {
 public:
  Batches(const data::Source& source, const data::SampleTransform& transform, data::LoaderSettings settings)
      : source_(source), transform_(transform), settings_(settings) {}

  std::int64_t load(std::int64_t count) {
    std::int64_t images = 0;
    while (count > 0) {
      if (!loader_) {
        loader_ = std::make_unique<data::Loader>(source_, transform_, settings_);
        ++settings_.epoch;
      }
      auto batch = loader_->next();
      if (!batch) {
        loader_.reset();
        continue;
      }
      images += batch->size;
      --count;
      loader_->recycle(std::move(*batch));
    }
    return images;
  }

 private:
  const data::Source& source_;
  const data::SampleTransform& transform_;
  data::LoaderSettings settings_;
  std::unique_ptr<data::Loader> loader_;
};

/// Crops of 224, or of images with masks of 257.
data::SampleTransform transform_for(const data::Source& source) {
  if (source.target_kind() != data::TargetKind::masks) return data::Transform(data::Preprocess{}, data::Augment{});
  return data::PixelTransform(data::Preprocess{}, {.crop = {257, 257}});
}

void serve(const std::string& source_of, int workers) {
  // epochs as long as people have them, at whose start the loader makes its batches' memory
  const auto source = data::repeated(data::open_source(source_of, data::Split::train), 1000);
  const data::SampleTransform transform = transform_for(*source);
  Batches batches(*source, transform, {.batch = 50, .workers = workers, .seed = 1, .shuffle = true});
  std::string word;
  std::int64_t count = 0;
  while (std::cin >> word >> count) {
    const double began = cpu_seconds();
    const std::int64_t images = batches.load(count);
    std::printf("{\"cpu_seconds\": %.6f, \"images\": %lld}\n", cpu_seconds() - began, static_cast<long long>(images));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_loader SOURCE WORKERS\n");
    return 2;
  }
  try {
    serve(argv[1], std::stoi(argv[2]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_loader: %s\n", error.what());
    return 1;
  }
}
