// Values that pyarrow.serialize wrote: an Arrow stream of a schema and one record batch, whose single column is a dense
// union. Its ids say which child, by its place: the ids in the schema of old versions are in another order.
#include "springbok/data/lmdb/arrow_value.h"

#include <optional>

#include "springbok/base/error.h"
#include "springbok/data/lmdb/flat_buffer.h"

namespace springbok::data {
namespace {

using Bytes = std::span<const std::byte>;

// Numbers of the Arrow format (Schema.fbs, Message.fbs).
constexpr std::uint64_t kSchema = 1, kRecordBatch = 3;
constexpr std::uint64_t kInt = 2, kBinary = 4, kUtf8 = 5, kList = 12, kStruct = 13, kUnion = 14;
constexpr int kDeepest = 16;
constexpr int kMostColumns = 4096;
constexpr std::size_t kMostItems = 1 << 20;  // of all lists of a value: classes

struct Message {
  Bytes header;
  Bytes body;
};

/// The messages of a stream: an optional 0xFFFFFFFF, the header's length, the header padded to 8, the body.
class Stream {
 public:
  Stream(Bytes bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Message next() {
    std::uint64_t length = word();
    if (length == 0xFFFFFFFF) length = word();
    const Bytes header = take(length);
    const FlatBytes flat(header, where_);
    const FlatTable message(flat, flat.follow(0));
    return {header, take(message.number(3, 8))};
  }

 private:
  std::uint64_t word() {
    const FlatBytes flat(bytes_, where_);
    at_ += 4;
    return flat.number(at_ - 4, 4);
  }
  Bytes take(std::uint64_t size) {
    if (at_ > bytes_.size() || size > bytes_.size() - at_) fail("{}: cut; get the database again", where_);
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }

  Bytes bytes_;
  const std::string& where_;
  std::size_t at_ = 0;
};

/// A column: its type, and the columns below it.
struct Column {
  std::uint64_t type = 0;
  std::uint64_t bits = 64;  ///< of a whole number
  std::vector<Column> children;
};

/// `left`: columns that there may still be, since one table can be named again and again.
Column read_field(const FlatBytes& flat, const FlatTable& field, int depth, int& left) {
  if (depth > kDeepest || --left < 0) fail("an Arrow schema is nested too deep, or has too many columns");
  Column column;
  column.type = field.number(2, 1);
  if (column.type == kInt) column.bits = field.table(3).number(0, 4, 64);
  const auto children = field.vector(5);
  for (std::size_t i = 0; i < children.count; ++i) {
    column.children.push_back(read_field(flat, {flat, flat.follow(children.at + 4 * i)}, depth + 1, left));
  }
  return column;
}

/// A column with its buffers.
struct Array {
  std::uint64_t type = 0, bits = 64;
  std::size_t length = 0;
  std::vector<Bytes> buffers;
  std::vector<Array> children;
};

/// Hands out nodes and buffers in the order of the schema.
class Batch {
 public:
  Batch(const Message& message, const std::string& where)
      : flat_(message.header, where), body_(message.body), where_(where) {
    const FlatTable root(flat_, flat_.follow(0));
    if (root.number(1, 1) != kRecordBatch) fail("{}: no value of pyarrow.serialize", where);
    old_unions_ = root.number(0, 2) <= 3;  // metadata V4 and before: unions have a validity buffer
    const FlatTable batch = root.table(2);
    nodes_ = batch.vector(1);
    buffers_ = batch.vector(2);
  }

  Array array(const Column& column) {
    Array array{.type = column.type, .bits = column.bits, .buffers = {}, .children = {}};
    if (node_ >= nodes_.count) fail("{}: an Arrow batch has too few columns", where_);
    array.length = flat_.number(nodes_.at + 16 * node_++, 8);
    for (int i = buffers_of(column.type); i > 0; --i) array.buffers.push_back(buffer());
    for (const Column& child : column.children) array.children.push_back(this->array(child));
    return array;
  }

 private:
  /// Validity, then what the type needs.
  int buffers_of(std::uint64_t type) const {
    switch (type) {
      case kInt:
      case kList:
        return 2;
      case kBinary:
      case kUtf8:
        return 3;
      case kStruct:
        return 1;
      case kUnion:
        return old_unions_ ? 3 : 2;
      case 1:  // null
        return 0;
      default:
        return 2;
    }
  }
  Bytes buffer() {
    if (buffer_ >= buffers_.count) fail("{}: an Arrow batch has too few buffers", where_);
    const std::size_t at = buffers_.at + 16 * buffer_++;
    const std::uint64_t offset = flat_.number(at, 8), size = flat_.number(at + 8, 8);
    if (offset > body_.size() || size > body_.size() - offset) fail("{}: cut; get the database again", where_);
    return body_.subspan(offset, size);
  }

