// Pickle opcodes (protocol 2, as Python's pickletools documents them) for plain data and tensors.
#include "springbok/tensors/pickle/writer.h"

#include <algorithm>
#include <bit>
#include <unordered_set>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"

namespace springbok::tensors {

namespace {

/// The global of a storage class, `torch.FloatStorage`.
std::string storage_class(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return "ctorch\nDoubleStorage\n";
    case DType::f32:
      return "ctorch\nFloatStorage\n";
    case DType::f16:
      return "ctorch\nHalfStorage\n";
    case DType::bf16:
      return "ctorch\nBFloat16Storage\n";
    case DType::i64:
      return "ctorch\nLongStorage\n";
    case DType::i32:
      return "ctorch\nIntStorage\n";
    case DType::i16:
      return "ctorch\nShortStorage\n";
    case DType::i8:
      return "ctorch\nCharStorage\n";
    case DType::u8:
      return "ctorch\nByteStorage\n";
    case DType::boolean:
      return "ctorch\nBoolStorage\n";
  }
  check(false, "every element type has a storage class");
  return {};
}

std::string text_opcodes(const std::string& text) {
  std::string out = "X";
  append_le(out, static_cast<std::uint32_t>(text.size()));
  return out + text;
}

}  // namespace

std::string PickleWriter::spell(const Place& place) {
  if (place.parent == nullptr) return "";
  const std::string outer = spell(*place.parent);
  const std::string here = place.key.data() == nullptr ? std::to_string(place.index) : printable(place.key);
  return outer.empty() ? here : outer + "." + here;
}

std::string PickleWriter::write(const Value& root) {
  out_ = "\x80\x02";
  value(root, {});
  out_ += '.';
  return std::move(out_);
}

void PickleWriter::value(const Value& value, const Place& place) {
  struct Visit {
    PickleWriter& writer;
    const Place& place;
    void operator()(std::monostate) const { writer.out_ += 'N'; }
    void operator()(bool yes) const { writer.out_ += yes ? '\x88' : '\x89'; }
    void operator()(std::int64_t number) const { writer.integer(number); }
    void operator()(double number) const { writer.number(number); }
    void operator()(const std::string& text) const { writer.text(text, place); }
    void operator()(const Tensor& tensor) const { writer.tensor(tensor); }
    void operator()(const List& list) const { writer.list(list, place); }
    void operator()(const Dict& dict) const { writer.dict(dict, place); }
    void operator()(const Opaque& opaque) const {
      fail("{}: cannot write '{}': a '{}' object is not plain data", writer.file_, spell(place), opaque.class_name);
    }
  };
  std::visit(Visit{*this, place}, value.data);
}

void PickleWriter::dict(const Dict& dict, const Place& place) {
  out_ += '}';
  if (dict.empty()) return;
  std::unordered_set<std::string_view> seen;
  out_ += '(';
  for (const auto& [name, item] : dict) {
    const Place inner{.parent = &place, .key = name};
    if (!seen.insert(name).second) fail("{}: cannot write '{}': the key is there twice", file_, spell(inner));
    key(name, inner);
    value(item, inner);
  }
  out_ += 'u';
}

void PickleWriter::list(const List& list, const Place& place) {
  out_ += ']';
  if (list.empty()) return;
  out_ += '(';
  for (std::size_t i = 0; i < list.size(); ++i) value(list[i], {.parent = &place, .index = i});
  out_ += 'e';
}

/// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks).
void PickleWriter::tensor(const Tensor& tensor) {
  const std::size_t storage = storage_of(tensor);
  constant("ctorch._utils\n_rebuild_tensor_v2\n");
  out_ += "((";
  constant(text_opcodes("storage"));
  constant(storage_class(tensor.dtype));
  out_ += text_opcodes(std::to_string(storage));
  constant(text_opcodes("cpu"));
  integer(tensor.elements());
  out_ += "tQ";
  integer(0);
  sizes(tensor.shape);
  sizes(row_major(tensor.shape));
  out_ += '\x89';
  constant("ccollections\nOrderedDict\n");
  out_ += ")RtR";
}

void PickleWriter::key(const Key& key, const Place& place) {
  if (key.integer) {
    integer(std::stoll(key));
  } else {
    text(key, place);
  }
}

void PickleWriter::text(const std::string& text, const Place& place) {
  if (!is_utf8(text)) fail("{}: cannot write '{}': its text is not UTF-8", file_, spell(place));
  if (text.size() > 0xFFFFFFFFu) fail("{}: cannot write '{}': its text is longer than 4 GiB", file_, spell(place));
  out_ += text_opcodes(text);
}

void PickleWriter::integer(std::int64_t number) {
  if (number >= 0 && number < 256) {
    out_ += 'K';
    append_le(out_, static_cast<std::uint8_t>(number));
  } else if (number >= INT32_MIN && number <= INT32_MAX) {
    out_ += 'J';
    append_le(out_, static_cast<std::int32_t>(number));
  } else {
    out_ += "\x8a\x08";
    append_le(out_, number);
  }
}

void PickleWriter::number(double number) {
  std::string bytes;
  append_le(bytes, std::bit_cast<std::uint64_t>(number));
  std::reverse(bytes.begin(), bytes.end());
  out_ += 'G' + bytes;
}

void PickleWriter::sizes(const std::vector<std::int64_t>& sizes) {
  out_ += '(';
  for (const std::int64_t size : sizes) integer(size);
  out_ += 't';
}

/// Opcodes that push a constant: remembered at first use, fetched after.
void PickleWriter::constant(const std::string& opcodes) {
  const auto [at, fresh] = memo_.try_emplace(opcodes, static_cast<std::uint32_t>(memo_.size()));
  if (fresh) out_ += opcodes;
  out_ += fresh ? 'q' : 'h';  // at most 14 constants, so one byte names them
  append_le(out_, static_cast<std::uint8_t>(at->second));
}

std::size_t PickleWriter::storage_of(const Tensor& tensor) {
  if (tensor.bytes.empty()) {
    storages_.push_back(tensor);
    return storages_.size() - 1;
  }
  const auto [at, fresh] =
      known_.try_emplace({tensor.bytes.data(), tensor.dtype, tensor.shape, tensor.strides}, storages_.size());
  if (fresh) storages_.push_back(tensor);
  return at->second;
}

}  // namespace springbok::tensors
