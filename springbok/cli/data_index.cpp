// `springbok data index`: makes or brings up to date the index that lets big image folders and tar shards open at once.
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/cli/data.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::string split = "both";
  bool rescan = false;
};

Options all_options(Asked& asked) {
  return {
      parts_option(asked.split),
      {.key = "rescan", .help = "list everything, whatever the index says", .field = &asked.rescan},
  };
}

std::string told(const data::IndexLook& look) {
  return format("  {} {}: {} listed, {} as in the index; {}", with_commas(look.listed + look.known), look.what,
                with_commas(look.listed), with_commas(look.known),
                look.index.empty() ? "none is kept" : "kept in " + look.index.string());
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, all_options(asked));
  if (words.empty()) fail_usage("data index: name the source: PATH, folder:PATH or tar:PATH");
  const auto began = std::chrono::steady_clock::now();
  std::vector<data::IndexLook> looks;
  const std::vector<Part> parts =
      open_parts(words.front(), asked.split,
                 {.rescan = asked.rescan, .looked = [&](const data::IndexLook& look) { looks.push_back(look); }});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (looks.size() != parts.size()) {
    fail("{}: needs no index; image folders, tar shards and COCO's annotations have one",
         parts.front().source->description());
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::printf("%s\n%s\n", parts[i].source->description().c_str(), printable(told(looks[i])).c_str());
  }
  std::printf("opened in %.2f s\n", took.count());
  return 0;
}

}  // namespace

Command data_index_command() {
  const auto asked = std::make_shared<Asked>();
  return {
      .name = "index",
      .help = "List an image folder or tar shards for an index, with which they open at once; training makes it too",
      .options = all_options(*asked),
      .words = {.name = "SOURCE", .help = "PATH, folder:PATH, tar:PATH or an address"},
      .run = [asked](const Flags& flags, const std::vector<std::string>& words) { return run(*asked, flags, words); }};
}

}  // namespace springbok::cli
