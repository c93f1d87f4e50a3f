// Reads COCO's annotations once and prints the seconds, the memory beyond what it returns, and counts: `bench_coco
// FILE`.
#include "springbok/data/labels/coco.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/label_sizes.h"

namespace {

using namespace springbok;

/// A field of /proc/self/status, in bytes.
std::size_t memory(const std::string& field) {
  const std::string text = read_text("/proc/self/status");
  return std::stoull(text.substr(text.find(field + ":") + field.size() + 1)) * 1024;
}

void run(const std::string& path) {
  const std::size_t before = memory("VmRSS");
  const auto start = std::chrono::steady_clock::now();
  const data::CocoInstances coco = data::read_coco(path);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const std::size_t peak = memory("VmHWM") - before;
  std::size_t results = coco.labels.size() + coco.images.size() * sizeof(data::CocoImage);
  for (const data::CocoImage& image : coco.images) results += image.file.capacity();
  const auto shown = [&](std::uint8_t size) {
    return std::count_if(coco.labels.begin(), coco.labels.end(), [&](auto bits) { return (bits & size) != 0; });
  };
  std::printf("seconds=%.6f peak=%zu results=%zu images=%zu objects=%lld small=%td medium=%td large=%td\n",
              seconds.count(), peak, results, coco.images.size(), static_cast<long long>(coco.objects), shown(kSmall),
              shown(kMedium), shown(kLarge));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: bench_coco FILE\n", stderr), 2;
  try {
    run(argv[1]);
  } catch (const Error& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
}
