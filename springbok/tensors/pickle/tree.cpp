// Objects to values, against a budget.
#include "springbok/tensors/pickle/tree.h"

#include <algorithm>
#include <unordered_set>

#include "springbok/tensors/bytes.h"
#include "springbok/tensors/pickle/calls.h"

namespace springbok::tensors::pickle {

namespace {

constexpr int kMostLevels = 200;
constexpr std::size_t kLeastBudget = 512;
constexpr std::size_t kMostValues = 30'000'000;  // as many as the heap's objects

class Tree {
 public:
  Tree(const Heap& heap, std::size_t pickle_bytes)
      : heap_(heap), budget_(std::min(pickle_bytes, kMostValues) + kLeastBudget) {}

  Value value(Id id) {
    spend(1);
    enter();
    Value result = std::visit(Visit{*this}, heap_.at(id));
    --level_;
    return result;
  }

 private:
  struct Visit {
    Tree& tree;
    Value operator()(None) const { return {}; }
    Value operator()(bool yes) const { return {yes}; }
    Value operator()(std::int64_t number) const { return {number}; }
    Value operator()(double number) const { return {number}; }
    Value operator()(Text text) const { return {tree.copy(text.text)}; }
    Value operator()(Bytes bytes) const { return {tree.copy(bytes.bytes)}; }
    Value operator()(BigInteger) const { return {Opaque{"int of more than 64 bits"}}; }
    Value operator()(Tuple tuple) const { return tree.list(tree.heap_.sequences[tuple.at]); }
    Value operator()(Listing list) const { return tree.list(tree.heap_.sequences[list.at]); }
    Value operator()(Mapping map) const { return tree.dict(tree.heap_.sequences[map.at]); }
    Value operator()(Class type) const { return tree.type(type); }
    Value operator()(Instance instance) const { return {Opaque{tree.copy(tree.heap_.names[instance.name])}}; }
    Value operator()(StorageRef storage) const { return tree.storage(storage.at); }
    Value operator()(TensorRef tensor) const { return tree.tensor(tree.heap_.tensors[tensor.at]); }
    Value operator()(NumpyDType dtype) const { return {format("{}{}", printable({&dtype.kind, 1}), dtype.size)}; }
    Value operator()(NumpyArray array) const { return tree.array(tree.heap_.arrays[array.at]); }
  };

  void enter() {
    if (++level_ > kMostLevels) {
      fail("{}: nested deeper than {} levels (or in a circle), as no tensor dictionary is", heap_.file, kMostLevels);
    }
  }

  /// Room for what the budget has room for, so that a list never grows step by step.
  std::size_t room(std::size_t count) const { return std::min(count, budget_ + 1); }

  void spend(std::size_t amount) {
    if (amount > budget_) fail("{}: repeats its contents without end; it is damaged or hostile", heap_.file);
    budget_ -= amount;
  }

  std::string copy(std::string_view text) {
    spend(text.size() / 64);
    return std::string(text);
  }

  Value list(const std::vector<Id>& items) {
    List out;
    out.reserve(room(items.size()));
    for (const Id item : items) out.push_back(value(item));
    return {std::move(out)};
  }

  Value dict(const std::vector<Id>& items) {
    Dict out;
    out.reserve(room(items.size() / 2));
    std::unordered_set<std::string> seen;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      Key name = key(items[i]);
      if (!seen.insert(name).second) fail("{}: the key '{}' is there twice", heap_.file, printable(name));
      out.emplace_back(std::move(name), value(items[i + 1]));
    }
    return {std::move(out)};
  }

  /// Text and integers as they are; other plain keys as Python prints them.
  Key key(Id id) {
    spend(1);
    enter();
    Key result = std::visit(KeyVisit{*this}, heap_.at(id));
    --level_;
    return result;
  }

  struct KeyVisit {
    Tree& tree;
    Key operator()(None) const { return "None"; }
    Key operator()(bool yes) const { return yes ? "True" : "False"; }
    Key operator()(std::int64_t number) const { return Key::number(number); }
    Key operator()(double number) const { return Key(format("{}", number)); }
    Key operator()(Text text) const { return Key(tree.copy(text.text)); }
    Key operator()(Bytes bytes) const { return Key(tree.copy(bytes.bytes)); }
    Key operator()(Class type) const { return Key(tree.copy(tree.heap_.names[type.name])); }
    Key operator()(Instance instance) const { return Key(tree.copy(tree.heap_.names[instance.name])); }
    Key operator()(Tuple tuple) const {
      std::vector<std::string> parts;
      for (const Id item : tree.heap_.sequences[tuple.at]) parts.push_back(tree.key(item));
      return Key("(" + join(parts) + ")");
    }
    template <class T>
    Key operator()(const T&) const {
      tree.heap_.damaged("a dictionary key that is not plain data");
    }
  };

  Value type(Class type) {
    if (type.known == Known::dtype) return {"torch." + std::string(name_of(type.dtype))};
    return {Opaque{copy(heap_.names[type.name])}};
  }

  Value tensor(const TensorView& view) {
    spend(2 * view.shape.size());
    const Storage& storage = heap_.storages[view.storage];
    const std::size_t start = storage.first * size_of(storage.dtype) + view.offset * size_of(view.dtype);
    const std::size_t end = (storage.first + storage.count) * size_of(storage.dtype);
    check(end <= storage.bytes.size() && start <= end, "a tensor lies in its storage");
    return {Tensor{view.dtype, view.shape, view.strides, storage.bytes.subspan(start, end - start), heap_.backing}};
  }

  Value storage(std::uint32_t at) {
    const Storage& storage = heap_.storages[at];
    const std::size_t size = size_of(storage.dtype);
    return {make_tensor(storage.dtype, {static_cast<std::int64_t>(storage.count)},
                        storage.bytes.subspan(storage.first * size, storage.count * size), heap_.backing)};
  }

  Value array(const Array& array) {
    spend(2 * array.shape.size());
    if (!array.complete) return {Opaque{"numpy.ndarray"}};
    return {Tensor{*to_dtype(array.dtype), array.shape, array.strides, as_bytes(array.bytes), heap_.backing}};
  }

  const Heap& heap_;
  std::size_t budget_;
  int level_ = 0;
};

}  // namespace

Value to_tree(const Heap& heap, Id root, std::size_t pickle_bytes) {
  return Tree(heap, pickle_bytes).value(root);
}

}  // namespace springbok::tensors::pickle
