// Files that are plain or gzip, read through zlib.
#include "springbok/data/raw/gz_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"

namespace springbok::data {
namespace {

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

}  // namespace

GzFile::GzFile(std::filesystem::path path) : path_(std::move(path)) {
  Descriptor opened = open_regular(path_);
  file_ = ::gzdopen(opened.get(), "rb");
  if (file_ == nullptr) fail("cannot open {}: {}", path_.string(), reason_of(errno));
  opened.release();  // gzclose closes it
  ::gzbuffer(file_, 1U << 18);
}

GzFile::~GzFile() {
  ::gzclose(file_);
}

std::vector<std::uint8_t> GzFile::read(std::uint64_t size) {
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 24;
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < size) {
    const std::uint64_t begin = bytes.size();
    const std::uint64_t wanted = std::min(kPiece, size - begin);
    bytes.resize(begin + wanted);
    const int count = ::gzread(file_, bytes.data() + begin, static_cast<unsigned>(wanted));
    const auto got = static_cast<std::uint64_t>(std::max(count, 0));
    bytes.resize(begin + got);
    done_ += got;
    if (got < wanted) {
      check_stream();
      break;
    }
  }
  return bytes;
}

void GzFile::check_stream() const {
  int code = Z_OK;
  const char* reason = ::gzerror(file_, &code);
  if (code == Z_OK || code == Z_STREAM_END) return;
  if (code == Z_ERRNO) fail("cannot read {}: {}", path_.string(), reason_of(errno));
  fail("{}: {} gzip file, {} bytes unpacked; get it again", path_.string(), code == Z_BUF_ERROR ? "cut" : "damaged",
       with_commas(static_cast<std::int64_t>(done_)), reason);
}

}  // namespace springbok::data
