// Keeping and writing masks.
#include "springbok/train/kept_masks.h"

#include "springbok/base/file.h"
#include "springbok/base/text.h"
#include "springbok/data/masks/mask_folder.h"
#include "springbok/metrics/pixel_report.h"

namespace springbok::train {
namespace {

constexpr std::int64_t kMost = 64;

bool is_spread(std::int64_t sample, std::int64_t size) {
  return size <= kMost || sample * kMost / size != (sample - 1) * kMost / size || sample == 0;
}

}  // namespace

void KeptMasks::add(std::int64_t sample, const image::Image& truth, const image::Image& mask,
                    const std::vector<std::string>& classes) {
  if (!is_spread(sample, source_.size())) return;
  const metrics::PixelTally tally = metrics::count_pixels(truth.pixels, mask.pixels, std::ssize(classes));
  kept_.push_back({.sample = sample, .mask = mask, .pixels = metrics::cells_of(tally, classes)});
}

std::vector<metrics::Prediction> KeptMasks::write(const std::filesystem::path& folder,
                                                  const std::vector<std::string>& classes) const {
  make_folder(folder);
  data::write_class_list(folder, classes);
  std::vector<metrics::Prediction> predictions;
  for (const Kept& kept : kept_) {
    const std::string file = format("{:06}.png", kept.sample);
    const std::vector<std::byte> png = data::mask_png(kept.mask);
    write_file(folder / file, std::string_view(reinterpret_cast<const char*>(png.data()), png.size()));
    predictions.emplace_back(metrics::Painted{
        .image = source_.name(kept.sample), .mask = (folder.filename() / file).string(), .pixels = kept.pixels});
  }
  return predictions;
}

}  // namespace springbok::train
