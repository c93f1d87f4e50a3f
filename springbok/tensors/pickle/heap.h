// Where the objects of a pickle live: by number, so that cycles and sharing cost nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/pickle/object.h"
#include "springbok/tensors/value.h"

namespace springbok::tensors::pickle {

/// Elements [first, first + count) of the storage `key`, whose bytes are found once the pickle is read.
struct Storage {
  DType dtype = DType::u8;
  std::string_view key;
  std::uint64_t total = 0;  ///< elements of the whole storage
  std::uint64_t first = 0, count = 0;
  std::span<const std::byte> bytes;
};

struct TensorView {
  std::uint32_t storage = 0;
  DType dtype = DType::f32;
  std::uint64_t offset = 0;  ///< elements
  std::vector<std::int64_t> shape, strides;
};

struct Array {
  NumpyDType dtype{};
  bool complete = false;
  std::vector<std::int64_t> shape, strides;
  std::string_view bytes;
};

/// What tensors keep alive: the file, and text that had to be decoded.
struct Backing {
  std::shared_ptr<const void> file;
  std::deque<std::string> decoded;
};

class Heap {
 public:
  /// `name` begins every message; no tensor may hold more than `size` bytes, the file's, when copied.
  Heap(std::string name, std::uint64_t size, std::shared_ptr<const void> owner);

  Id add(Object object);
  Id add_tuple(std::vector<Id> items) { return add(Tuple{add_sequence(std::move(items))}); }
  Id add_list(std::vector<Id> items) { return add(Listing{add_sequence(std::move(items))}); }
  Id add_dict(std::vector<Id> items) { return add(Mapping{add_sequence(std::move(items))}); }
  std::uint32_t add_name(std::string name);
  std::string_view add_decoded(std::string text);
  /// Counts items that a call copies from one container to another; no more in all than the file has bytes.
  void count_copies(std::size_t items);

  const Object& at(Id id) const { return objects[id]; }
  template <class T>
  const T* as(Id id) const {
    return std::get_if<T>(&objects[id]);
  }
  /// The items of a tuple or a list, else a failure that names `what`.
  const std::vector<Id>& items(Id id, const char* what) const;
  std::int64_t integer(Id id, const char* what) const;
  /// The raw bytes of text or bytes.
  std::string_view text(Id id, const char* what) const;

  /// Throws Error: the file is damaged, and where.
  [[noreturn]] void damaged(std::string_view what) const;

  std::string file;
  std::uint64_t file_bytes;
  std::size_t position = 0;  ///< of the opcode at work, in the file or record that holds the pickle
  // Deques: references stay good while they grow, and growing needs no second copy.
  std::deque<Object> objects;
  std::deque<std::vector<Id>> sequences;
  std::deque<std::string> names;
  std::deque<Storage> storages;
  std::deque<TensorView> tensors;
  std::deque<Array> arrays;
  std::unordered_map<std::string_view, Id> whole_storages;  ///< the first reference to each storage as a whole
  std::shared_ptr<Backing> backing;

 private:
  std::uint32_t add_sequence(std::vector<Id> items);
  std::uint64_t decoded_bytes_ = 0;
  std::uint64_t copied_items_ = 0;
};

/// The elements of a shape, or nothing when a size is negative, there are more than 64 dimensions or the product (zeros
/// left out) overflows.
std::optional<std::int64_t> checked_elements(const std::vector<std::int64_t>& shape);

}  // namespace springbok::tensors::pickle
