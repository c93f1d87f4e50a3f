// `springbok data show`: a contact sheet of what training will see, as one HTML file.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

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
#include "springbok/study/sample_view.h"

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
    const bool shown = option.group == "Images" || option.group == "Augmentation" || option.key == "seed" ||
                       option.key.starts_with("joint_");
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

/// One column of pictures: all images in order, with their masks over them where they have any.
using Column = std::vector<image::Image>;

/// The pictures of a batch, appended.
void add_pictures(const data::Batch& batch, const data::Preprocess& preprocess, Column& column) {
  const auto pixels = static_cast<std::size_t>(batch.height) * static_cast<std::size_t>(batch.width);
  for (std::int64_t i = 0; i < batch.size; ++i) {
    image::Image mask;
    if (!batch.masks.empty()) {
      mask = image::Image(batch.height, batch.width, 1);
      std::copy_n(batch.masks.begin() + i * static_cast<std::ptrdiff_t>(pixels), pixels, mask.pixels.begin());
    }
    column.push_back(study::with_mask(to_image(batch, i, preprocess), mask));
  }
}

/// Loaded as one batch of that epoch, mixed when `mixed` says so; images of their own size one by one.
Column column(const data::Source& source, const data::SampleTransform& transform, const recipe::Recipe& recipe,
              std::int64_t epoch, bool mixed) {
  const auto* pixels = std::get_if<data::PixelTransform>(&transform);
  const bool one_by_one = pixels != nullptr && !pixels->size();
  data::Loader loader(source, transform,
                      {.batch = one_by_one ? 1 : source.size(),
                       .workers = 0,
                       .seed = static_cast<std::uint64_t>(recipe.seed),
                       .epoch = epoch,
                       .mix_over = mixed && recipe.mix.any() ? source.size() : 0});
  Column column;
  while (std::optional<data::Batch> batch = loader.next()) {
    if (mixed) recipe::mix_batch(*batch, recipe, epoch, 0);
    add_pictures(*batch, recipe.preprocess, column);
  }
  return column;
}

const char* kStyle =
    "body{font:14px system-ui,sans-serif;margin:1.5em;color-scheme:light dark}"
    "table{border-spacing:4px}td,th{text-align:left;vertical-align:top}"
    ".colours span{margin-right:14px;white-space:nowrap}.colours i{display:inline-block;width:10px;height:10px;"
    "margin-right:5px;outline:1px solid #8888}"
    "img{display:block;width:112px;height:112px;object-fit:contain;image-rendering:auto}td.name{max-width:14em;"
    "overflow-wrap:anywhere}";

std::string sheet(const data::Source& source, const Asked& asked) {
  const recipe::Recipe& recipe = asked.recipe;
  std::vector<Column> columns;
  columns.push_back(column(source, recipe::evaluation_samples(recipe), recipe, 0, false));
  for (std::int64_t s = 0; s < asked.samples; ++s) {
    columns.push_back(column(source, recipe::training_samples(recipe, s), recipe, s, true));
  }
  std::string html = format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>springbok data show</title>"
      "<style>{}</style></head>\n<body><h1>What training sees</h1><p>{}</p>\n{}<table>\n<tr><th>image</th>"
      "<th>evaluation</th><th colspan=\"{}\">training, epoch by epoch</th></tr>\n",
      kStyle, study::escape(source.description()), study::colours_html(source), asked.samples);
  for (std::int64_t i = 0; i < source.size(); ++i) {
    const std::string label = study::target_text(source, i);
    html += format("<tr><td class=\"name\"><b>{}</b><br>{}</td>", study::escape(label), study::escape(source.name(i)));
    for (const Column& column : columns) {
      html += format("<td><img src=\"{}\" alt=\"{}\"></td>", study::data_uri(column[static_cast<std::size_t>(i)]),
                     study::escape(label));
    }
    html += "</tr>\n";
  }
  return html + "</table>\n</body></html>\n";
}

/// Throws UsageError for a flag that images with labels or masks leave without effect.
void check_used(const recipe::Recipe& recipe, const Flags& flags) {
  if (recipe.task == recipe::TaskChoice::classify) return;
  const std::string& task = recipe::task_choices()[static_cast<std::size_t>(recipe.task)];
  for (const auto& [key, text] : flags) {
    if (!recipe::is_useless(recipe, key)) continue;
    fail_usage("{}: has no effect under the task {}, which the data are labelled for", flag_name(key), task);
  }
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  read(asked, flags, words);
  const auto source = open_asked({.split = asked.split, .limit = asked.images}, "data show", words);
  fill_open(asked.recipe, *source);
  recipe::choose_task(asked.recipe, *source);
  check_used(asked.recipe, flags);
  if (asked.recipe.task == recipe::TaskChoice::segment) asked.recipe.preprocess.fit = data::Fit::native;
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
