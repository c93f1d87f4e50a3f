// The pickle of a PyTorch zip file: the input becomes `data.pkl` beside two small storages.
#include <cstdint>
#include <string>

#include "fuzz/tensors_exercise.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/zip/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace springbok;
  std::string file;
  tensors::ZipWriter zip([&](std::span<const std::byte> bytes) { file += tensors::as_text(bytes); });
  zip.add("x/data.pkl", std::as_bytes(std::span(data, size)));
  zip.add("x/data/0", std::string(64, '\1'));
  zip.add("x/data/1", std::string(8, '\2'));
  zip.finish();
  weights::exercise(tensors::as_bytes(file));
  return 0;
}
