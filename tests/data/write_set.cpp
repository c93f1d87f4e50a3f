// Writes a set as the program does: `write_set pack|lmdb|unpack SOURCE OUT`. One line: how many images, or the error
// (exit code 1).
#include <cstdio>
#include <exception>
#include <string>

#include "springbok/base/error.h"
#include "springbok/data/pack/pack.h"

int main(int argc, char** argv) {
  using namespace springbok;
  try {
    const std::string what = argc > 3 ? argv[1] : "";
    const auto source = data::open_source(argc > 3 ? argv[2] : "", data::Split::train);
    const data::PackSettings settings{.threads = 1, .done = {}};
    const auto write = what == "lmdb" ? data::write_lmdb : data::write_pack;
    const auto images = what == "unpack" ? data::unpack(*source, argv[3], data::Split::train, settings).images
                                         : write(*source, argv[3], data::Split::train, settings).images;
    std::printf("%lld images\n", static_cast<long long>(images));
    return 0;
  } catch (const Error& error) {
    std::printf("%s\n", error.what());
    return 1;
  } catch (const std::exception& error) {
    std::printf("not an Error: %s\n", error.what());
    return 3;
  }
}
