// Adding objects and reading them back, with the messages for what does not fit.
#include "springbok/tensors/pickle/heap.h"

namespace springbok::tensors::pickle {

namespace {

constexpr std::size_t kMostObjects = 30'000'000;  // some gigabytes; a checkpoint has ten or so a tensor
constexpr std::size_t kMostDimensions = 64;

}  // namespace

Heap::Heap(std::string name, std::uint64_t size, std::shared_ptr<const void> owner)
    : file(std::move(name)), file_bytes(size), backing(std::make_shared<Backing>()) {
  backing->file = std::move(owner);
}

Id Heap::add(Object object) {
  if (objects.size() >= kMostObjects) {
    fail("{}: its pickle holds more than {} objects; save the state dict alone", file, with_commas(kMostObjects));
  }
  objects.push_back(object);
  return static_cast<Id>(objects.size() - 1);
}

std::uint32_t Heap::add_sequence(std::vector<Id> items) {
  sequences.push_back(std::move(items));
  return static_cast<std::uint32_t>(sequences.size() - 1);
}

std::uint32_t Heap::add_name(std::string name) {
  names.push_back(std::move(name));
  return static_cast<std::uint32_t>(names.size() - 1);
}

std::string_view Heap::add_decoded(std::string text) {
  decoded_bytes_ += text.size();  // one text can be decoded again and again: no more than the file's size in all
  if (decoded_bytes_ > file_bytes) damaged("text decoded too often");
  backing->decoded.push_back(std::move(text));
  return backing->decoded.back();
}

void Heap::count_copies(std::size_t items) {
  copied_items_ += items;
  if (copied_items_ > file_bytes) damaged("a container copied too often");
}

const std::vector<Id>& Heap::items(Id id, const char* what) const {
  if (const auto* tuple = as<Tuple>(id)) return sequences[tuple->at];
  if (const auto* list = as<Listing>(id)) return sequences[list->at];
  damaged(what);
}

std::int64_t Heap::integer(Id id, const char* what) const {
  const auto* number = as<std::int64_t>(id);
  if (number == nullptr) damaged(what);
  return *number;
}

std::string_view Heap::text(Id id, const char* what) const {
  if (const auto* text = as<Text>(id)) return text->text;
  if (const auto* bytes = as<Bytes>(id)) return bytes->bytes;
  damaged(what);
}

void Heap::damaged(std::string_view what) const {
  fail("{}: damaged: {} (byte {} of its pickle); copy or download it again", file, what, position);
}

std::optional<std::int64_t> checked_elements(const std::vector<std::int64_t>& shape) {
  if (shape.size() > kMostDimensions) return std::nullopt;
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    empty = empty || size == 0;
    if (size != 0 && __builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return empty ? 0 : count;
}

}  // namespace springbok::tensors::pickle
