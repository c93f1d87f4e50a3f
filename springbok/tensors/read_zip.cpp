// PyTorch's zip form (1.6 and later): `NAME/data.pkl` and one record a storage.
#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/formats.h"
#include "springbok/tensors/pickle/tree.h"
#include "springbok/tensors/pickle/unpickler.h"
#include "springbok/tensors/zip/reader.h"

namespace springbok::tensors {

namespace {

/// The folder of the archive, `archive/`: the one that holds `data.pkl`.
std::string folder_of(const ZipReader& zip, const std::string& file) {
  constexpr std::string_view kPickle = "data.pkl";
  for (const ZipReader::Record& record : zip.records()) {
    if (!record.name.ends_with(kPickle)) continue;
    const std::string_view folder = record.name.substr(0, record.name.size() - kPickle.size());
    if (folder.empty() || folder.find('/') == folder.size() - 1) return std::string(folder);
  }
  fail("{}: a zip archive without 'data.pkl': not a file of torch.save", file);
}

void check_kind(const ZipReader& zip, const std::string& folder, const std::string& file) {
  if (zip.has(folder + "constants.pkl")) {
    fail("{}: a TorchScript program, not weights; load it with torch.jit.load and save its state_dict()", file);
  }
  if (zip.has(folder + "byteorder") && as_text(zip.get(folder + "byteorder")) != "little") {
    fail("{}: written on a big-endian machine; re-save it on a little-endian one", file);
  }
}

}  // namespace

bool is_zip(std::span<const std::byte> bytes) {
  return as_text(bytes).starts_with("PK\x03\x04");
}

File read_zip(const Source& source) {
  const ZipReader zip(source.bytes, source.name);
  const std::string folder = folder_of(zip, source.name);
  check_kind(zip, folder, source.name);
  const std::span<const std::byte> pickle = zip.get(folder + "data.pkl");
  pickle::Heap heap(source.name, source.bytes.size(), source.owner);
  const pickle::Id root = pickle::Unpickler(heap, pickle).load();
  for (pickle::Storage& storage : heap.storages) {
    storage.bytes = zip.get(folder + "data/" + std::string(storage.key));
    if (storage.bytes.size() < storage.total * size_of(storage.dtype)) {
      fail("{}: storage '{}' has {} bytes, its tensors need {}; copy or download it again", source.name,
           printable(storage.key), storage.bytes.size(), storage.total * size_of(storage.dtype));
    }
  }
  return {.kind = "zip", .root = to_tree(heap, root, pickle.size()), .metadata = {}, .name = source.name, .mapped = {}};
}

}  // namespace springbok::tensors
