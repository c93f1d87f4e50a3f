// Reading and writing index files.
#include "springbok/data/source/kept_index.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "springbok/base/cache_folder.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHash = 64;  // hex digits at the end

std::string hash_of(std::string_view bytes) {
  return sha256(std::as_bytes(std::span(bytes)));
}

bool asks_for_rescan() {
  const char* value = std::getenv("SPRINGBOK_RESCAN");
  return value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
}

}  // namespace

KeptIndex KeptIndex::of(const char* kind, std::string_view format, std::string place) {
  const fs::path cache = cache_folder();
  const std::string name = hash_of(place).substr(0, 32) + ".index";
  return {.file = cache.empty() ? cache : cache / kind / name, .format = format, .place = std::move(place)};
}

std::optional<std::string> KeptIndex::read(bool rescan) const {
  if (rescan || asks_for_rescan()) return std::nullopt;
  try {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return std::nullopt;
    std::string bytes = read_text(file, kAnySize);
    const auto body = unseal_index(*this, bytes);
    if (!body) return std::nullopt;
    bytes.resize(bytes.size() - kHash);
    bytes.erase(0, static_cast<std::size_t>(body->data() - bytes.data()));
    return bytes;
  } catch (const Error&) {  // what cannot be read is made again
    return std::nullopt;
  }
}

bool KeptIndex::write(std::string_view body) const {
  try {
    if (file.empty()) fail("there is no home folder");
    make_folder(file.parent_path());
    AtomicFile written(file);
    written.write(seal_index(*this, body));
    written.commit(/*durable=*/false);
    return true;
  } catch (const Error& error) {
    static std::atomic<bool> said = false;
    if (!said.exchange(true)) {
      std::fprintf(stderr,
                   "springbok: warning: no index of %s is kept, so that it is listed each time: %s; set "
                   "SPRINGBOK_CACHE to a folder that can be written\n",
                   printable(place).c_str(), error.what());
    }
    return false;
  }
}

std::string seal_index(const KeptIndex& index, std::string_view body) {
  IndexWriter head;
  head.text(index.place);
  std::string bytes(index.format);
  bytes += head.bytes();
  bytes += body;
  return bytes + hash_of(bytes);
}

std::optional<std::string_view> unseal_index(const KeptIndex& index, std::string_view bytes) {
  IndexWriter head;
  head.text(index.place);
  const std::size_t format = index.format.size();
  if (bytes.size() < format + head.bytes().size() + kHash || !bytes.starts_with(index.format)) return std::nullopt;
  const std::string_view hash = bytes.substr(bytes.size() - kHash);
  bytes.remove_suffix(kHash);
  if (hash_of(bytes) != hash || !bytes.substr(format).starts_with(head.bytes())) return std::nullopt;
  return bytes.substr(format + head.bytes().size());
}

}  // namespace springbok::data
