// The PyTorch zip file: `data.pkl`, `byteorder`, one record a storage, `version`.
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/half_written.h"
#include "springbok/base/sha256.h"
#include "springbok/tensors/convert.h"
#include "springbok/tensors/pickle/writer.h"
#include "springbok/tensors/write.h"
#include "springbok/tensors/zip/writer.h"

namespace springbok::tensors {

namespace {

std::span<const std::byte> content(const Tensor& tensor) {
  return tensor.bytes.first(static_cast<std::size_t>(tensor.elements()) * size_of(tensor.dtype));
}

}  // namespace

void write_pt(const std::filesystem::path& path, const Value& root, std::string* sha256) {
  PickleWriter pickle(path.string());
  const std::string text = pickle.write(root);
  clear_half_written(path);
  AtomicFile file(path);
  Sha256 digest;
  ZipWriter zip([&](std::span<const std::byte> bytes) {
    file.write(bytes);
    if (sha256 != nullptr) digest.add(bytes);
  });
  zip.add("archive/data.pkl", text);
  zip.add("archive/.format_version", "1");
  zip.add("archive/.storage_alignment", "64");
  zip.add("archive/byteorder", "little");
  for (std::size_t i = 0; i < pickle.storages().size(); ++i) {
    const Tensor tensor = contiguous(pickle.storages()[i]);
    zip.add(format("archive/data/{}", i), content(tensor));
  }
  zip.add("archive/version", "3\n");
  zip.finish();
  file.commit();
  if (sha256 != nullptr) *sha256 = digest.hex();
}

}  // namespace springbok::tensors
