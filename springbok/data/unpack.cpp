// Image folders out of a packed data set.
#include <algorithm>
#include <atomic>
#include <mutex>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"
#include "springbok/data/image_names.h"
#include "springbok/data/pack.h"
#include "springbok/image/jpeg_pack.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// SPLIT/CLASS/NAME: the sample's own name where it is such already, else with its folders joined by '_', and with an
/// ending where it has none.
fs::path place_of(const Source& source, std::int64_t index, Split split, image::Format format) {
  const std::string name = source.name(index);
  const std::int64_t target = source.target(index);
  const std::string owner = target < 0 ? "none" : source.classes().at(static_cast<std::size_t>(target));
  const std::string folder = (split == Split::train ? "train/" : "val/") + owner + "/";
  std::string rest = name;
  if (name.starts_with(folder)) {
    rest = name.substr(folder.size());
  } else {
    std::replace(rest.begin(), rest.end(), '/', '_');
  }
  if (!is_image_name(rest)) {
    rest += format == image::Format::jpeg ? ".jpg" : format == image::Format::png ? ".png" : ".webp";
  }
  const fs::path place = fs::path(folder + rest).lexically_normal();
  if (place.is_absolute() || *place.begin() == "..") fail("{}: the name leads out of the folder", name);
  return place;
}

bool is_there(const fs::path& path, std::size_t size) {
  std::error_code error;
  return fs::file_size(path, error) == size && !error;
}

}  // namespace

UnpackReport unpack(const Source& source, const fs::path& folder, Split split, const PackSettings& settings) {
  std::atomic<std::int64_t> done = 0, skipped = 0;
  std::atomic<std::uint64_t> written = 0;
  std::mutex telling;
  parallel_for(static_cast<std::size_t>(source.size()), settings.threads, [&](std::size_t i) {
    const auto index = static_cast<std::int64_t>(i);
    const auto encoded = source.encoded(index, source.channels());
    if (!encoded) fail("{}: stores no encoded images; only packed data sets are unpacked", source.description());
    const std::string name = source.name(index);
    const image::Format format = image::probe(encoded->bytes(), name).format;
    const bool packed = encoded->segments().units > 0;
    const fs::path path = folder / place_of(source, index, split, format);
    const std::vector<std::byte> own = packed ? image::unpack_jpeg(encoded->bytes(), name) : std::vector<std::byte>();
    const std::span<const std::byte> bytes = packed ? std::span<const std::byte>(own) : encoded->bytes();
    if (is_there(path, bytes.size())) {
      ++skipped;
    } else {
      make_folder(path.parent_path());
      write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
      written += bytes.size();
    }
    const std::lock_guard lock(telling);
    ++done;
    if (settings.done) settings.done(done);
  });
  return {.images = source.size(), .skipped = skipped, .bytes = written};
}

}  // namespace springbok::data