  FlatBytes flat_;
  Bytes body_;
  const std::string& where_;
  bool old_unions_;
  FlatTable::Vector nodes_, buffers_;
  std::size_t node_ = 0, buffer_ = 0;
};

class Decoder {
 public:
  explicit Decoder(const std::string& where) : where_(where) {}

  ArrowValue value(const Array& array, std::size_t index, int depth = 0) {
    if (depth > kDeepest) fail("{}: is nested too deep", where_);
    if (index >= array.length) fail("{}: refers to a value that is not there", where_);
    switch (array.type) {
      case kUnion:
        return chosen(array, index, depth);
      case kInt:
        return {whole_number(array, index)};
      case kBinary:
      case kUtf8: {
        const auto [begin, end] = range(array.buffers[1], index);
        if (end > array.buffers[2].size()) fail("{}: cut; get the database again", where_);
        return {array.buffers[2].subspan(begin, end - begin)};
      }
      case kList: {
        const auto [begin, end] = range(array.buffers[1], index);
        const bool whole = array.children.size() == 1 && end <= array.children[0].length && end - begin <= items_left_;
        if (!whole) fail("{}: a list is damaged", where_);
        items_left_ -= end - begin;
        ArrowValue::List list;
        for (std::size_t i = begin; i < end; ++i) list.push_back(value(array.children[0], i, depth + 1));
        return {std::move(list)};
      }
      case kStruct:  // a list or tuple wraps its items in one
        if (array.children.size() == 1) return value(array.children[0], index, depth + 1);
        return {};
      default:
        return {};
    }
  }

 private:
  ArrowValue chosen(const Array& array, std::size_t index, int depth) {
    const std::size_t first = array.buffers.size() - 2;
    const std::uint64_t id = FlatBytes(array.buffers[first], where_).number(index, 1);
    const std::uint64_t at = FlatBytes(array.buffers[first + 1], where_).number(4 * index, 4);
    if (id < array.children.size()) return value(array.children[id], at, depth + 1);
    fail("{}: a value of a kind that its schema does not have", where_);
  }

  std::int64_t whole_number(const Array& array, std::size_t index) const {
    const std::size_t bytes = array.bits / 8;
    if (bytes < 1 || bytes > 8) fail("{}: a number of {} bits", where_, array.bits);
    const std::uint64_t bits = FlatBytes(array.buffers[1], where_).number(bytes * index, bytes);
    const unsigned unused = 64 - 8 * static_cast<unsigned>(bytes);
    return static_cast<std::int64_t>(bits << unused) >> unused;
  }

  std::pair<std::size_t, std::size_t> range(Bytes offsets, std::size_t index) const {
    const FlatBytes flat(offsets, where_);
    const std::pair<std::size_t, std::size_t> found{flat.number(4 * index, 4), flat.number(4 * index + 4, 4)};
    if (found.first > found.second) fail("{}: offsets go backwards", where_);
    return found;
  }

  const std::string& where_;
  std::size_t items_left_ = kMostItems;  ///< one list can be an item again and again
};

/// The bytes before the stream: two to four counts (by version) of tensors and buffers beside it, 0 for images.
std::size_t counts_before(Bytes bytes, const std::string& where) {
  constexpr std::size_t kMost = 4;
  const FlatBytes flat(bytes, where);
  std::size_t counts = 0;
  while (counts < kMost && flat.number(4 * counts, 4) == 0) ++counts;
  if (counts < 2) fail("{}: no value of pyarrow.serialize, or one with tensors", where);
  return 4 * counts;
}

}  // namespace

ArrowValue read_arrow(Bytes bytes, const std::string& where) {
  Stream stream(bytes.subspan(counts_before(bytes, where)), where);
  const Message schema_message = stream.next();
  const FlatBytes flat(schema_message.header, where);
  const FlatTable root(flat, flat.follow(0));
  if (root.number(1, 1) != kSchema) fail("{}: no value of pyarrow.serialize", where);
  const auto fields = root.table(2).vector(1);
  if (fields.count != 1) fail("{}: no value of pyarrow.serialize ({} columns)", where, fields.count);
  int columns_left = kMostColumns;
  const Column column = read_field(flat, {flat, flat.follow(fields.at)}, 0, columns_left);
  const Message message = stream.next();
  Batch batch(message, where);
  const Array array = batch.array(column);
  return Decoder(where).value(array, 0);
}

}  // namespace springbok::data
