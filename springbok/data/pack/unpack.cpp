// Image folders out of a packed data set.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <span>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"
#include "springbok/data/pack/pack.h"
#include "springbok/data/pack/unpack_plan.h"
#include "springbok/image/jpeg/pack.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// Whether the file is there with these bytes.
bool is_there(const fs::path& path, std::span<const std::byte> bytes) {
  std::error_code error;
  if (fs::file_size(path, error) != bytes.size() || error) return false;
  const std::vector<std::byte> found = read_file(path, bytes.size());
  return std::equal(found.begin(), found.end(), bytes.begin(), bytes.end());
}

std::string ending_of(const Source& source, std::int64_t index) {
  const auto encoded = source.encoded(index, source.channels());
  if (!encoded) fail("{}: stores no encoded images; only packed data sets are unpacked", source.description());
  const image::Format format = image::probe(encoded->bytes(), source.name(index)).format;
  if (format == image::Format::gif) fail("{}: a GIF, which image folders leave out; convert it", source.name(index));
  return image::usual_ending(format);
}

/// The plan, once all is known to fit.
UnpackPlan plan_checked(const Source& source, const fs::path& folder, const Split& split) {
  if (source.size() > 0) ending_of(source, 0);
  UnpackPlan plan = plan_unpack(source, split, [&](std::int64_t index) { return ending_of(source, index); });
  check_room(plan, folder / split.name());
  return plan;
}

}  // namespace

void check_unpack(const Source& source, const fs::path& folder, const Split& split) {
  plan_checked(source, folder, split);
}

UnpackReport unpack(const Source& source, const fs::path& folder, const Split& split, const PackSettings& settings) {
  const UnpackPlan plan = plan_checked(source, folder, split);
  const fs::path top = folder / split.name();
  if (plan.listed) {  // before the images, so that what a stopped run leaves has the right classes
    make_folder(top);
    write_file(top / kClassFoldersFile, class_folders_text(plan.classes));
  }
  std::atomic<std::int64_t> done = 0, skipped = 0;
  std::atomic<std::uint64_t> written = 0;
  std::mutex telling;
  parallel_for(static_cast<std::size_t>(source.size()), settings.threads, [&](std::size_t i) {
    const auto index = static_cast<std::int64_t>(i);
    const auto encoded = source.encoded(index, source.channels());
    const std::string name = source.name(index);
    const bool packed = encoded->segments().units > 0;
    const fs::path path = top / plan.places[i];
    const std::vector<std::byte> own = packed ? image::unpack_jpeg(encoded->bytes(), name) : std::vector<std::byte>();
    const std::span<const std::byte> bytes = packed ? std::span<const std::byte>(own) : encoded->bytes();
    if (is_there(path, bytes)) {
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
