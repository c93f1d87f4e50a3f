// Loads a weight file once and prints the seconds and the memory it took: `bench_weights FILE copy|map`.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/tensors/convert.h"
#include "springbok/tensors/read.h"

namespace {

using namespace springbok;
using namespace springbok::tensors;

/// A field of /proc/self/status, in bytes.
std::size_t memory(const std::string& field) {
  const std::string text = read_text("/proc/self/status");
  return std::stoull(text.substr(text.find(field + ":") + field.size() + 1)) * 1024;
}

/// Every tensor in memory of its own, as a network takes them.
std::vector<std::unique_ptr<std::byte[]>> copy(const tensors::File& file) {
  constexpr std::size_t kReleaseEvery = 8 << 20;
  std::vector<std::unique_ptr<std::byte[]>> copies;
  std::size_t since = 0;
  for (const auto& [name, tensor] : state_dict(file)) {
    const std::size_t size = static_cast<std::size_t>(tensor.elements()) * size_of(tensor.dtype);
    copies.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    copy_elements(tensor, {copies.back().get(), size});
    since += size;
    if (since > kReleaseEvery) {
      tensors::release_pages(file);
      since = 0;
    }
  }
  return copies;
}

/// Every tensor where it lies, each of its words looked at.
std::uint64_t look(const tensors::File& file) {
  std::uint64_t sum = 0;
  for (const auto& [name, tensor] : state_dict(file)) {
    const std::size_t size = static_cast<std::size_t>(tensor.elements()) * size_of(tensor.dtype);
    for (std::size_t at = 0; at + 8 <= size; at += 8) {
      std::uint64_t word;
      std::memcpy(&word, tensor.bytes.data() + at, 8);
      sum += word;
    }
  }
  return sum;
}

void run(const std::string& path, const std::string& mode) {
  const std::size_t before = memory("VmRSS");
  const auto start = std::chrono::steady_clock::now();
  const tensors::File file = tensors::read(path);
  const auto copies = mode == "copy" ? copy(file) : decltype(copy(file)){};
  const std::uint64_t sum = mode == "map" ? look(file) : copies.size();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("seconds=%.6f rss=%zu sum=%llu\n", seconds.count(), memory("VmHWM") - before,
              static_cast<unsigned long long>(sum));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: bench_weights FILE copy|map\n", stderr), 2;
  try {
    run(argv[1], argv[2]);
  } catch (const Error& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
}
