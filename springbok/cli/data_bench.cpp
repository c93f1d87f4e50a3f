// `springbok data bench`: how fast sources are loaded under a training's transforms, and what takes the time.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/progress.h"
#include "springbok/base/quote.h"
#include "springbok/base/threads.h"
#include "springbok/cli/data.h"
#include "springbok/data/load/throughput.h"
#include "springbok/recipe/feed.h"
#include "springbok/recipe/recipe.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  std::string split = "train";
  double seconds = 10;
  std::int64_t workers = -1, batch = 32;
  int size = 224;
  bool json = false, quiet = false;
};

Options all_options(Asked& asked) {
  return {
      {.key = "split", .help = "which part of each source: train, val, test, ...", .field = &asked.split},
      {.key = "seconds", .help = "of measuring, for each source", .field = &asked.seconds, .min = 0.1, .max = 3600},
      {.key = "workers",
       .help = "loading threads; 0 loads in the calling thread, -1: all usable cores",
       .field = &asked.workers,
       .min = -1,
       .max = 1024},
      {.key = "batch", .help = "images of a batch", .field = &asked.batch, .min = 1, .max = 1 << 16},
      {.key = "size", .help = "height and width of the images made", .field = &asked.size, .min = 1, .max = 1 << 14},
      {.key = "json", .help = "print JSON", .field = &asked.json},
      {.key = "quiet", .help = "no progress", .field = &asked.quiet},
  };
}

/// The source under the transforms that a training has by default.
data::Contender contender(const Asked& asked, const std::string& spec) {
  auto source = open_asked({.split = asked.split}, "data bench", {spec});
  recipe::Recipe recipe;
  recipe.preprocess.size = asked.size;
  fill_open(recipe, *source);
  recipe::choose_task(recipe, *source);
  data::SampleTransform transform = recipe::training_samples(recipe, 0);
  return {printable(spec), std::move(source), std::move(transform)};
}

Json to_json(const data::Throughput& result) {
  Json stages = Json::object();
  for (std::size_t i = 0; i < data::kStageNames.size(); ++i) {
    stages[data::kStageNames[i]] = 1000 * result.per_image.seconds[i];
  }
  return {{"source", result.name},  {"images_per_second", result.images_per_second},
          {"ratio", result.ratio},  {"images", result.images},
          {"milliseconds", stages}, {"limit", data::kStageNames.at(static_cast<std::size_t>(result.limit))}};
}

void print(const std::vector<data::Throughput>& results) {
  std::size_t widest = 6;
  for (const data::Throughput& result : results) widest = std::max(widest, result.name.size());
  const auto width = static_cast<int>(widest);
  std::printf("%-*s %9s %6s %8s", width, "source", "img/s", "ratio", "ms/img");
  for (const char* name : data::kStageNames) std::printf(" %9s", name);
  std::printf("  limit\n");
  for (const data::Throughput& result : results) {
    const double all = result.seconds_per_image();
    std::printf("%-*s %9.1f %6.2f %8.3f", width, result.name.c_str(), result.images_per_second, result.ratio,
                1000 * all);
    for (const double seconds : result.per_image.seconds) std::printf(" %7.1f %%", 100 * seconds / all);
    std::printf("  %s\n", data::kStageNames.at(static_cast<std::size_t>(result.limit)));
  }
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, all_options(asked));
  if (words.empty()) fail_usage("data bench: name the sources: PATH or KIND:PATH");
  std::vector<data::Contender> contenders;
  for (const std::string& spec : words) contenders.push_back(contender(asked, spec));
  data::ThroughputSettings settings{.seconds = asked.seconds,
                                    .workers = asked.workers < 0 ? usable_cores() : static_cast<int>(asked.workers),
                                    .batch = asked.batch};
  if (!asked.json) {
    for (const auto& each : contenders) std::printf("%s\n", each.source->description().c_str());
    std::printf("%d workers, batches of %lld, %lld x %lld, %d turns of %.1f s each\n", settings.workers,
                static_cast<long long>(asked.batch), static_cast<long long>(asked.size),
                static_cast<long long>(asked.size), settings.turns, settings.seconds / settings.turns);
    std::fflush(stdout);
  }
  const auto turns = static_cast<std::int64_t>(contenders.size()) * settings.turns;
  Progress progress({.title = "bench", .total = turns, .unit = "turns", .quiet = asked.quiet});
  settings.done = progress.updates();
  const std::vector<data::Throughput> results = data::measure_throughput(std::move(contenders), settings);
  progress.finish();
  if (asked.json) {
    Json list = Json::array();
    for (const data::Throughput& result : results) list.push_back(to_json(result));
    const Json all = {{"workers", settings.workers}, {"batch", asked.batch}, {"size", asked.size}, {"sources", list}};
    std::printf("%s\n", json_text(all, 1).c_str());
  } else {
    print(results);
  }
  return 0;
}

}  // namespace

Command data_bench_command() {
  const auto asked = std::make_shared<Asked>();
  return {
      .name = "bench",
      .help = "Images a second of sources, side by side, under a training's transforms, and what takes the time",
      .options = all_options(*asked),
      .words = {.name = "SOURCE",
                .help = std::string("PATH or KIND:PATH, several to compare them; kinds: ") + data::kSourceKinds,
                .many = true},
      .run = [asked](const Flags& flags, const std::vector<std::string>& words) { return run(*asked, flags, words); }};
}

}  // namespace springbok::cli
