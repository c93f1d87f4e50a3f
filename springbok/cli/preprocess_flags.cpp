// Flags for how images are prepared.
#include "springbok/cli/preprocess_flags.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"

namespace springbok::cli {
namespace {

constexpr const char* kSettable = "--size, --crop-ratio, --interpolation, --mean, --std";

/// One value for all channels is enough.
std::vector<double> per_channel(const std::vector<double>& values, int channels) {
  return values.size() == 1 ? std::vector<double>(static_cast<std::size_t>(channels), values.front()) : values;
}

/// The choices behind an empty one, which stands for the weights' own.
std::vector<std::string> or_own(std::vector<std::string> choices) {
  choices.insert(choices.begin(), "");
  return choices;
}

data::Preprocess changed(const PreprocessFlags& flags, const data::Preprocess& own) {
  data::Preprocess preprocess = own;
  if (flags.size > 0) preprocess.size = flags.size;
  if (flags.crop_ratio > 0) preprocess.crop_ratio = flags.crop_ratio;
  preprocess.interpolation = flags.interpolation.value_or(own.interpolation);
  preprocess.resampler = flags.resampler.value_or(own.resampler);
  preprocess.exif = flags.exif.value_or(own.exif);
  preprocess.fit = flags.fit.value_or(own.fit);
  if ((preprocess.fit == data::Fit::native) != (own.fit == data::Fit::native)) {
    fail_usage("--fit: native is for networks that score pixels, which take nothing else");
  }
  if (!flags.mean.empty()) preprocess.mean = per_channel(flags.mean, own.channels);
  if (!flags.std.empty()) preprocess.std = per_channel(flags.std, own.channels);
  data::validate(preprocess, "command line");
  return preprocess;
}

bool says_all(const PreprocessFlags& flags) {
  return flags.size > 0 && flags.crop_ratio > 0 && flags.interpolation && !flags.mean.empty() && !flags.std.empty();
}

}  // namespace

Options option_table(PreprocessFlags& flags) {
  Options options{
      {.key = "size", .help = "input size; 0: the weights' own", .field = &flags.size, .min = 0, .max = 8192},
      {.key = "crop_ratio",
       .help = "shorter side to size / crop_ratio, then centre crop; 0: the weights' own",
       .field = &flags.crop_ratio,
       .min = 0,
       .max = 1},
      {.key = "interpolation",
       .help = "resizing filter; empty: the weights' own",
       .field = &flags.interpolation,
       .choices = or_own(image::filter_names())},
      {.key = "resampler",
       .help = "whose pixels; empty: the weights' own",
       .field = &flags.resampler,
       .choices = or_own(image::pass_order_names())},
      {.key = "mean",
       .help = "of pixels in [0,1], one value or one per channel; empty: the weights' own",
       .field = &flags.mean},
      {.key = "std", .help = "their deviation, likewise; empty: the weights' own", .field = &flags.std},
      {.key = "exif",
       .help = "orientation that photographs ask for: ignore or apply; empty: the weights' own",
       .field = &flags.exif,
       .choices = or_own(data::exif_names())},
      {.key = "fit",
       .help = "how images come to the size: crop, by crop_ratio, or squash; empty: the weights' own",
       .field = &flags.fit,
       .choices = or_own(data::fit_names())},
  };
  for (Option& option : options) option.group = "Preprocessing";
  return options;
}

std::string first_given(const PreprocessFlags& flags) {
  PreprocessFlags copy = flags, none;
  const auto given = option_values(option_table(copy)), usual = option_values(option_table(none));
  for (const auto& [key, value] : given.items()) {
    if (value != usual[key]) return flag_name(key);
  }
  return "";
}

void apply(const PreprocessFlags& flags, model::Card& card, bool assumed, const std::string& where) {
  const data::Preprocess own = std::exchange(card.preprocess, changed(flags, card.preprocess));
  const std::vector<std::string> changes = data::differences(card.preprocess, own);
  if (assumed && says_all(flags)) {
    card.preprocess_from = "command line";
    return;
  }
  const std::string changed_by = changes.empty() ? "" : format("; command line: {}", join(changes, "; "));
  if (assumed) {
    std::fprintf(stderr, "springbok: warning: %s: preprocessing %s%s: %s; %s\n", printable(where).c_str(),
                 printable(card.preprocess_from).c_str(), changed_by.c_str(), data::summary(card.preprocess).c_str(),
                 format("set what differs by {}", kSettable).c_str());
  } else if (!changes.empty()) {
    std::fprintf(stderr, "springbok: warning: not the preprocessing of the weights (digest %s instead of %s): %s\n",
                 data::digest(card.preprocess).c_str(), data::digest(own).c_str(), join(changes, "; ").c_str());
  }
  if (!changes.empty())
    card.preprocess_from = (card.preprocess_from.empty() ? "stored" : card.preprocess_from) + changed_by;
}

}  // namespace springbok::cli
