// `springbok data stats`: a source in numbers.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "springbok/base/json.h"
#include "springbok/base/progress.h"
#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/cli/data.h"
#include "springbok/data/check/stats.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  SourceAsked source;
  bool json = false, per_class = false, quiet = false;
};

Options all_options(Asked& asked) {
  Options options = option_table(asked.source);
  options.push_back({.key = "per_class", .help = "print the images of each class", .field = &asked.per_class});
  options.push_back({.key = "json", .help = "print JSON", .field = &asked.json});
  options.push_back({.key = "quiet", .help = "no progress", .field = &asked.quiet});
  return options;
}

Json spread_json(const data::Spread& spread) {
  return {{"min", spread.least}, {"mean", spread.mean}, {"max", spread.most}};
}

Json to_json(const data::Stats& stats, const data::Source& source, const SourceAsked& asked,
             const data::Damaged& damaged) {
  Json::object_t classes;  // filled as the list of pairs it is: looking a key up costs a walk over all
  for (std::size_t i = 0; i < stats.per_class.size(); ++i) {
    classes.Container::emplace_back(source.classes()[i], stats.per_class[i]);
  }
  Json json{{"source", source.description()},
            {"warnings", warnings_of(source)},
            {"images", stats.images},
            {"formats", stats.formats},
            {"height", spread_json(stats.height)},
            {"width", spread_json(stats.width)},
            {"bytes", spread_json(stats.bytes)},
            {"classes", std::move(classes)},
            {"mean", stats.mean},
            {"std", stats.std}};
  if (source.target_kind() != data::TargetKind::classes) {
    json["classes_per_image"] = spread_json(stats.labels);
    json["without_classes"] = stats.without;
  }
  if (source.target_kind() == data::TargetKind::labels) {
    json["by_size"] = {{"small", stats.by_size[0]}, {"medium", stats.by_size[1]}, {"large", stats.by_size[2]}};
  }
  if (source.target_kind() == data::TargetKind::masks) {
    json["pixels"] = stats.pixels;
    json["ignored_pixels"] = stats.ignored;
  }
  if (asked.damaged_jpeg != data::DamagedJpeg::refuse) json["damaged"] = damaged.count();
  return json;
}

std::string rounded(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(format("{:.4f}", value));
  return join(texts, ",");
}

void print_spread(const char* name, const data::Spread& spread) {
  std::printf("%-8s %s to %s, mean %.1f\n", name, with_commas(spread.least).c_str(), with_commas(spread.most).c_str(),
              spread.mean);
}

void print_balance(const data::Stats& stats, const data::Source& source) {
  if (stats.per_class.empty()) return;
  const auto [least, most] = std::minmax_element(stats.per_class.begin(), stats.per_class.end());
  const auto name = [&](auto at) {
    return shortened(source.classes()[static_cast<std::size_t>(at - stats.per_class.begin())]);
  };
  std::printf("classes  %zu; fewest images %s (%s), most %s (%s)\n", stats.per_class.size(),
              with_commas(*least).c_str(), name(least).c_str(), with_commas(*most).c_str(), name(most).c_str());
}

std::int64_t pixels_of(const data::Stats& stats) {
  return std::accumulate(stats.pixels.begin(), stats.pixels.end(), stats.ignored);
}

std::string share(std::int64_t part, std::int64_t whole) {
  return format("{:.2f} %", whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole));
}

/// Of sources of labels or masks.
void print_labels(const data::Stats& stats, const data::Source& source) {
  if (source.target_kind() == data::TargetKind::classes) return;
  const bool masks = source.target_kind() == data::TargetKind::masks;
  std::printf("%-8s %s to %s an image, mean %.2f; images without: %s\n", masks ? "in masks" : "labels",
              with_commas(stats.labels.least).c_str(), with_commas(stats.labels.most).c_str(), stats.labels.mean,
              with_commas(stats.without).c_str());
  const auto [small, medium, large] = stats.by_size;
  if (small + medium + large > 0) {
    std::printf("sizes    small %s, medium %s, large %s\n", with_commas(small).c_str(), with_commas(medium).c_str(),
                with_commas(large).c_str());
  }
  if (masks) std::printf("ignored  %s of all pixels\n", share(stats.ignored, pixels_of(stats)).c_str());
}

void print_classes(const data::Stats& stats, const data::Source& source) {
  for (std::size_t i = 0; i < stats.per_class.size(); ++i) {
    const std::string pixels = stats.pixels.empty() ? "" : format("  {:>8}", share(stats.pixels[i], pixels_of(stats)));
    std::printf("%10s%s  %s\n", with_commas(stats.per_class[i]).c_str(), pixels.c_str(),
                shortened(source.classes()[i]).c_str());
  }
}

void print(const data::Stats& stats, const data::Source& source, bool per_class) {
  std::printf("%s\n", source.description().c_str());
  std::vector<std::string> formats;
  for (const auto& [name, count] : stats.formats) formats.push_back(format("{} {}", with_commas(count), name));
  std::printf("images   %s (%s)\n", with_commas(stats.images).c_str(), join(formats).c_str());
  print_spread("height", stats.height);
  print_spread("width", stats.width);
  if (stats.bytes.most > 0) print_spread("bytes", stats.bytes);
  print_balance(stats, source);
  print_labels(stats, source);
  std::printf("mean     %s\nstd      %s\n", rounded(stats.mean).c_str(), rounded(stats.std).c_str());
  if (per_class) print_classes(stats, source);
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, all_options(asked));
  data::Damaged damaged;
  const auto source = open_asked(asked.source, "data stats", words, &damaged);
  print_warnings(*source);
  Progress progress({.title = "stats", .total = source->size(), .quiet = asked.quiet});
  const data::Stats stats = data::stats_of(*source, asked.source.threads(), progress.updates());
  progress.finish();
  if (asked.json) {
    std::printf("%s\n", json_text(to_json(stats, *source, asked.source, damaged), 1).c_str());
  } else {
    print(stats, *source, asked.per_class);
    if (const std::string told = damaged.text(); !told.empty()) std::printf("damaged  %s\n", told.c_str());
  }
  return 0;
}

}  // namespace

Command data_stats_command() {
  const auto asked = std::make_shared<Asked>();
  return {
      .name = "stats",
      .help = "Sizes, formats, class balance, mean and standard deviation of the pixels",
      .options = all_options(*asked),
      .words = {.name = "SOURCE", .help = std::string("PATH or KIND:PATH; kinds: ") + data::kSourceKinds},
      .run = [asked](const Flags& flags, const std::vector<std::string>& words) { return run(*asked, flags, words); }};
}

}  // namespace springbok::cli
