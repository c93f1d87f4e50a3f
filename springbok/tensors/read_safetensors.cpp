// The safetensors form: a 64-bit length, a JSON header of names, types, shapes and offsets, then the data.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/formats.h"
#include "springbok/tensors/pickle/heap.h"
#include "springbok/tensors/safetensors.h"

namespace springbok::tensors {

namespace {

constexpr std::uint64_t kMostHeader = 100'000'000;  // the format's own limit

struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> offsets;
};

/// Reads the header's JSON event by event, so that nothing but what the format knows is ever stored.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}
  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("a boolean"); }
  bool number_float(double, const std::string&) override { unexpected("a fraction"); }
  bool binary(binary_t&) override { unexpected("binary data"); }
  bool number_integer(std::int64_t) override { unexpected("a negative number"); }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ != Place::list || value > static_cast<std::uint64_t>(INT64_MAX)) unexpected(std::to_string(value));
    list_->push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool string(std::string& value) override {
    if (place_ == Place::metadata) {
      if (!metadata.emplace(key_, value).second) unexpected("the metadata key " + quoted(key_) + " twice");
    } else if (place_ == Place::tensor && key_ == "dtype" && entries.back().dtype.empty()) {
      entries.back().dtype = value;
    } else {
      unexpected("the text " + quoted(value));
    }
    return true;
  }

  bool key(std::string& value) override {
    key_ = value;
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::start) {
      place_ = Place::top;
    } else if (place_ == Place::top && key_ == "__metadata__") {
      place_ = Place::metadata;
    } else if (place_ == Place::top) {
      entries.push_back({.name = key_, .dtype = {}, .shape = {}, .offsets = {}});
      shape_seen_ = false;
      place_ = Place::tensor;
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::tensor) {
      const Entry& entry = entries.back();
      if (entry.dtype.empty() || !shape_seen_ || entry.offsets.size() != 2) {
        fail("{}: damaged header: '{}' lacks dtype, shape or data_offsets", file_, printable(entry.name));
      }
    }
    place_ = place_ == Place::top ? Place::end : Place::top;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::tensor && key_ == "shape" && !shape_seen_) {
      list_ = &entries.back().shape;
      shape_seen_ = true;
    } else if (place_ == Place::tensor && key_ == "data_offsets" && entries.back().offsets.empty()) {
      list_ = &entries.back().offsets;
    } else {
      unexpected("a list");
    }
    place_ = Place::list;
    return true;
  }

  bool end_array() override {
    place_ = Place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    fail("{}: damaged header: no JSON from its byte {} on; copy or download the file again", file_, position);
  }

 private:
  enum class Place { start, top, metadata, tensor, list, end };

  static std::string quoted(const std::string& text) { return "'" + printable(text) + "'"; }
  [[noreturn]] void unexpected(const std::string& what) const {
    fail("{}: damaged header: {} at '{}'; copy or download the file again", file_, what, printable(key_));
  }

  const std::string& file_;
  Place place_ = Place::start;
  std::string key_;
  std::vector<std::int64_t>* list_ = nullptr;
  bool shape_seen_ = false;
};

/// Checks one entry against its neighbour and its own shape; the format allows neither gaps nor overlaps.
Tensor make(const Entry& entry, std::span<const std::byte> data, std::int64_t expected, const Source& source) {
  const std::optional<DType> dtype = safetensors_dtype(entry.dtype);
  if (!dtype) {
    fail("{}: '{}' is of type {}, which Springbok has not; convert it first", source.name, printable(entry.name),
         printable(entry.dtype));
  }
  const std::int64_t begin = entry.offsets[0], end = entry.offsets[1];
  if (begin == expected && end > begin && static_cast<std::uint64_t>(end) > data.size()) {
    fail(
        "{}: the file is cut: '{}' lies at bytes {} to {} of the data, of which {} are there; copy or download it "
        "again",
        source.name, printable(entry.name), begin, end, data.size());
  }
  if (begin != expected || end < begin || static_cast<std::uint64_t>(end) > data.size()) {
    fail("{}: damaged header: '{}' lies at bytes {} to {}, where {} is next and {} is the end", source.name,
         printable(entry.name), begin, end, expected, data.size());
  }
  const std::optional<std::int64_t> count = pickle::checked_elements(entry.shape);
  const auto size = static_cast<std::uint64_t>(end - begin);
  if (!count || static_cast<std::uint64_t>(*count) > size / size_of(*dtype) ||
      static_cast<std::uint64_t>(*count) * size_of(*dtype) != size) {
    fail("{}: damaged header: '{}' has {} bytes, not what its shape needs", source.name, printable(entry.name), size);
  }
  return make_tensor(*dtype, entry.shape, data.subspan(static_cast<std::size_t>(begin), size), source.owner);
}

HeaderReader read_header(const Source& source, std::uint64_t size) {
  if (size > kMostHeader || size > source.bytes.size() - 8) {
    fail("{}: its header of {} does not fit the file of {}; copy or download it again", source.name, human_bytes(size),
         human_bytes(source.bytes.size()));
  }
  HeaderReader header(source.name);
  const std::string_view text = as_text(source.bytes.subspan(8, static_cast<std::size_t>(size)));
  const std::size_t zero = text.find('\0');  // the parser's end of text, wherever it stands
  if (zero != std::string_view::npos) {
    fail("{}: damaged header: a zero byte at its byte {}; copy or download the file again", source.name, zero);
  }
  nlohmann::json::sax_parse(text.begin(), text.end(), &header);
  return header;
}

}  // namespace

bool is_safetensors(std::span<const std::byte> bytes) {
  return bytes.size() > 8 && bytes[8] == std::byte{'{'};
}

File read_safetensors(const Source& source) {
  const auto header_size = load_le<std::uint64_t>(source.bytes);
  HeaderReader header = read_header(source, header_size);
  const std::span<const std::byte> data = source.bytes.subspan(8 + static_cast<std::size_t>(header_size));

  std::vector<const Entry*> by_offset;
  std::map<std::string_view, const Entry*> by_name;
  for (const Entry& entry : header.entries) {
    by_offset.push_back(&entry);
    if (!by_name.emplace(entry.name, &entry).second) {
      fail("{}: damaged header: '{}' is there twice", source.name, printable(entry.name));
    }
  }
  std::sort(by_offset.begin(), by_offset.end(), [](const Entry* a, const Entry* b) { return a->offsets < b->offsets; });
  std::map<std::string_view, Tensor> tensors;
  std::int64_t expected = 0;
  for (const Entry* entry : by_offset) {
    tensors.emplace(entry->name, make(*entry, data, expected, source));
    expected = entry->offsets[1];
  }
  if (static_cast<std::uint64_t>(expected) != data.size()) {
    fail("{}: {} bytes of data, its header names {}; copy or download the file again", source.name, data.size(),
         expected);
  }
  Dict dict;
  for (const Entry& entry : header.entries) dict.emplace_back(entry.name, Value{tensors.at(entry.name)});
  return {.kind = "safetensors",
          .root = {std::move(dict)},
          .metadata = std::move(header.metadata),
          .name = source.name,
          .mapped = {}};
}

}  // namespace springbok::tensors
