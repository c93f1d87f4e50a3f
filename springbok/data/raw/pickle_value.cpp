// Reading pickles of protocol 1 to 5 that hold plain values and NumPy's arrays of bytes.
#include "springbok/data/raw/pickle_value.h"

#include <charconv>
#include <unordered_map>
#include <utility>

#include "springbok/base/error.h"

namespace springbok::data {

/// The machine that a pickle is a program for: a stack of values, and a memo of those seen.
class PickleReader {
 public:
  using Kind = PickleFile::Kind;
  using Value = PickleFile::Value;

  PickleReader(PickleFile& file, std::span<const std::byte> bytes) : file_(file), bytes_(bytes) {}

  std::size_t read() {
    while (true) {
      const auto code = static_cast<unsigned char>(take(1)[0]);
      if (code == '.') return pop();
      if (!literal(code) && !memo(code) && !container(code) && !call(code)) {
        bad(format("holds what is no plain value (code 0x{:02x})", code));
      }
    }
  }

 private:
  [[noreturn]] void bad(const std::string& what) const {
    fail(
        "{}: {} at byte {}; expected a dictionary of lists, texts, numbers and arrays of bytes, as CIFAR's Python "
        "version has it",
        file_.where_, what, at_);
  }

  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_) bad("is cut");
    const std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + at_, static_cast<std::size_t>(size));
    at_ += static_cast<std::size_t>(size);
    return taken;
  }
  std::uint64_t little(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view text = take(size);
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(text[i]);
    return value;
  }
  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, bytes_.size() - at_);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) bad("is cut");
    at_ += end + 1;
    return rest.substr(0, end);
  }

  void push(Value value) {
    constexpr std::size_t kMost = 1 << 22;
    if (file_.values_.size() >= kMost) bad("holds too many values");
    file_.values_.push_back(std::move(value));
    stack_.push_back(file_.values_.size() - 1);
  }
  void push_number(std::int64_t number) {
    push({.kind = Kind::number, .number = number, .text = {}, .items = {}, .shape = {}});
  }
  void push_text(std::string_view text) { push({.kind = Kind::text, .text = text, .items = {}, .shape = {}}); }
  std::size_t pop() {
    if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) bad("is damaged: a value is missing");
    const std::size_t top = stack_.back();
    stack_.pop_back();
    return top;
  }
  Value& top() {
    const std::size_t at = pop();
    stack_.push_back(at);
    return file_.values_[at];
  }
  Value& popped() { return file_.values_[pop()]; }
  std::vector<std::size_t> above_mark() {
    if (marks_.empty()) bad("is damaged: a mark is missing");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<std::size_t> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }
  std::vector<std::size_t> last(std::size_t count) {
    std::vector<std::size_t> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }

  bool literal(unsigned char code) {
    switch (code) {
      case 0x80:
        take(1);
        return true;  // PROTO
      case 0x95:
        take(8);
        return true;  // FRAME
      case 'N':
        push({});
        return true;  // None
      case 0x88:
        push_number(1);
        return true;  // True
      case 0x89:
        push_number(0);
        return true;  // False
      case 'K':
        push_number(static_cast<std::int64_t>(little(1)));
        return true;  // BININT1
      case 'M':
        push_number(static_cast<std::int64_t>(little(2)));
        return true;  // BININT2
      case 'J':
        push_number(static_cast<std::int32_t>(little(4)));
        return true;  // BININT
      case 'I':
        push_line();
        return true;  // INT
      case 0x8A:
        push_long();
        return true;  // LONG1
      case 'U':
      case 'C':
      case 0x8C:
        push_text(take(little(1)));
        return true;  // short string, bytes, unicode
      case 'T':
      case 'B':
      case 'X':
        push_text(take(little(4)));
        return true;  // string, bytes, unicode
      case 0x8D:
      case 0x8E:
      case 0x96:
        push_text(take(little(8)));
        return true;  // long unicode, bytes, bytearray
      case 0x98:
        return true;  // READONLY_BUFFER
      default:
        return false;
    }
  }

  void push_line() {
    const std::string_view text = line();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) bad("holds a number that is none");
    push_number(number);
  }

  void push_long() {
    const std::size_t size = little(1);
    if (size > 8) bad("holds a number of more than 64 bits");
    std::uint64_t value = little(size);
    const bool negative = size > 0 && size < 8 && (value >> (8 * size - 1)) != 0;
    if (negative) value |= ~std::uint64_t{0} << (8 * size);
    push_number(static_cast<std::int64_t>(value));
  }

  bool memo(unsigned char code) {
    switch (code) {
      case 'q':
        memo_[little(1)] = stack_top();
        return true;
      case 'r':
        memo_[little(4)] = stack_top();
        return true;
      case 0x94:
        memo_[memo_.size()] = stack_top();
        return true;
      case 'h':
        remember(little(1));
        return true;
      case 'j':
        remember(little(4));
        return true;
      default:
        return false;
    }
  }
  std::size_t stack_top() {
    top();
    return stack_.back();
  }
  void remember(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) bad("is damaged: it uses a value before it was made");
    stack_.push_back(found->second);
  }

  bool container(unsigned char code) {
    switch (code) {
      case '(':
        mark();
        return true;
      case '}':
        push({.kind = Kind::dictionary, .text = {}, .items = {}, .shape = {}});
        return true;
      case ']':
      case ')':
        push_list({});
        return true;
      case 't':
      case 'l':
        push_list(above_mark());
        return true;
      case 0x85:
        push_list(last(1));
        return true;
      case 0x86:
        push_list(last(2));
        return true;
      case 0x87:
        push_list(last(3));
        return true;
      case 'a':
        append(last(1), Kind::list);
        return true;
      case 'e':
        append(above_mark(), Kind::list);
        return true;
      case 's':
        append(last(2), Kind::dictionary);
        return true;
      case 'u':
        append(above_mark(), Kind::dictionary);
        return true;
      default:
        return false;
    }
  }
  void mark() {
    constexpr std::size_t kMost = 1 << 16;
    if (marks_.size() >= kMost) bad("holds too many marks");
    marks_.push_back(stack_.size());
  }
  void push_list(std::vector<std::size_t> items) {
    push({.kind = Kind::list, .text = {}, .items = std::move(items), .shape = {}});
  }
  void append(const std::vector<std::size_t>& items, Kind kind) {
    Value& to = top();
    if (to.kind != kind || (kind == Kind::dictionary && items.size() % 2 != 0)) bad("is damaged");
    to.items.insert(to.items.end(), items.begin(), items.end());
  }

  bool call(unsigned char code) {
    switch (code) {
      case 'c': {  // GLOBAL
        const std::string_view module = line();
        push_name(std::string(module) + " " + std::string(line()));
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const std::string_view name = popped().text, module = popped().text;
        push_name(std::string(module) + " " + std::string(name));
        return true;
      }
      case 'R':
        reduce();
        return true;
      case 'b':
        build();
        return true;
      default:
        return false;
    }
  }

  std::string_view own(std::string text) {
    owned_ += text.size();
    if (owned_ > bytes_.size()) bad("decodes a text many times");
    return file_.owned_.emplace_back(std::move(text));
  }

  void push_name(const std::string& name) {
    static constexpr const char* kKnown[] = {"numpy.core.multiarray _reconstruct",
                                             "numpy._core.multiarray _reconstruct",
                                             "numpy.core.numeric _frombuffer",
                                             "numpy._core.numeric _frombuffer",
                                             "numpy ndarray",
                                             "numpy dtype",
                                             "_codecs encode"};
    for (const char* known : kKnown) {
      if (name == known) return push({.kind = Kind::name, .text = known, .items = {}, .shape = {}});
    }
    bad(format("names '{}', which it has no use for,", name));
  }

  const Value& item(const Value& list, std::size_t i, Kind kind) const {
    if (i >= list.items.size() || file_.values_[list.items[i]].kind != kind) bad("is damaged");
    return file_.values_[list.items[i]];
  }

  /// A call of one of the known names.
  void reduce() {
    const Value arguments = popped();
    const Value& callee = popped();
    if (callee.kind != Kind::name || arguments.kind != Kind::list) bad("holds a call of what is no name");
    const std::string_view name = callee.text;
    if (name.ends_with("_reconstruct")) {
      push({.kind = Kind::array, .text = {}, .items = {}, .shape = {}});
    } else if (name.ends_with("dtype")) {  // a name again: its kind of element
      push({.kind = Kind::name, .text = item(arguments, 0, Kind::text).text, .items = {}, .shape = {}});
    } else if (name.ends_with("_frombuffer")) {
      const bool rows = item(arguments, 3, Kind::text).text == "C";
      push(array(item(arguments, 0, Kind::text), item(arguments, 1, Kind::name), item(arguments, 2, Kind::list), rows));
    } else if (name.ends_with("encode")) {
      push_text(own(latin1(item(arguments, 0, Kind::text).text)));
    } else {
      bad("holds a call of what cannot be called");
    }
  }

  /// Sets the state of an array: version, shape, kind of element, whether columns come first, bytes.
  void build() {
    const Value state = popped();
    Value& of = top();
    if (of.kind == Kind::name) return;  // of a kind of element: byte order and the like
    if (of.kind != Kind::array || state.kind != Kind::list) bad("is damaged");
    const bool rows = item(state, 3, Kind::number).number == 0;
    of = array(item(state, 4, Kind::text), item(state, 2, Kind::name), item(state, 1, Kind::list), rows);
  }

  Value array(const Value& bytes, const Value& element, const Value& shape, bool rows) const {
    Value made{.kind = Kind::array, .text = bytes.text, .items = {}, .shape = {}};
    std::uint64_t size = 1;
    for (std::size_t i = 0; i < shape.items.size(); ++i) {
      const std::int64_t side = item(shape, i, Kind::number).number;
      if (side < 0 || static_cast<std::uint64_t>(side) > bytes.text.size()) bad("holds an array whose shape is wrong");
      made.shape.push_back(side);
      size *= static_cast<std::uint64_t>(side);
      if (size > bytes.text.size()) size = bytes.text.size() + 1;
    }
    made.bytes = element.text == "u1" && rows && size == bytes.text.size();
    return made;
  }

  /// Python 3 writes bytes under protocol 2 as a text of code points below 256.
  std::string latin1(std::string_view text) const {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c < 0x80) {
        bytes += text[i];
      } else if ((c == 0xC2 || c == 0xC3) && i + 1 < text.size()) {
        bytes += static_cast<char>((c & 3U) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3FU));
      } else {
        bad("holds bytes that were not written as Latin-1");
      }
    }
    return bytes;
  }

  PickleFile& file_;
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0, owned_ = 0;
  std::vector<std::size_t> stack_, marks_;
  std::unordered_map<std::uint64_t, std::size_t> memo_;
};

