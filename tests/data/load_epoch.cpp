// Loads the training part of a source as a training does: `load_epoch SPEC [BATCHES]`, all when 0. One line: what was
// loaded, or the error (exit code 1).
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "springbok/base/error.h"
#include "springbok/data/load/loader.h"

int main(int argc, char** argv) {
  using namespace springbok;
  try {
    const auto source = data::open_source(argc > 1 ? argv[1] : "", data::Split::train);
    const data::Transform transform({.size = 16}, data::Augment{});
    data::Loader loader(*source, transform, {.batch = 2, .workers = 2, .shuffle = true});
    const long most = argc > 2 ? std::atol(argv[2]) : 0;
    long batches = 0, images = 0;
    while (most == 0 || batches < most) {
      const auto batch = loader.next();
      if (!batch) break;
      ++batches;
      images += static_cast<long>(batch->size);
    }
    std::printf("%ld images\n", images);
    return 0;
  } catch (const Error& error) {
    std::printf("%s\n", error.what());
    return 1;
  } catch (const std::exception& error) {
    std::printf("not an Error: %s\n", error.what());
    return 3;
  }
}
