// Tensors and their storages: every size and offset is checked before anything points anywhere.
#include "springbok/tensors/pickle/calls.h"

namespace springbok::tensors::pickle {

namespace {

/// The furthest element that a view reaches plus one, or nothing when that overflows or a stride is negative.
std::optional<std::uint64_t> reach(const TensorView& view) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    std::int64_t step = 0;
    if (view.strides[i] < 0 || __builtin_mul_overflow(view.shape[i] - 1, view.strides[i], &step) ||
        __builtin_add_overflow(last, step, &last)) {
      return std::nullopt;
    }
  }
  return static_cast<std::uint64_t>(last) + 1;
}

/// Throws Error unless the view lies inside its storage of `elements` elements and no copy of it outgrows the file.
void check_view(const Heap& heap, const TensorView& view, std::uint64_t elements) {
  const std::optional<std::int64_t> count = checked_elements(view.shape);
  if (!count || view.shape.size() != view.strides.size()) heap.damaged("a tensor of an impossible shape");
  for (const std::int64_t stride : view.strides) {
    if (stride < 0) heap.damaged("a tensor with a negative stride");
  }
  if (view.offset > elements) heap.damaged("a tensor outside its storage");
  if (*count == 0) return;
  const std::optional<std::uint64_t> furthest = reach(view);
  if (!furthest || *furthest > elements - view.offset) heap.damaged("a tensor outside its storage");
  if (static_cast<std::uint64_t>(*count) > heap.file_bytes / size_of(view.dtype)) {
    heap.damaged("a tensor with more elements than the file has room for");
  }
}

Id add_view(Heap& heap, const std::vector<Id>& arguments, std::optional<DType> dtype) {
  const auto* storage = heap.as<StorageRef>(arguments[0]);
  if (storage == nullptr) heap.damaged("a tensor without a storage");
  const Storage& data = heap.storages[storage->at];
  TensorView view;
  view.storage = storage->at;
  view.dtype = dtype.value_or(data.dtype);
  const std::int64_t offset = heap.integer(arguments[1], "a tensor without an offset");
  if (offset < 0) heap.damaged("a tensor outside its storage");
  view.offset = static_cast<std::uint64_t>(offset);
  view.shape = integers(heap, arguments[2], "a tensor without a shape");
  view.strides = integers(heap, arguments[3], "a tensor without strides");
  check_view(heap, view, data.count * size_of(data.dtype) / size_of(view.dtype));
  heap.tensors.push_back(std::move(view));
  return heap.add(TensorRef{static_cast<std::uint32_t>(heap.tensors.size() - 1)});
}

/// `(key, offset, elements)` of a legacy storage that shows a part of another.
void apply_view(const Heap& heap, Id view, Storage& storage) {
  const std::vector<Id>& parts = heap.items(view, "a storage view without its place");
  if (parts.size() != 3) heap.damaged("a storage view without its place");
  const std::int64_t from = heap.integer(parts[1], "a storage view without its place");
  const std::int64_t elements = heap.integer(parts[2], "a storage view without its place");
  if (from < 0 || elements < 0) heap.damaged("a storage view outside its storage");
  const auto first = static_cast<std::uint64_t>(from), count = static_cast<std::uint64_t>(elements);
  if (first > storage.total || count > storage.total - first) heap.damaged("a storage view outside its storage");
  storage.first = first;
  storage.count = count;
}

}  // namespace

Id rebuild_tensor(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.size() < 4) heap.damaged("a tensor without storage, offset, shape and strides");
  return add_view(heap, arguments, std::nullopt);
}

Id rebuild_tensor_v3(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.size() < 7) heap.damaged("a tensor without storage, offset, shape, strides and element type");
  const auto* dtype = heap.as<Class>(arguments[6]);
  if (dtype == nullptr || dtype->known != Known::dtype) heap.damaged("a tensor without an element type");
  return add_view(heap, arguments, dtype->dtype);
}

Id persistent(Heap& heap, Id id) {
  const std::vector<Id>& parts = heap.items(id, "a reference to something that is no storage");
  if (parts.size() < 5 || heap.text(parts[0], "a reference without a kind") != "storage") {
    heap.damaged("a reference to something that is no storage");
  }
  const auto* type = heap.as<Class>(parts[1]);
  if (type == nullptr || (type->known != Known::storage && type->known != Known::untyped_storage)) {
    heap.damaged("a storage without a class");
  }
  const bool whole = parts.size() <= 5 || heap.as<None>(parts[5]) != nullptr;
  const std::string_view key = heap.text(parts[2], "a storage without a key");
  // PyTorch makes a storage once, of the type that is named first; what later references say of it is not looked at.
  if (const auto known = heap.whole_storages.find(key); whole && known != heap.whole_storages.end())
    return known->second;
  Storage storage;
  storage.dtype = type->known == Known::storage ? type->dtype : DType::u8;
  storage.key = key;
  const std::int64_t total = heap.integer(parts[4], "a storage without a size");
  if (total < 0 || static_cast<std::uint64_t>(total) > heap.file_bytes / size_of(storage.dtype)) {
    heap.damaged(format("storage '{}' is larger than the file", printable(storage.key)));
  }
  storage.total = storage.count = static_cast<std::uint64_t>(total);
  if (!whole) apply_view(heap, parts[5], storage);
  heap.storages.push_back(storage);
  const Id made = heap.add(StorageRef{static_cast<std::uint32_t>(heap.storages.size() - 1)});
  if (whole) heap.whole_storages.emplace(key, made);
  return made;
}

}  // namespace springbok::tensors::pickle
