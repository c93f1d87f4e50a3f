// Opening a file by its content.
#include "springbok/tensors/read.h"

#include <sys/mman.h>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/formats.h"

namespace springbok::tensors {

namespace {

/// What a file that is none of ours seems to be, and what to do.
[[noreturn]] void fail_unknown(const Source& source) {
  const std::string_view text = as_text(source.bytes);
  if (text.empty()) fail("{}: the file is empty; copy or download it again", source.name);
  if (text.starts_with("version https://git-lfs")) {
    fail("{}: a Git LFS pointer, not the file itself; fetch it with 'git lfs pull'", source.name);
  }
  if (text.size() > 262 && text.substr(257, 5) == "ustar") {
    fail("{}: a tar archive (PyTorch 0.1 wrote such); load it with torch.load and re-save it", source.name);
  }
  if (text.starts_with("\x1f\x8b")) fail("{}: compressed with gzip; unpack it with gunzip", source.name);
  const std::size_t word = text.find_first_not_of(" \t\r\n");
  if (word != std::string_view::npos && text[word] == '<') {
    fail("{}: a web page, not weights; the download did not reach the file", source.name);
  }
  if (text[0] == '\x80') {
    fail("{}: a pickle that torch.save did not write; load it in Python and save it with torch.save", source.name);
  }
  fail("{}: not a weight file (PyTorch zip, PyTorch before 1.6, or safetensors)", source.name);
}

}  // namespace

File read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const std::string& name) {
  const Source source{bytes, std::move(owner), name};
  if (is_zip(bytes)) return read_zip(source);
  if (is_legacy(bytes)) return read_legacy(source);
  if (is_safetensors(bytes)) return read_safetensors(source);
  fail_unknown(source);
}

File read(const std::filesystem::path& path) {
  const auto file = std::make_shared<MappedFile>(path);
  File result = read(file->bytes(), file, path.string());
  result.mapped = file->bytes();
  return result;
}

void release_pages(const File& file) {
  if (!file.mapped.empty()) ::madvise(const_cast<std::byte*>(file.mapped.data()), file.mapped.size(), MADV_DONTNEED);
}

}  // namespace springbok::tensors
