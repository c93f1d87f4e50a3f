// For tools/bench_folders.sh: `make FOLDER` makes 1.3 million empty files in ImageNet layout, `open FOLDER` opens them
// as a source and prints the seconds that took.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"
#include "springbok/data/source/source.h"

namespace {

using namespace springbok;

void make(const std::filesystem::path& root) {
  constexpr std::size_t kClasses = 1000, kImages = 1300;
  parallel_for(kClasses, usable_cores(), [&](std::size_t c) {
    const std::string name = format("n{:08}", 1440764 + 13 * c);
    const auto folder = root / "train" / name;
    make_folder(folder);
    for (std::size_t i = 0; i < kImages; ++i) {
      const std::string file = (folder / format("{}_{}.JPEG", name, (i * 7919) % 65537)).string();
      std::FILE* made = std::fopen(file.c_str(), "w");
      if (made == nullptr) fail("cannot make {}; are there enough inodes? ('df -i')", file);
      std::fclose(made);
    }
  });
}

void open(const std::string& root) {
  const auto began = std::chrono::steady_clock::now();
  data::IndexLook look;
  const auto source = data::open_source(root, data::Split::train, {.looked = [&](const auto& seen) { look = seen; }});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%.4f %lld images, %lld folders listed, %lld known\n", took.count(),
              static_cast<long long>(source->size()), static_cast<long long>(look.listed),
              static_cast<long long>(look.known));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string asked = argc == 3 ? argv[1] : "";
  if (asked != "make" && asked != "open") {
    std::fprintf(stderr, "usage: bench_folders make|open FOLDER\n");
    return 2;
  }
  try {
    asked == "make" ? make(argv[2]) : open(argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_folders: %s\n", error.what());
    return 1;
  }
}
