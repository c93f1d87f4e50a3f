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
#include "springbok/data/pack/unpack_targets.h"
#include "springbok/image/jpeg/pack.h"
#include "springbok/image/palette.h"

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
  const auto ending = [&](std::int64_t index) { return ending_of(source, index); };
  const bool classes = source.target_kind() == TargetKind::classes;
  UnpackPlan plan = classes ? plan_unpack(source, split, ending) : plan_targets(source, split, ending);
  check_room(plan, folder / split.name());
  if (classes) return plan;
  for (const SideText& each : side_texts(source, plan, folder, split)) {
    std::error_code ignored;
    if (fs::exists(each.file, ignored) && read_text(each.file) != each.text) {
      fail("{}: is there, of another set; give an empty folder to unpack into", each.file.string());
    }
  }
  return plan;
}

/// What is written before the images, so that what a stopped run leaves has the right classes.
void write_texts(const Source& source, const UnpackPlan& plan, const fs::path& folder, const Split& split) {
  make_folder(folder / split.name());
  if (plan.listed) write_file(folder / split.name() / kClassFoldersFile, class_folders_text(plan.classes));
  if (source.target_kind() == TargetKind::classes) return;
  for (const SideText& each : side_texts(source, plan, folder, split)) write_file(each.file, each.text);
}

/// Writes files that are not there with the same bytes. May be called from many threads.
class Files {
 public:
  void put(const fs::path& path, std::span<const std::byte> bytes) {
    if (is_there(path, bytes)) return;
    make_folder(path.parent_path());
    write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    written_ += bytes.size();
    ++count_;
  }
  std::uint64_t bytes() const { return written_; }
  std::int64_t count() const { return count_; }

 private:
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::int64_t> count_ = 0;
};

void put_image(const Source& source, std::int64_t index, const fs::path& path, Files& files) {
  const auto encoded = source.encoded(index, source.channels());
  const bool packed = encoded->segments().units > 0;
  if (packed) {
    files.put(path, image::unpack_jpeg(encoded->bytes(), source.name(index)));
  } else {
    files.put(path, encoded->bytes());
  }
}

}  // namespace

void check_unpack(const Source& source, const fs::path& folder, const Split& split) {
  plan_checked(source, folder, split);
}

UnpackReport unpack(const Source& source, const fs::path& folder, const Split& split, const PackSettings& settings) {
  const UnpackPlan plan = plan_checked(source, folder, split);
  const fs::path top = folder / split.name();
  write_texts(source, plan, folder, split);
  Files images, masks;
  std::atomic<std::int64_t> done = 0;
  std::mutex telling;
  const auto size = static_cast<std::size_t>(source.size());
  parallel_for(size, settings.threads, [&](std::size_t i) {
    const auto index = static_cast<std::int64_t>(i);
    put_image(source, index, top / plan.places[i], images);
    if (source.target_kind() == TargetKind::masks) {
      masks.put(top / plan.places[size + i], image::encode_indices(source.mask(index), image::voc_palette()));
    }
    const std::lock_guard lock(telling);
    ++done;
    if (settings.done) settings.done(done);
  });
  return {.images = source.size(),
          .skipped = source.size() - images.count(),
          .bytes = images.bytes() + masks.bytes(),
          .without_sizes = has_sizes(source)};
}

}  // namespace springbok::data
