// `springbok data show`: a contact sheet of what training will see, as one HTML file.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/cli/data.h"
#include "springbok/cli/outputs.h"
#include "springbok/recipe/feed.h"
#include "springbok/recipe/layers.h"
#include "springbok/recipe/recipe.h"
#include "springbok/study/chart.h"
#include "springbok/study/gallery.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::string out, recipe_file, split = "train";
  std::int64_t images = 8, samples = 6;
  recipe::Recipe recipe;
};

Options own_options(Asked& asked) {
  return {
      {.key = "out", .help = "the HTML file to write", .field = &asked.out},
      {.key = "images", .help = "rows: images, spread evenly", .field = &asked.images, .min = 1, .max = 1000},
      {.key = "samples", .help = "columns: times each is augmented", .field = &asked.samples, .min = 1, .max = 100},
      {.key = "split", .help = "which part of the source: train, val, test, ...", .field = &asked.split},
      {.key = "recipe",
       .help = "a recipe's name, or a TOML file with any of a training's keys; flags win over it",
       .field = &asked.recipe_file},
  };
}

/// The keys of a training that decide what the network sees.
Options shown_options(Asked& asked) {
  Options options;
  for (Option& option : recipe::option_table(asked.recipe)) {
    const bool shown = option.group == "Images" || option.group == "Augmentation" || option.key == "seed";
    if (shown && option.key != "limit") options.push_back(std::move(option));
  }
  return options;
}

void read(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  const Options own = own_options(asked), shown = shown_options(asked);
  Flags own_flags, recipe_flags;
  for (const auto& flag : flags) (find_option(own, flag.first) ? own_flags : recipe_flags).push_back(flag);
  apply_flags(own_flags, own);
  recipe::Given given;
  if (!asked.recipe_file.empty()) recipe::read_recipe(asked.recipe_file, recipe::option_table(asked.recipe), given);
  recipe::read_flags(recipe_flags, shown, given);
  if (asked.out.empty()) fail_usage("data show: give the file to write: --out SHEET.html");
  check_outputs({{"--out", asked.out}},
                {{"--recipe", asked.recipe_file}, {"SOURCE", words.empty() ? "" : words.front()}});
  check_writable(asked.out);
}

/// Normalised floats as pixels again.
image::Image to_image(const data::Batch& batch, std::int64_t which, const data::Preprocess& p) {
  image::Image image(batch.height, batch.width, batch.channels);
  const float* floats = batch.pixels.data() + static_cast<std::size_t>(which) * image.pixels.size();
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t c = i % static_cast<std::size_t>(p.channels);
    const double value = 255 * (static_cast<double>(floats[i]) * p.std[c] + p.mean[c]);
    image.pixels[i] = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
  }
  return image;
}

/// One column: all images in order, loaded as one batch of that epoch, mixed when `mixed` says so.
data::Batch column(const data::Source& source, const data::Transform& transform, const recipe::Recipe& recipe,
                   std::int64_t epoch, bool mixed) {
  data::Loader loader(source, transform,
                      {.batch = source.size(),
                       .workers = 0,
                       .seed = static_cast<std::uint64_t>(recipe.seed),
                       .epoch = epoch,
                       .mix_over = mixed && recipe.mix.any() ? source.size() : 0});
  data::Batch batch = *loader.next();
  if (mixed) recipe::mix_batch(batch, recipe, epoch, 0);
  return batch;
}

const char* kStyle =
    "body{font:14px system-ui,sans-serif;margin:1.5em;color-scheme:light dark}"
    "table{border-spacing:4px}td,th{text-align:left;vertical-align:top}"
    "img{display:block;width:112px;height:112px;image-rendering:auto}td.name{max-width:14em;overflow-wrap:anywhere}";

std::string sheet(const data::Source& source, const Asked& asked) {
  const recipe::Recipe& recipe = asked.recipe;
  const data::Preprocess& p = recipe.preprocess;
  std::vector<data::Batch> columns;
  columns.push_back(column(source, recipe::evaluation_transform(recipe), recipe, 0, false));
  for (std::int64_t s = 0; s < asked.samples; ++s) {
    columns.push_back(column(source, recipe::training_transform(recipe, s), recipe, s, true));
  }
  std::string html = format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>springbok data show</title>"
      "<style>{}</style></head>\n<body><h1>What training sees</h1><p>{}</p>\n<table>\n<tr><th>image</th>"
      "<th>evaluation</th><th colspan=\"{}\">training, epoch by epoch</th></tr>\n",
      kStyle, study::escape(source.description()), asked.samples);
  for (std::int64_t i = 0; i < source.size(); ++i) {
    const std::int64_t target = source.target(i);
    const std::string label = target < 0 ? "" : source.classes()[static_cast<std::size_t>(target)];
    html += format("<tr><td class=\"name\"><b>{}</b><br>{}</td>", study::escape(label), study::escape(source.name(i)));
    for (const data::Batch& batch : columns) {
      const image::Image image = to_image(batch, i, p);
      html += format("<td><img src=\"{}\" alt=\"{}\"></td>", study::data_uri(image), study::escape(label));
    }
    html += "</tr>\n";
  }
  return html + "</table>\n</body></html>\n";
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  read(asked, flags, words);
  const auto source = open_asked({.split = asked.split, .limit = asked.images}, "data show", words);
  fill_open(asked.recipe, *source);
  write_file(asked.out, sheet(*source, asked));
  std::printf("%s: %s images, each augmented %s times\n", printable(asked.out).c_str(),
              with_commas(source->size()).c_str(), with_commas(asked.samples).c_str());
  return 0;
}

}  // namespace

Command data_show_command() {
  const auto asked = std::make_shared<Asked>();
  Command command{.name = "show", .help = "Write a contact sheet of augmented images, as one HTML file"};
  command.options = own_options(*asked);
  const Options shown = shown_options(*asked);
  command.options.insert(command.options.end(), shown.begin(), shown.end());
  command.words = {.name = "SOURCE", .help = std::string("PATH or KIND:PATH; kinds: ") + data::kSourceKinds};
  command.run = [asked](const Flags& flags, const std::vector<std::string>& words) {
    return run(*asked, flags, words);
  };
  return command;
}

}  // namespace springbok::cli
