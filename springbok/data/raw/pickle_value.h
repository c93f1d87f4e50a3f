// Inside the room: what the Python version of CIFAR is stored in: pickles of dictionaries, lists, texts, numbers and
// arrays of bytes. Anything else is refused, nothing is run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace springbok::data {

/// A pickle read whole: values refer to each other by number, since one may hold another many times. Texts and bytes
/// lie in the pickle, which must outlive it.
class PickleFile {
 public:
  enum class Kind : std::uint8_t { none, number, text, list, dictionary, name, array };

  struct Value {
    Kind kind = Kind::none;
    std::int64_t number = 0;
    std::string_view text;            ///< of texts and bytes; of names `module name`; of arrays their bytes
    std::vector<std::size_t> items;   ///< of lists and tuples; of dictionaries key, value, key, value, ...
    std::vector<std::int64_t> shape;  ///< of arrays
    bool bytes = false;               ///< of arrays: whether their elements are unsigned bytes, row by row
  };

  /// Throws Error naming `where` for what is cut, no pickle, or holds anything else.
  PickleFile(std::span<const std::byte> pickle, std::string where);

  /// The value of a key of the outermost dictionary. Throws Error when it is not of this kind.
  const Value& entry(std::string_view key, Kind kind) const;
  const Value& value(std::size_t at) const { return values_[at]; }
  /// The numbers of a list.
  std::vector<std::int64_t> numbers(const Value& list) const;
  /// Its texts.
  std::vector<std::string> texts(const Value& list) const;

 private:
  friend class PickleReader;

  std::string where_;
  std::vector<Value> values_;
  std::deque<std::string> owned_;  ///< texts that had to be decoded
  std::size_t root_ = 0;
};

}  // namespace springbok::data
