// `springbok data`: looking at sources, checking and converting them; one file a command.
#include "springbok/cli/data.h"

#include "springbok/base/error.h"
#include "springbok/base/threads.h"

namespace springbok::cli {

int SourceAsked::threads() const {
  return jobs > 0 ? static_cast<int>(jobs) : usable_cores();
}

Options option_table(SourceAsked& asked) {
  return {
      {.key = "split", .help = "which part of the source", .field = &asked.split, .choices = {"train", "val"}},
      {.key = "limit", .help = "so many images, spread evenly; 0: all", .field = &asked.limit, .min = 0},
      {.key = "jobs", .help = "threads; 0: all usable cores", .field = &asked.jobs, .min = 0, .max = 1024},
  };
}

std::unique_ptr<data::Source> open_asked(const SourceAsked& asked, const std::string& command,
                                         const std::vector<std::string>& words) {
  if (words.empty()) fail_usage("{}: name the source: PATH or KIND:PATH", command);
  const data::Split split = asked.split == "train" ? data::Split::train : data::Split::val;
  return data::limited(data::open_source(words.front(), split), asked.limit);
}

Command data_command() {
  Command command{.name = "data", .help = "Look at image data, check and convert them"};
  command.children = {data_stats_command(), data_verify_command(), data_show_command(), data_pack_command(),
                      data_unpack_command()};
  return command;
}

}  // namespace springbok::cli
