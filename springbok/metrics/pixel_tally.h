// What is counted of images whose pixels are classified: one confusion matrix over the set, and what follows from it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace springbok::metrics {

/// The class of a mask that counts for nothing.
inline constexpr std::uint8_t kIgnoredPixel = 255;

/// Sums over images.
struct PixelTally {
  std::int64_t samples = 0;
  double loss = 0;           ///< summed over images, not averaged
  std::int64_t classes = 0;  ///< 0 as long as nothing was counted
  /// Pixels of (true class, predicted class), (classes, classes + 1) row-major. The last column holds what was given no
  /// class: a prediction that is none, a score that is no number.
  std::vector<std::int64_t> pixels = {};

  std::int64_t at(std::int64_t truth, std::int64_t predicted) const;
  /// Throws Error for other classes.
  PixelTally& operator+=(const PixelTally& other);
  bool operator==(const PixelTally&) const = default;
};

/// Counts one or more images' pixels; where the truth is 255 nothing counts. Throws Error for lengths that differ and
/// for a truth that is no class.
PixelTally count_pixels(std::span<const std::uint8_t> truth, std::span<const std::uint8_t> predicted,
                        std::int64_t classes);

/// Pixels of each class: in both masks, in the truth, in the prediction; what intersection over union needs.
struct ClassPixels {
  std::vector<std::int64_t> both = {}, truth = {}, predicted = {};

  /// `times` times over. Throws Error for other classes; one without any takes those of `other`.
  void add(const ClassPixels& other, std::int64_t times = 1);
  bool operator==(const ClassPixels&) const = default;
};
ClassPixels class_pixels(const PixelTally& tally);

/// Over which classes mean IoU goes. `seen`: those in truth or prediction (torchmetrics' macro Jaccard). `truth`: those
/// in the truth. `elastic`: all, where IoU is I / (U + 1e-10), so that absent ones count as 0 (allenai/elastic,
/// segment.py).
enum class IouForm : std::uint8_t { seen, truth, elastic };

/// Shares from 0 to 1; never NaN.
struct PixelSummary {
  std::vector<std::int64_t> intersection, united;  ///< pixels by class
  std::vector<double> iou;                         ///< by class; 0 for one that is neither in truth nor prediction
  std::vector<std::int64_t> unseen;                ///< those classes
  double mean_iou = 0;
  double accuracy = 0;                ///< of pixels
  double mean_accuracy = 0;           ///< the mean of the classes' accuracies, of those in the truth
  double frequency_weighted_iou = 0;  ///< classes weighted by their pixels in the truth
};
PixelSummary summary_of(const PixelTally& tally, IouForm form = IouForm::seen);
PixelSummary summary_of(const ClassPixels& pixels, IouForm form = IouForm::seen);

/// `{"samples", "loss", "pixels": [[...], ...]}`, a row a true class; and back. Throws Error naming `where`.
nlohmann::ordered_json to_json(const PixelTally& tally);
PixelTally pixel_tally_from_json(const nlohmann::ordered_json& json, const std::string& where);

}  // namespace springbok::metrics
