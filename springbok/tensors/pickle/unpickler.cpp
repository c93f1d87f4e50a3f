// The opcodes, in groups: each group says whether an opcode was its own.
#include "springbok/tensors/pickle/unpickler.h"

#include <bit>
#include <limits>

#include "springbok/tensors/bytes.h"
#include "springbok/tensors/pickle/calls.h"
#include "springbok/tensors/pickle/classes.h"

namespace springbok::tensors::pickle {

namespace {

constexpr Id kUnset = std::numeric_limits<Id>::max();

}  // namespace

Unpickler::Unpickler(Heap& heap, std::span<const std::byte> data)
    : heap_(heap),
      data_(data),
      none_(heap.add(None{})),
      yes_(heap.add(true)),
      no_(heap.add(false)),
      empty_(heap.add_tuple({})) {}

Id Unpickler::load() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  for (;;) {
    heap_.position = at_;
    const auto op = number<std::uint8_t>();
    if (op == '.') break;
    step(op);
  }
  const Id result = pop();
  if (!stack_.empty() || !marks_.empty()) heap_.damaged("objects left over");
  return result;
}

void Unpickler::step(std::uint8_t op) {
  if (memory(op) || text(op) || scalar(op) || sequence(op) || mapping(op) || object(op) || stack(op)) return;
  heap_.damaged(format("opcode 0x{:02x}, which is none of pickle protocols 2 to 5", op));
}

bool Unpickler::scalar(std::uint8_t op) {
  switch (op) {
    case 'N':
      push(none_);
      return true;
    case 0x88:
      push(yes_);
      return true;
    case 0x89:
      push(no_);
      return true;
    case 'J':
      push(Object{std::int64_t{number<std::int32_t>()}});
      return true;
    case 'K':
      push(Object{std::int64_t{number<std::uint8_t>()}});
      return true;
    case 'M':
      push(Object{std::int64_t{number<std::uint16_t>()}});
      return true;
    case 0x8a:
      integer(take(number<std::uint8_t>()));
      return true;
    case 0x8b:
      integer(take(number<std::uint32_t>()));
      return true;
    case 'G': {  // highest byte first
      push(Object{std::bit_cast<double>(__builtin_bswap64(number<std::uint64_t>()))});
      return true;
    }
    default:
      return false;
  }
}

bool Unpickler::text(std::uint8_t op) {
  switch (op) {
    case 0x8c:
    case 'U':
      push(Text{take(number<std::uint8_t>())});
      return true;
    case 'X':
    case 'T':
      push(Text{take(number<std::uint32_t>())});
      return true;
    case 0x8d:
      push(Text{take(number<std::uint64_t>())});
      return true;
    case 'C':
      push(Bytes{take(number<std::uint8_t>())});
      return true;
    case 'B':
      push(Bytes{take(number<std::uint32_t>())});
      return true;
    case 0x8e:
    case 0x96:
      push(Bytes{take(number<std::uint64_t>())});
      return true;
    default:
      return false;
  }
}

bool Unpickler::sequence(std::uint8_t op) {
  switch (op) {
    case ')':
      push(empty_);
      return true;
    case 't':
      push(heap_.add_tuple(pop_mark()));
      return true;
    case 0x85:
      tuple(1);
      return true;
    case 0x86:
      tuple(2);
      return true;
    case 0x87:
      tuple(3);
      return true;
    case ']':
    case 0x8f:
      push(heap_.add_list({}));
      return true;
    case 'l':
    case 0x91:
      push(heap_.add_list(pop_mark()));
      return true;
    case 'a': {
      const Id item = pop();
      append(top(), {item});
      return true;
    }
    case 'e':
    case 0x90: {
      const std::vector<Id> items = pop_mark();
      append(top(), items);
      return true;
    }
    default:
      return false;
  }
}

bool Unpickler::mapping(std::uint8_t op) {
  switch (op) {
    case '}':
      push(heap_.add_dict({}));
      return true;
    case 'd': {
      const std::vector<Id> items = pop_mark();
      push(heap_.add_dict({}));
      set_items(top(), items);
      return true;
    }
    case 's': {
      const Id value = pop();
      const Id key = pop();
      set_items(top(), {key, value});
      return true;
    }
    case 'u': {
      const std::vector<Id> items = pop_mark();
      set_items(top(), items);
      return true;
    }
    default:
      return false;
  }
}

bool Unpickler::memory(std::uint8_t op) {
  switch (op) {
    case 'q':
      remember(number<std::uint8_t>());
      return true;
    case 'r':
      remember(number<std::uint32_t>());
      return true;
    case 0x94:
      remember(memo_.size());
      return true;
    case 'h':
      recall(number<std::uint8_t>());
      return true;
    case 'j':
      recall(number<std::uint32_t>());
      return true;
    default:
      return false;
  }
}

