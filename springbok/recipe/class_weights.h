// Weights of classes that are not equally frequent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "springbok/recipe/loss_settings.h"

namespace springbok::recipe {

/// N / (C n) for a class of n of the N samples and C classes that have some, so that a sample's mean weight is 1: as
/// scikit-learn's "balanced". A class without samples weighs 1.
std::vector<double> balanced_weights(std::span<const std::int64_t> samples);

/// (1 - beta) / (1 - beta^n), the inverse effective number of samples (Cui et al. 2019, eq. 2), as torch-toolbox's
/// class_balanced_weight. A class without samples weighs 1. Throws Error for a beta outside [0, 1).
std::vector<double> effective_number_weights(std::span<const std::int64_t> samples, double beta);

/// Scaled so that they sum to their number, as that paper has them.
std::vector<double> normalised(std::vector<double> weights);

/// Puts the numbers of a file in the file's place, so that what is stored does not depend on it. Texts that name no
/// file stay. Throws Error naming the file and the line.
void read_class_weights(LossSettings& loss);

/// The weight of each class. `samples`: how many there are of each. Throws UsageError for a text that is none of the
/// forms, for another number of weights than of classes, and for weights of which none is above 0.
std::vector<double> class_weights(const LossSettings& loss, const std::vector<std::int64_t>& samples);

}  // namespace springbok::recipe
