// Copying trees of tensors, and the thread that does so and writes them.
#include "springbok/train/saver.h"

#include <chrono>
#include <cstring>
#include <map>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

constexpr std::size_t kAligned = 64;

/// Bytes from a tensor's first element to the end of its last.
std::size_t extent(const tensors::Tensor& tensor) {
  if (tensor.elements() == 0) return 0;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) last += (tensor.shape[i] - 1) * tensor.strides[i];
  return static_cast<std::size_t>(last + 1) * size_of(tensor.dtype);
}

void collect(tensors::Value& value, std::vector<tensors::Tensor*>& tensors) {
  if (auto* tensor = std::get_if<tensors::Tensor>(&value.data)) tensors.push_back(tensor);
  if (auto* list = std::get_if<tensors::List>(&value.data)) {
    for (tensors::Value& each : *list) collect(each, tensors);
  }
  if (auto* dict = std::get_if<tensors::Dict>(&value.data)) {
    for (tensors::DictEntry& each : *dict) collect(each.value, tensors);
  }
}

}  // namespace

void TreeCopy::fill() const {
  for (const Piece& piece : pieces) std::memcpy(piece.to, piece.from, piece.size);
}

TreeCopy CopyRoom::prepare(const tensors::Value& root) {
  TreeCopy copy{.root = root, .original = root, .pieces = {}};
  std::vector<tensors::Tensor*> found;
  collect(copy.root, found);
  std::map<std::pair<const std::byte*, std::size_t>, std::size_t> places;  // tensors over the same bytes share a copy
  std::size_t size = 0;
  for (const tensors::Tensor* tensor : found) {
    const bool fresh = places.try_emplace({tensor->bytes.data(), extent(*tensor)}, size).second;
    if (fresh) size += (extent(*tensor) + kAligned - 1) / kAligned * kAligned;
  }
  if (size > size_) {
    memory_.reset();
    size_ = 0;
    memory_ = std::make_shared_for_overwrite<std::byte[]>(size);
    size_ = size;
  }
  for (const auto& [from, to] : places) {
    if (from.second > 0) copy.pieces.push_back({from.first, memory_.get() + to, from.second});
  }
  for (tensors::Tensor* tensor : found) {
    const std::size_t bytes = extent(*tensor);
    tensor->bytes = {memory_.get() + places.at({tensor->bytes.data(), bytes}), bytes};
    tensor->owner = memory_;
  }
  return copy;
}

Saver::~Saver() {
  try {
    wait();
  } catch (const std::exception& error) {
    if (lost) lost(error.what());
  }
}

void Saver::save(const tensors::Value& root, Write write) {
  wait();
  try {
    std::promise<void> copied;
    copied_ = copied.get_future();
    writing_ =
        std::async(std::launch::async, [write, copy = room_.prepare(root), copied = std::move(copied)]() mutable {
          copy.fill();
          copy.original = {};
          copied.set_value();
          write(copy.root);
        });
    return;
  } catch (const std::bad_alloc&) {
  } catch (const std::system_error&) {
  }
  copied_ = {};
  write(root);
}

void Saver::wait_copied() {
  if (copied_.valid()) copied_.get();
}

void Saver::wait() {
  if (writing_.valid()) writing_.get();
}

void Saver::expect_saved() {
  if (writing_.valid() && writing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) writing_.get();
}

}  // namespace springbok::train
