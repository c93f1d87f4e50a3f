// `springbok data pack` and `data unpack`: image data to packed data sets, and back.
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/progress.h"
#include "springbok/base/quote.h"
#include "springbok/base/threads.h"
#include "springbok/cli/data.h"
#include "springbok/cli/outputs.h"
#include "springbok/data/pack/pack.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::string split = "both", to = "pack";
  data::OnBadImage on_bad_image = data::OnBadImage::stop;
  data::DamagedJpeg damaged_jpeg = data::DamagedJpeg::refuse;
  std::int64_t limit = 0, jobs = 0;
  double val_share = 0;
  bool quiet = false;
};

Options all_options(Asked& asked) {
  return {
      parts_option(asked.split),
      {.key = "limit", .help = "so many images of each part, spread evenly; 0: all", .field = &asked.limit, .min = 0},
      {.key = "jobs",
       .help = "threads; 0: all usable cores; the result is the same",
       .field = &asked.jobs,
       .min = 0,
       .max = 1024},
      {.key = "quiet", .help = "no progress", .field = &asked.quiet},
  };
}

Options pack_options(Asked& asked) {
  Options options = all_options(asked);
  options.push_back(val_share_option(asked.val_share));
  options.push_back({.key = "to",
                     .help = "pack: loads fastest; lmdb: other programs read it too",
                     .field = &asked.to,
                     .choices = {"pack", "lmdb"}});
  options.push_back({.key = "on_bad_image",
                     .help = "training images that cannot be loaded stop it, or are left out and named; those of "
                             "the val part always stop it",
                     .field = &asked.on_bad_image,
                     .choices = data::kOnBadImageNames});
  options.push_back(damaged_jpeg_option(asked.damaged_jpeg));
  return options;
}

/// Both words, the source and the folder to write.
void expect_two(const std::vector<std::string>& words, const char* command) {
  if (words.size() != 2) fail_usage("data {}: expected SOURCE and OUT, got {} words", command, words.size());
}

int threads(const Asked& asked) {
  return asked.jobs > 0 ? static_cast<int>(asked.jobs) : usable_cores();
}

/// The part's images that can be loaded; the others are named.
std::unique_ptr<data::Source> sound(const Asked& asked, Part& part) {
  Progress progress({.title = format("check {}", part.name), .total = part.source->size(), .quiet = asked.quiet});
  std::vector<std::string> bad;
  auto kept = data::loadable(
      std::move(part.source), threads(asked), [&](const std::string& why) { bad.push_back(why); }, progress.updates());
  progress.finish();
  for (const std::string& why : bad) std::printf("left out: %s\n", why.c_str());
  return kept;
}

/// Runs `work` on each part under a progress line, once `check` has passed all of them.
template <class Work, class Check>
int over_parts(const Asked& asked, const std::vector<std::string>& words, const char* title, Work work, Check check) {
  std::vector<Part> parts = open_parts(words[0], asked.split, {.val_share = asked.val_share});
  std::deque<data::Damaged> damaged(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part& part = parts[i];
    part.source = data::with_damaged(std::move(part.source), asked.damaged_jpeg, damaged[i]);
    part.source = data::limited(std::move(part.source), asked.limit);
    check(part);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part& part = parts[i];
    std::printf("%s\n", part.source->description().c_str());
    if (asked.on_bad_image == data::OnBadImage::skip && part.split == data::Split::train)
      part.source = sound(asked, part);
    std::fflush(stdout);
    Progress progress({.title = format("{} {}", title, part.name), .total = part.source->size(), .quiet = asked.quiet});
    const std::string told = work(part, data::PackSettings{.threads = threads(asked), .done = progress.updates()});
    progress.finish();
    std::printf("%s\n", printable(told).c_str());
    if (const std::string read = damaged[i].text(); !read.empty()) std::printf("%s\n", printable(read).c_str());
  }
  return 0;
}

template <class Work>
int over_parts(const Asked& asked, const std::vector<std::string>& words, const char* title, Work work) {
  return over_parts(asked, words, title, std::move(work), [](const Part& /*part*/) {});
}

int pack_lmdb(const Asked& asked, const std::vector<std::string>& words) {
  return over_parts(asked, words, "pack", [&](const Part& part, const data::PackSettings& settings) {
    const data::PackReport report = data::write_lmdb(*part.source, words[1], part.split, settings);
    return format("{}/{}.lmdb: {} images, {}", words[1], part.name, with_commas(report.images),
                  human_bytes(report.file));
  });
}

int pack(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, pack_options(asked));
  expect_two(words, "pack");
  std::vector<NamedPath> files;
  for (const char* part : {"train", "val"}) files.push_back({"OUT", format("{}/{}.{}", words[1], part, asked.to)});
  check_outputs(files, {{"SOURCE", words[0]}});
  if (asked.to == "lmdb") return pack_lmdb(asked, words);
  return over_parts(asked, words, "pack", [&](const Part& part, const data::PackSettings& settings) {
    const data::PackReport report = data::write_pack(*part.source, words[1], part.split, settings);
    std::string told = format("{}/{}.pack: {} images, {} of them JPEGs coded anew, {}", words[1], part.name,
                              with_commas(report.images), with_commas(report.rewritten), human_bytes(report.file));
    if (report.before > 0) {
      told += format(" ({:.1f} % of what the images took)",
                     100 * static_cast<double>(report.after) / static_cast<double>(report.before));
    }
    if (report.resumed > 0) told += format("; {} were there from an earlier run", with_commas(report.resumed));
    if (!report.changed.empty()) {
      told += format("; {} changed since an earlier run, so it and those behind it are made anew", report.changed);
    }
    return told;
  });
}

int unpack(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, all_options(asked));
  expect_two(words, "unpack");
  const auto check = [&](const Part& part) { data::check_unpack(*part.source, words[1], part.split); };
  const auto work = [&](const Part& part, const data::PackSettings& settings) {
    const data::UnpackReport report = data::unpack(*part.source, words[1], part.split, settings);
    std::string told = format("{}/{}: {} images, {} written", words[1], part.name, with_commas(report.images),
                              human_bytes(report.bytes));
    if (report.skipped > 0) told += format("; {} were there already", with_commas(report.skipped));
    if (report.without_sizes) told += "; sizes of objects are left out, since a CSV has no place for them";
    return told;
  };
  return over_parts(asked, words, "unpack", work, check);
}

Command command(const char* name, const char* help, const char* words_help, Options (*options)(Asked&),
                int (*run)(Asked&, const Flags&, const std::vector<std::string>&)) {
  const auto asked = std::make_shared<Asked>();
  return {.name = name,
          .help = help,
          .options = options(*asked),
          .words = {.name = "PATHS", .help = words_help, .many = true},
          .run = [asked, run](const Flags& flags, const std::vector<std::string>& words) {
            return run(*asked, flags, words);
          }};
}

}  // namespace

Command data_pack_command() {
  return command("pack", "Write a source to one file a part that loads faster; pixels stay as they are",
                 "SOURCE OUT: PATH or KIND:PATH, and the folder to write; a stopped run is gone on with", pack_options,
                 pack);
}

Command data_unpack_command() {
  return command("unpack", "Write a packed data set to image folders; pixels stay as they are",
                 "SOURCE OUT: PATH or pack:PATH, and the folder to write", all_options, unpack);
}

}  // namespace springbok::cli
