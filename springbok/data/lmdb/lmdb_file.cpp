// LMDB's file format (lmdb's mdb.c, data version 1, machines of 64 bits with the low byte first). Pages of one size,
// the first two of which say where the tree of keys begins.
#include "springbok/data/lmdb/lmdb_file.h"

#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "springbok/base/error.h"
#include "springbok/data/folder/folder_tree.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using Bytes = std::span<const std::byte>;

static_assert(std::endian::native == std::endian::little, "LMDB's numbers are read as they lie in memory");

constexpr std::size_t kPageHead = 16, kNodeHead = 8;
constexpr std::uint64_t kNoRoot = ~std::uint64_t{0};
constexpr unsigned kBranch = 1, kLeaf = 2, kOverflow = 4, kMeta = 8;  // a page's flags
constexpr unsigned kFar = 1, kDatabase = 2, kDuplicates = 4;          // a node's

/// A number of the file; the caller knows that it is there.
template <class T>
T number_at(Bytes bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

unsigned flags_of(Bytes page) {
  return number_at<std::uint16_t>(page, 10);
}

std::uint64_t child_of(Bytes page, std::size_t node) {
  return number_at<std::uint32_t>(page, node) | std::uint64_t{number_at<std::uint16_t>(page, node + 4)} << 32;
}

fs::path data_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / "data.mdb" : path;
}

std::string shown(std::uint64_t number) {
  return with_commas(static_cast<std::int64_t>(number));
}

}  // namespace

/// What a walk over the tree has seen: a page that comes twice would go on for ever.
struct LmdbFile::Walk {
  const std::function<void(const std::string&, const LmdbValue&)>& use;
  std::vector<bool> seen;
};

LmdbFile::LmdbFile(const fs::path& path) : file_(data_file(path), RandomFile::Mode::read), size_(file_.size()) {
  constexpr std::uint64_t kUsual = 4096;
  const bool first = read_meta(0);
  const bool second = read_meta(first ? page_size_ : kUsual);
  if (!first && !second) fail("{}: is no LMDB database", file_.path().string());
  const std::uint64_t whole = pages_ * page_size_;
  if (whole <= size_) return;
  fail("{}: cut: {} of {} bytes are there; copy it again", file_.path().string(), shown(size_), shown(whole));
}

void LmdbFile::fail_damaged(const char* what) const {
  fail("{}: damaged: {}; copy it again", file_.path().string(), what);
}

/// One of the two heads; the later transaction's counts. False when there is none.
bool LmdbFile::read_meta(std::uint64_t at) {
  constexpr std::size_t kSize = 152, kFree = 40, kMain = 88;
  constexpr std::uint32_t kMagic = 0xBEEFC0DE, kVersion = 1;
  constexpr std::uint64_t kSmallestPage = 512, kLargestPage = 1 << 16, kMostPages = std::uint64_t{1} << 46;
  std::array<std::byte, kSize> meta{};
  if (size_ < kSize || at > size_ - kSize) return false;
  file_.read(at, meta);
  const bool known = (flags_of(meta) & kMeta) != 0 && number_at<std::uint32_t>(meta, 16) == kMagic &&
                     number_at<std::uint32_t>(meta, 20) == kVersion;
  if (!known) return false;
  const std::uint64_t page_size = number_at<std::uint32_t>(meta, kFree);
  const auto transaction = number_at<std::uint64_t>(meta, 144);
  if (page_size_ != 0 && transaction <= transaction_) return true;
  if (!std::has_single_bit(page_size) || page_size < kSmallestPage || page_size > kLargestPage)
    fail_damaged("its pages have a size that cannot be");
  if (number_at<std::uint16_t>(meta, kMain + 4) != 0) {
    fail("{}: its keys are of a kind that is not read (duplicates, numbers or backwards)", file_.path().string());
  }
  page_size_ = page_size;
  transaction_ = transaction;
  root_ = number_at<std::uint64_t>(meta, kMain + 40);
  const auto last = number_at<std::uint64_t>(meta, 136);
  if (last >= kMostPages) fail_damaged("it says of more pages than can be");
  pages_ = last + 1;
  return true;
}

LmdbFile::Page LmdbFile::page(std::uint64_t number) const {
  if (number >= pages_) fail_damaged("a page that is not there is referred to");
  Page page(page_size_);
  file_.read(number * page_size_, page);
  if (number_at<std::uint64_t>(page, 0) != number) fail_damaged("a page is another one than its place says");
  return page;
}

void LmdbFile::for_each(const std::function<void(const std::string&, const LmdbValue&)>& use) const {
  if (root_ == kNoRoot) return;
  Walk all{use, std::vector<bool>(pages_)};
  walk(all, root_, 0);
}

void LmdbFile::walk(Walk& all, std::uint64_t number, int depth) const {
  constexpr int kDeepest = 32;
  const Page page = this->page(number);
  const unsigned kind = flags_of(page) & (kBranch | kLeaf | kOverflow | kMeta);
  const std::size_t lower = number_at<std::uint16_t>(page, 12);
  const bool fits = (kind == kBranch || kind == kLeaf) && lower >= kPageHead && lower <= page.size();
  if (!fits || depth > kDeepest || all.seen[number]) fail_damaged("its tree of keys is broken");
  all.seen[number] = true;
  for (std::size_t place = kPageHead; place + 1 < lower; place += 2) {
    const std::size_t node = number_at<std::uint16_t>(page, place);
    if (node + kNodeHead > page.size()) fail_damaged("an entry lies outside its page");
    if (kind == kBranch) {
      walk(all, child_of(page, node), depth + 1);
      continue;
    }
    const std::size_t key_size = number_at<std::uint16_t>(page, node + 6);
    if (key_size > page.size() - node - kNodeHead) fail_damaged("a key lies outside its page");
    if ((number_at<std::uint16_t>(page, node + 4) & (kDatabase | kDuplicates)) != 0) continue;
    all.use(std::string(reinterpret_cast<const char*>(page.data()) + node + kNodeHead, key_size),
            value(page, number, node));
  }
}

/// The value of the entry at `node`: behind its key, or on pages of its own.
LmdbValue LmdbFile::value(const Page& page, std::uint64_t number, std::size_t node) const {
  const std::size_t begin = node + kNodeHead + number_at<std::uint16_t>(page, node + 6);
  LmdbValue value{.at = number * page_size_ + begin, .size = number_at<std::uint32_t>(page, node)};
  std::uint64_t end = (number + 1) * page_size_;
  if ((number_at<std::uint16_t>(page, node + 4) & kFar) != 0) {
    if (begin + sizeof(std::uint64_t) > page.size()) fail_damaged("an entry lies outside its page");
    const auto far = number_at<std::uint64_t>(page, begin);
    if (far >= pages_) fail_damaged("a value lies behind the file's end");
    value.at = far * page_size_ + kPageHead;
    end = pages_ * page_size_;
  }
  if (value.size > end - value.at) fail_damaged("a value ends behind its page");
  return value;
}

std::string LmdbFile::stamp() const {
  return file_stamp(file_.path());
}

std::vector<std::byte> LmdbFile::read(const LmdbValue& value) const {
  std::vector<std::byte> bytes;
  read(value, bytes);
  return bytes;
}

}  // namespace springbok::data
