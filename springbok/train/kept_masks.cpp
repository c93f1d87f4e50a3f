// Keeping and writing masks.
#include "springbok/train/kept_masks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/base/text.h"
#include "springbok/data/masks/mask_folder.h"
#include "springbok/metrics/pixel_report.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

using Json = nlohmann::json;

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

void KeptMasks::join(engine::Group& group) {
  Json mine = Json::array();
  for (const Kept& kept : kept_) {
    Json pixels = Json::array();
    for (const metrics::PixelCount& each : kept.pixels) pixels.push_back({each.truth, each.predicted, each.count});
    mine.push_back({kept.sample, kept.mask.height, kept.mask.width, Json::binary(kept.mask.pixels), pixels});
  }
  const std::vector<std::uint8_t> packed = Json::to_cbor(mine);
  kept_.clear();
  for (const std::string& text : gather({packed.begin(), packed.end()}, group)) {
    for (const Json& one : Json::from_cbor(text)) {
      Kept kept{.sample = one[0], .mask = image::Image(one[1], one[2], 1), .pixels = {}};
      kept.mask.pixels = one[3].get_binary();
      for (const Json& each : one[4]) kept.pixels.push_back({each[0], each[1], each[2]});
      kept_.push_back(std::move(kept));
    }
  }
  std::sort(kept_.begin(), kept_.end(), [](const Kept& a, const Kept& b) { return a.sample < b.sample; });
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