PickleFile::PickleFile(std::span<const std::byte> pickle, std::string where) : where_(std::move(where)) {
  root_ = PickleReader(*this, pickle).read();
  if (values_[root_].kind != Kind::dictionary) fail("{}: is a pickle of something else than a dictionary", where_);
}

const PickleFile::Value& PickleFile::entry(std::string_view key, Kind kind) const {
  const Value& root = values_[root_];
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const Value& name = values_[root.items[i]];
    const Value& value = values_[root.items[i + 1]];
    if (name.kind == Kind::text && name.text == key && value.kind == kind) return value;
  }
  fail("{}: its dictionary has no '{}' as CIFAR's Python version has it", where_, key);
}

std::vector<std::int64_t> PickleFile::numbers(const Value& list) const {
  std::vector<std::int64_t> numbers;
  for (const std::size_t at : list.items) {
    if (values_[at].kind != Kind::number) fail("{}: a list holds something else than numbers", where_);
    numbers.push_back(values_[at].number);
  }
  return numbers;
}

std::vector<std::string> PickleFile::texts(const Value& list) const {
  std::vector<std::string> texts;
  for (const std::size_t at : list.items) {
    if (values_[at].kind != Kind::text) fail("{}: a list holds something else than texts", where_);
    texts.emplace_back(values_[at].text);
  }
  return texts;
}

}  // namespace springbok::data
