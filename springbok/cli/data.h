// What the commands below `springbok data` share: the source they are asked about.
#pragma once

#include <memory>
#include <string>

#include "springbok/cli/command.h"
#include "springbok/data/source.h"

namespace springbok::cli {

/// Flags that say which part of a source a command works on.
struct SourceAsked {
  std::string split = "train";
  std::int64_t limit = 0, jobs = 0;

  int threads() const;  ///< `jobs`, or all usable cores
};

Options option_table(SourceAsked& asked);

/// The source that the command's word names. Throws UsageError when there is none.
std::unique_ptr<data::Source> open_asked(const SourceAsked& asked, const std::string& command,
                                         const std::vector<std::string>& words);

Command data_stats_command();
Command data_verify_command();
Command data_show_command();
Command data_pack_command();
Command data_unpack_command();

}  // namespace springbok::cli
