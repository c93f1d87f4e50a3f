// `springbok data compose`: data sets of real photographs in COCO's and VOC's form, made from a seed.
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/progress.h"
#include "springbok/base/quote.h"
#include "springbok/base/threads.h"
#include "springbok/cli/data.h"
#include "springbok/cli/outputs.h"
#include "springbok/data/compose/compose.h"

namespace springbok::cli {
namespace {

struct Asked {
  data::ComposeSettings settings;
  std::string out, stamps, backgrounds;
  std::int64_t jobs = 0;
  bool quiet = false;

  Asked() : stamps(settings.stamps), backgrounds(settings.backgrounds) {}
};

Options all_options(Asked& asked) {
  constexpr double kMostImages = 1e5, kLeastSize = 64, kMostSize = 2048, kMostBand = 16;
  data::ComposeSettings& settings = asked.settings;
  return {
      {.key = "out", .help = "the folder to write; it must not be there", .field = &asked.out},
      {.key = "seed", .help = "the same seed gives the same files", .field = &settings.seed, .min = 0},
      {.key = "train", .help = "so many training images", .field = &settings.train, .min = 1, .max = kMostImages},
      {.key = "val", .help = "so many validation images", .field = &settings.val, .min = 1, .max = kMostImages},
      {.key = "size",
       .help = "the images' longer side in pixels; large objects (96^2 and more) need about 192",
       .field = &settings.size,
       .min = kLeastSize,
       .max = kMostSize},
      {.key = "band",
       .help = "so many pixels around objects have 255 in the masks: they count for nothing",
       .field = &settings.band,
       .min = 0,
       .max = kMostBand},
      {.key = "stamps",
       .help = "folder of cut-outs: PNGs of single objects with an alpha mask (Debian: tuxpaint-stamps-default)",
       .field = &asked.stamps},
      {.key = "classes", .help = "folders below --stamps, each a class", .field = &settings.classes},
      {.key = "backgrounds",
       .help = "folder of photographs that show no objects of the classes; './dev setup' brings some",
       .field = &asked.backgrounds},
      {.key = "jobs",
       .help = "threads; 0: all usable cores; the files are the same",
       .field = &asked.jobs,
       .min = 0,
       .max = 1024},
      {.key = "quiet", .help = "no progress", .field = &asked.quiet},
  };
}

void print_part(const char* name, const data::ComposedPart& part) {
  std::printf("%s\n", format("{}: {} images, {} of them without objects; {} objects: {} small, {} medium, {} large; {} "
                             "of them crowds",
                             name, with_commas(part.images), with_commas(part.empty), with_commas(part.objects),
                             with_commas(part.small), with_commas(part.medium), with_commas(part.large),
                             with_commas(part.crowds))
                          .c_str());
}

int run(Asked& asked, const Flags& flags) {
  apply_flags(flags, all_options(asked));
  if (asked.out.empty()) fail_usage("data compose: name the folder to write with --out");
  check_output_folder({"--out", asked.out}, {{"--stamps", asked.stamps}, {"--backgrounds", asked.backgrounds}});
  data::ComposeSettings& settings = asked.settings;
  settings.stamps = asked.stamps;
  settings.backgrounds = asked.backgrounds;
  settings.threads = asked.jobs > 0 ? static_cast<int>(asked.jobs) : usable_cores();
  std::optional<Progress> progress;  // begun with the first image: what is wrong before that stands alone
  std::once_flag begun;
  settings.done = [&](std::int64_t done) {
    std::call_once(begun, [&] {
      progress.emplace(
          Progress::Settings{.title = "compose", .total = settings.train + settings.val, .quiet = asked.quiet});
    });
    progress->update(done);
  };
  const data::Composed composed = data::compose(asked.out, settings);
  progress->finish();
  const std::string left_out = composed.left_out.empty() ? "" : "; left out: " + join(composed.left_out);
  std::printf("%s\n", printable(format("cut-outs: {} classes ({}); {} for train, {} for val, none for both{}",
                                       composed.classes.size(), join(composed.classes), composed.train.cutouts,
                                       composed.val.cutouts, left_out))
                          .c_str());
  print_part("train", composed.train);
  print_part("val", composed.val);
  std::printf("%s\n", printable(format("written: {0}/coco and {0}/VOCdevkit", asked.out)).c_str());
  return 0;
}

}  // namespace

Command data_compose_command() {
  const auto asked = std::make_shared<Asked>();
  return {.name = "compose",
          .help = "Make COCO and VOC data sets of real photographs from a seed: cut-outs on backgrounds, masks exact",
          .options = all_options(*asked),
          .run = [asked](const Flags& flags, const std::vector<std::string>& /*words*/) { return run(*asked, flags); }};
}

}  // namespace springbok::cli