bool Unpickler::object(std::uint8_t op) {
  switch (op) {
    case 'c': {
      const std::string_view module = line();
      find_class(module, line());
      return true;
    }
    case 0x93: {
      const Id name = pop();
      const Id module = pop();
      find_class(heap_.text(module, "a class without a module"), heap_.text(name, "a class without a name"));
      return true;
    }
    case 'R':
    case 0x81:
      new_object();
      return true;
    case 0x92:
      pop();
      new_object();
      return true;  // its keyword arguments name no tensor
    case 'b': {
      const Id state = pop();
      build(heap_, top(), state);
      return true;
    }
    case 'Q':
      push(persistent(heap_, pop()));
      return true;
    default:
      return false;
  }
}

bool Unpickler::stack(std::uint8_t op) {
  switch (op) {
    case '(':
      marks_.push_back(stack_.size());
      return true;
    case '0':
      pop();
      return true;
    case '1':
      pop_mark();
      return true;
    case '2':
      push(top());
      return true;
    case 0x80: {
      const auto protocol = number<std::uint8_t>();
      if (protocol < 2 || protocol > 5) heap_.damaged(format("pickle protocol {}, where 2 to 5 are known", protocol));
      return true;
    }
    case 0x95:
      number<std::uint64_t>();
      return true;  // a frame's length: a hint for readers of streams
    default:
      return false;
  }
}

std::string_view Unpickler::take(std::uint64_t count) {
  if (count > data_.size() - at_) heap_.damaged("the pickle is cut");
  const std::string_view bytes = as_text(data_.subspan(at_, static_cast<std::size_t>(count)));
  at_ += static_cast<std::size_t>(count);
  return bytes;
}

template <class T>
T Unpickler::number() {
  return load_le<T>(as_bytes(take(sizeof(T))));
}

std::string_view Unpickler::line() {
  const std::string_view rest = as_text(data_.subspan(at_));
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) heap_.damaged("the pickle is cut");
  at_ += end + 1;
  return rest.substr(0, end);
}

/// Two's complement, lowest byte first.
void Unpickler::integer(std::string_view bytes) {
  if (bytes.size() > 8) return push(BigInteger{bytes});
  std::uint64_t bits = !bytes.empty() && static_cast<signed char>(bytes.back()) < 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  push(Object{static_cast<std::int64_t>(bits)});
}

Id Unpickler::pop() {
  const Id id = top();
  stack_.pop_back();
  return id;
}

Id Unpickler::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) heap_.damaged("an object is missing");
  return stack_.back();
}

std::vector<Id> Unpickler::pop_mark() {
  if (marks_.empty()) heap_.damaged("a mark is missing");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Id> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

void Unpickler::tuple(std::size_t count) {
  std::vector<Id> items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  push(heap_.add_tuple(std::move(items)));
}

void Unpickler::append(Id list, const std::vector<Id>& items) {
  if (heap_.as<Instance>(list) != nullptr) return;
  const auto* listing = heap_.as<Listing>(list);
  if (listing == nullptr) heap_.damaged("items for something that is no list");
  auto& into = heap_.sequences[listing->at];
  into.insert(into.end(), items.begin(), items.end());
}

void Unpickler::set_items(Id dict, const std::vector<Id>& items) {
  if (items.size() % 2 != 0) heap_.damaged("a key without a value");
  if (heap_.as<Instance>(dict) != nullptr) return;
  const auto* mapping = heap_.as<Mapping>(dict);
  if (mapping == nullptr) heap_.damaged("items for something that is no dictionary");
  auto& into = heap_.sequences[mapping->at];
  into.insert(into.end(), items.begin(), items.end());
}

void Unpickler::remember(std::uint64_t index) {
  if (index >= data_.size()) heap_.damaged("a memo number larger than the pickle");  // writers count from 0
  if (index >= memo_.size()) memo_.resize(static_cast<std::size_t>(index) + 1, kUnset);
  memo_[static_cast<std::size_t>(index)] = top();
}

void Unpickler::recall(std::uint64_t index) {
  if (index >= memo_.size() || memo_[static_cast<std::size_t>(index)] == kUnset) {
    heap_.damaged("a memo number that was never set");
  }
  push(memo_[static_cast<std::size_t>(index)]);
}

void Unpickler::find_class(std::string_view module, std::string_view name) {
  push(Object{pickle::find_class(heap_, std::string(module) + "." + std::string(name))});
}

void Unpickler::new_object() {
  const Id arguments = pop();
  const Id callee = pop();
  push(call(heap_, callee, arguments));
}

}  // namespace springbok::tensors::pickle
