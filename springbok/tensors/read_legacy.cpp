// PyTorch's form before 1.6: five pickles (magic, protocol, system, object, storage keys), then the storages.
#include <unordered_map>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/formats.h"
#include "springbok/tensors/pickle/tree.h"
#include "springbok/tensors/pickle/unpickler.h"

namespace springbok::tensors {

namespace {

using pickle::Heap;
using pickle::Id;

/// The pickle of 0x1950a86a20f9469cfc6c, behind its protocol and (from protocol 4 on) the length of its frame.
constexpr std::string_view kMagic("\x8a\x0al\xfc\x9c\x46\xf9\x20j\xa8P\x19.", 13);
constexpr std::int64_t kProtocol = 1001;

void check_system(const Heap& heap, Id protocol, Id system) {
  if (heap.integer(protocol, "the file's protocol is no number") != kProtocol) {
    fail("{}: a protocol of torch.save that is not known; re-save it with a newer PyTorch", heap.file);
  }
  const auto* map = heap.as<pickle::Mapping>(system);
  if (map == nullptr) heap.damaged("the system's description is missing");
  const std::vector<Id>& items = heap.sequences[map->at];
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const auto* key = heap.as<pickle::Text>(items[i]);
    const auto* little = heap.as<bool>(items[i + 1]);
    if (key != nullptr && key->text == "little_endian" && little != nullptr && !*little) {
      fail("{}: written on a big-endian machine; re-save it on a little-endian one", heap.file);
    }
  }
}

struct Extent {
  std::size_t element = 0;
  std::uint64_t count = 0;
  std::span<const std::byte> bytes;
  bool found = false;
};
using Extents = std::unordered_map<std::string_view, Extent>;

/// What the pickle says of each storage.
Extents expected(const Heap& heap) {
  Extents extents;
  for (const pickle::Storage& storage : heap.storages) {
    const Extent extent{.element = size_of(storage.dtype), .count = storage.total, .bytes = {}, .found = false};
    const auto [at, fresh] = extents.try_emplace(storage.key, extent);
    if (!fresh && (at->second.element != extent.element || at->second.count != extent.count)) {
      heap.damaged("a storage of two sizes");
    }
  }
  return extents;
}

/// Reads the storages from `at` on, each a 64-bit count and its elements, in the order of `keys`.
void find_storages(Heap& heap, std::span<const std::byte> bytes, std::size_t at, Id keys) {
  Extents extents = expected(heap);
  for (const Id item : heap.items(keys, "the list of storages is missing")) {
    const std::string_view key = heap.text(item, "a storage without a key");
    const auto found = extents.find(key);
    if (found == extents.end()) heap.damaged("a storage that nothing refers to, of unknown size");
    Extent& extent = found->second;
    if (extent.found) heap.damaged("a storage is there twice");
    const std::uint64_t size = extent.count * extent.element;
    if (bytes.size() - at < 8 || bytes.size() - at - 8 < size) {
      fail("{}: cut in storage '{}' (the file ends at byte {}); copy or download it again", heap.file, printable(key),
           bytes.size());
    }
    if (load_le<std::uint64_t>(bytes, at) != extent.count) heap.damaged("a storage of two sizes");
    extent.bytes = bytes.subspan(at + 8, size);
    extent.found = true;
    at += 8 + size;
  }
  for (pickle::Storage& storage : heap.storages) {
    const Extent& extent = extents.at(storage.key);
    if (!extent.found) heap.damaged("a storage that the file does not hold");
    storage.bytes = extent.bytes;
  }
}

}  // namespace

bool is_legacy(std::span<const std::byte> bytes) {
  constexpr std::size_t kProtocolSize = 2, kFrameSize = 9;
  const std::string_view text = as_text(bytes);
  if (text.size() < kProtocolSize + kFrameSize || text[0] != '\x80') return false;
  return text.substr(kProtocolSize).starts_with(kMagic) || text.substr(kProtocolSize + kFrameSize).starts_with(kMagic);
}

File read_legacy(const Source& source) {
  Heap heap(source.name, source.bytes.size(), source.owner);
  pickle::Unpickler unpickler(heap, source.bytes);
  unpickler.load();  // the magic number, which is_legacy has seen
  const Id protocol = unpickler.load();
  const Id system = unpickler.load();
  check_system(heap, protocol, system);
  const std::size_t start = unpickler.position();
  const Id root = unpickler.load();
  const std::size_t pickle_bytes = unpickler.position() - start;
  const Id keys = unpickler.load();
  find_storages(heap, source.bytes, unpickler.position(), keys);
  return {
      .kind = "legacy", .root = to_tree(heap, root, pickle_bytes), .metadata = {}, .name = source.name, .mapped = {}};
}

}  // namespace springbok::tensors
