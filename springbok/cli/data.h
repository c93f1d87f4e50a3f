// What the commands below `springbok data` share: the source they are asked about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "springbok/cli/command.h"
#include "springbok/data/source/damaged.h"
#include "springbok/data/source/source.h"

namespace springbok::recipe {
struct Recipe;
}

namespace springbok::cli {

/// Flags that say which part of a source a command works on.
struct SourceAsked {
  std::string split = "train";
  double val_share = 0;
  std::int64_t limit = 0, jobs = 0;
  data::DamagedJpeg damaged_jpeg = data::DamagedJpeg::refuse;

  int threads() const;  ///< `jobs`, or all usable cores
};

Options option_table(SourceAsked& asked);

/// The source that the command's word names, with damaged JPEGs where `damaged` takes them and they are asked for.
/// Throws UsageError when there is none.
std::unique_ptr<data::Source> open_asked(const SourceAsked& asked, const std::string& command,
                                         const std::vector<std::string>& words, data::Damaged* damaged = nullptr);

/// A part of a source that has several.
struct Part {
  data::Split split;
  std::string name;
  std::unique_ptr<data::Source> source;
};

/// The flag that `open_parts` takes: both (train and val), or the name of one.
Option parts_option(std::string& which);

/// The flag `--damaged-jpeg`.
Option damaged_jpeg_option(data::DamagedJpeg& rule);

/// The parts asked for. With `both`, one of them may be missing, which is said on standard error.
std::vector<Part> open_parts(const std::string& spec, const std::string& which,
                             const data::OpenSettings& settings = {});

/// `--val-share`, as a training takes it.
Option val_share_option(double& share);

/// What the source warns of (`Source::warnings`), fit to be shown.
std::vector<std::string> warnings_of(const data::Source& source);

/// Says on standard error what the source warns of (`Source::warnings`).
void print_warnings(const data::Source& source);

/// Fills what a training takes from the model and the data: size, channels, mean and deviation.
void fill_open(recipe::Recipe& recipe, const data::Source& source);

Command data_stats_command();
Command data_verify_command();
Command data_show_command();
Command data_pack_command();
Command data_unpack_command();
Command data_index_command();
Command data_bench_command();
Command data_compose_command();

}  // namespace springbok::cli
