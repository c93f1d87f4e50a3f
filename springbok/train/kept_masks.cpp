// Keeping and writing masks.
#include "springbok/train/kept_masks.h"

#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/image/palette.h"
#include "springbok/metrics/pixel_tally.h"

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
  Kept kept{.sample = sample, .mask = mask, .pixels = {}};
  for (std::int64_t t = 0; t < tally.classes; ++t) {
    for (std::int64_t p = 0; p <= tally.classes; ++p) {
      if (tally.at(t, p) == 0) continue;
      kept.pixels.push_back({classes[static_cast<std::size_t>(t)],
                             p < tally.classes ? classes[static_cast<std::size_t>(p)] : std::string(), tally.at(t, p)});
    }
  }
  kept_.push_back(std::move(kept));
}

std::vector<metrics::Prediction> KeptMasks::write(const std::filesystem::path& folder,
                                                  const std::vector<std::string>& classes) const {
  make_folder(folder);
  std::string names;
  for (const std::string& name : classes) names += printable(name) + '\n';
  write_file(folder / "classes.txt", names);
  std::vector<metrics::Prediction> predictions;
  for (const Kept& kept : kept_) {
    const std::string file = format("{:06}.png", kept.sample);
    const std::vector<std::byte> png = image::encode_indices(kept.mask, image::voc_palette());
    write_file(folder / file, std::string_view(reinterpret_cast<const char*>(png.data()), png.size()));
    predictions.emplace_back(metrics::Painted{
        .image = source_.name(kept.sample), .mask = (folder.filename() / file).string(), .pixels = kept.pixels});
  }
  return predictions;
}

}  // namespace springbok::train
