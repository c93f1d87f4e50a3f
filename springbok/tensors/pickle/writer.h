// Writing a tree of values as the pickle that PyTorch's restricted unpickler reads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// One pickle (protocol 2). Tensors become persistent ids of numbered storages, which the caller stores beside it.
class PickleWriter {
 public:
  /// `file` begins every message.
  explicit PickleWriter(std::string file) : file_(std::move(file)) {}

  /// The pickle of a value. Throws Error for an Opaque, a key used twice or text that is not UTF-8, naming its place.
  std::string write(const Value& root);

  /// The tensors met, by storage number; a storage holds exactly its tensor's elements in row-major order. Tensors over
  /// the same bytes share one.
  const std::vector<Tensor>& storages() const { return storages_; }

 private:
  /// Where a value stands; spelled out only for a message.
  struct Place {
    const Place* parent = nullptr;
    std::string_view key = {};
    std::size_t index = 0;  ///< in a list, where there is no key
  };
  static std::string spell(const Place& place);

  void value(const Value& value, const Place& place);
  void dict(const Dict& dict, const Place& place);
  void list(const List& list, const Place& place);
  void tensor(const Tensor& tensor);
  void key(const Key& key, const Place& place);
  void text(const std::string& text, const Place& place);
  void integer(std::int64_t number);
  void number(double number);
  void sizes(const std::vector<std::int64_t>& sizes);
  void constant(const std::string& opcodes);
  std::size_t storage_of(const Tensor& tensor);

  using StorageKey = std::tuple<const std::byte*, DType, std::vector<std::int64_t>, std::vector<std::int64_t>>;
  std::string file_;
  std::string out_;
  std::map<std::string, std::uint32_t> memo_;
  std::map<StorageKey, std::size_t> known_;
  std::vector<Tensor> storages_;
};

}  // namespace springbok::tensors
