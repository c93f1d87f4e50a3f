// The pickle machine: opcodes (protocols 2 to 5) to objects on a heap, running nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "springbok/tensors/pickle/heap.h"

namespace springbok::tensors::pickle {

class Unpickler {
 public:
  /// `data` may hold several pickles, one behind the other. Heap and data must outlive this.
  Unpickler(Heap& heap, std::span<const std::byte> data);

  /// The next pickle's object. Throws Error: damaged (and where), or a class that is not allowed (and which).
  Id load();

  /// Bytes read so far.
  std::size_t position() const { return at_; }

 private:
  void step(std::uint8_t op);
  bool scalar(std::uint8_t op);
  bool text(std::uint8_t op);
  bool sequence(std::uint8_t op);
  bool mapping(std::uint8_t op);
  bool memory(std::uint8_t op);
  bool object(std::uint8_t op);
  bool stack(std::uint8_t op);

  std::string_view take(std::uint64_t count);
  template <class T>
  T number();
  std::string_view line();
  void integer(std::string_view bytes);

  void push(Id id) { stack_.push_back(id); }
  void push(Object value) { stack_.push_back(heap_.add(value)); }
  Id pop();
  Id top();
  std::vector<Id> pop_mark();
  void tuple(std::size_t count);
  void append(Id list, const std::vector<Id>& items);
  void set_items(Id dict, const std::vector<Id>& items);
  void remember(std::uint64_t index);
  void recall(std::uint64_t index);
  void find_class(std::string_view module, std::string_view name);
  void new_object();

  Heap& heap_;
  std::span<const std::byte> data_;
  std::size_t at_ = 0;
  std::vector<Id> stack_;
  std::vector<std::size_t> marks_;
  std::vector<Id> memo_;
  Id none_, yes_, no_, empty_;
};

}  // namespace springbok::tensors::pickle
