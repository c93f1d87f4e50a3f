// A source's file in /dev/shm, where writing costs little.
#include "data_file.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "springbok/base/error.h"
#include "springbok/data/source/source.h"

namespace springbok::fuzz {
namespace {

namespace fs = std::filesystem;

/// A folder of this process, removed at its end.
class Folder {
 public:
  Folder() {
    std::error_code none;
    const fs::path memory = "/dev/shm", above = fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
    path_ = above / ("springbok_fuzz_" + std::to_string(::getpid()));
    fs::create_directories(path_ / "train");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void read_sample(const data::Source& source, std::int64_t index) {
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 16;  // decoding has fuzzers of its own
  try {
    source.name(index);
    const auto encoded = source.encoded(index, source.channels());
    source.target(index);
    if (source.target_kind() == data::TargetKind::labels) source.labels(index);
    const image::Size size = encoded->size();
    if (std::int64_t{size.height} * size.width > kMostPixels) return;
    if (source.target_kind() == data::TargetKind::masks) source.mask(index);
    encoded->part({size.height / 3, size.width / 3, (size.height + 2) / 3, (size.width + 2) / 3});
  } catch (const Error&) {
    return;
  }
}

}  // namespace

void read_source(const std::string& kind, const std::string& name, std::span<const std::byte> bytes) {
  static const Folder folder;
  const fs::path path = folder.path() / name;
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  try {
    const auto source = data::open_source(kind + ":" + folder.path().string(), data::Split::train);
    source->digest();
    constexpr std::int64_t kMostSamples = 16;
    for (std::int64_t i = 0; i < std::min(source->size(), kMostSamples); ++i) read_sample(*source, i);
  } catch (const Error&) {
    return;
  }
}

}  // namespace springbok::fuzz
