// How images are prepared, from the command line: for verbs whose weights say it themselves, or do not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "springbok/base/option.h"
#include "springbok/model/card.h"

namespace springbok::cli {

/// What is left at its default stays the weights' own.
struct PreprocessFlags {
  int size = 0;
  double crop_ratio = 0;
  std::optional<image::Filter> interpolation = {};
  std::optional<image::PassOrder> resampler = {};
  std::optional<data::Exif> exif = {};
  std::optional<data::Fit> fit = {};
  std::vector<double> mean = {}, std = {};
};

Options option_table(PreprocessFlags& flags);

/// The first of the flags that were given, or "".
std::string first_given(const PreprocessFlags& flags);

/// Changes the card's preprocessing, and where it comes from, by the flags. Says on standard error what is only
/// `assumed` and what is not the weights' own any more. Throws UsageError for what cannot be.
void apply(const PreprocessFlags& flags, model::Card& card, bool assumed, const std::string& where);

}  // namespace springbok::cli
