// `springbok data`: looking at sources, checking and converting them; one file a command.
#include "springbok/cli/data.h"

#include <cstdio>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/base/threads.h"
#include "springbok/recipe/recipe.h"

namespace springbok::cli {

int SourceAsked::threads() const {
  return jobs > 0 ? static_cast<int>(jobs) : usable_cores();
}

Options option_table(SourceAsked& asked) {
  return {
      {.key = "split", .help = "which part of the source: train, val, test, ...", .field = &asked.split},
      val_share_option(asked.val_share),
      {.key = "limit", .help = "so many images, spread evenly; 0: all", .field = &asked.limit, .min = 0},
      {.key = "jobs", .help = "threads; 0: all usable cores", .field = &asked.jobs, .min = 0, .max = 1024},
      damaged_jpeg_option(asked.damaged_jpeg),
  };
}

std::unique_ptr<data::Source> open_asked(const SourceAsked& asked, const std::string& command,
                                         const std::vector<std::string>& words, data::Damaged* damaged) {
  if (words.empty()) fail_usage("{}: name the source: PATH or KIND:PATH", command);
  auto source = data::open_source(words.front(), data::Split(asked.split), {.val_share = asked.val_share});
  if (damaged != nullptr) source = data::with_damaged(std::move(source), asked.damaged_jpeg, *damaged);
  return data::limited(std::move(source), asked.limit);
}

Option damaged_jpeg_option(data::DamagedJpeg& rule) {
  return {.key = "damaged_jpeg",
          .help = "JPEGs with damage that Pillow reads over are errors, or read with Pillow's pixels and counted",
          .field = &rule,
          .choices = data::kDamagedJpegNames};
}

Option parts_option(std::string& which) {
  return {.key = "split", .help = "which part: both (train and val), or one: train, val, test, ...", .field = &which};
}

std::vector<Part> open_parts(const std::string& spec, const std::string& which, const data::OpenSettings& settings) {
  std::vector<Part> parts;
  std::string missing;
  const std::vector<data::Split> splits =
      which == "both" ? std::vector{data::Split::train, data::Split::val} : std::vector{data::Split(which)};
  for (const data::Split& split : splits) {
    try {
      parts.push_back({split, split.name(), data::open_source(spec, split, settings)});
    } catch (const UsageError&) {
      throw;
    } catch (const Error& error) {
      if (which != "both" || !missing.empty()) throw;
      missing = format("note: no {} part: {}", split.name(), error.what());
    }
  }
  if (!missing.empty()) std::fprintf(stderr, "%s\n", missing.c_str());
  return parts;
}

Option val_share_option(double& share) {
  return {.key = "val_share",
          .help = "hold out this share of the training images as the val part, as train does; 0: the data's own",
          .field = &share,
          .min = 0,
          .max = 0.9};
}

std::vector<std::string> warnings_of(const data::Source& source) {
  std::vector<std::string> told;
  for (const std::string& each : source.warnings()) told.push_back(one_line(each));
  return told;
}

void print_warnings(const data::Source& source) {
  for (const std::string& each : warnings_of(source)) std::fprintf(stderr, "springbok: warning: %s\n", each.c_str());
}

void fill_open(recipe::Recipe& recipe, const data::Source& source) {
  constexpr int kUsual = 224;
  data::Preprocess& p = recipe.preprocess;
  if (p.size == 0) p.size = kUsual;
  if (p.channels == 0) p.channels = source.channels();
  if (p.mean.empty()) p.mean = recipe::default_mean(p.channels);
  if (p.std.empty()) p.std = recipe::default_std(p.channels);
}

Command data_command() {
  Command command{.name = "data", .help = "Look at image data, check and convert them"};
  command.children = {data_stats_command(),  data_verify_command(), data_show_command(),  data_pack_command(),
                      data_unpack_command(), data_index_command(),  data_bench_command(), data_compose_command()};
  return command;
}

}  // namespace springbok::cli
