// `springbok weights get`: published weights, downloaded into a cache by name.
#include <cstdio>
#include <memory>

#include "springbok/base/cache_folder.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/cli/weights_commands.h"
#include "springbok/weights/hub/hub.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::string cache = cache_folder().string(), manifest;
  std::vector<std::string> mirror;
  double stall_seconds = 30;
  bool offline = false, quiet = false;
};

Options option_table(Asked& asked) {
  return {
      {.key = "cache", .help = "folder to keep files in ($SPRINGBOK_CACHE)", .field = &asked.cache},
      {.key = "mirror",
       .help = "folders (URLs) to fetch the file from instead, tried in order",
       .field = &asked.mirror},
      {.key = "offline", .help = "only what is in the cache", .field = &asked.offline},
      {.key = "manifest",
       .help = "JSON list of other weights: name, url or page, and size and sha256 where known",
       .field = &asked.manifest},
      {.key = "stall_seconds",
       .help = "without a byte, or with under 1 KB a second, for so long, a connection is dead",
       .field = &asked.stall_seconds,
       .min = 1,
       .max = 3600},
      {.key = "quiet", .help = "no progress", .field = &asked.quiet},
  };
}

void list(const std::vector<weights::Published>& manifest) {
  for (const weights::Published& entry : manifest) {
    const std::string size = entry.size == 0 ? "" : "  " + human_bytes(entry.size);
    std::printf("%-36s %s%s\n", entry.name.c_str(), (entry.page.empty() ? entry.url : entry.page).c_str(),
                size.c_str());
  }
}

int run(const Asked& asked, const std::vector<std::string>& words) {
  const std::vector<weights::Published> manifest =
      asked.manifest.empty() ? weights::published_weights()
                             : weights::read_manifest(read_text(asked.manifest), asked.manifest);
  if (words.empty()) {
    list(manifest);
    return 0;
  }
  if (words.size() > 1) fail_usage("weights get: give one name; without any, all are listed");
  const auto say = [](const std::string& line) { std::fprintf(stderr, "%s\n", one_line(line).c_str()); };
  const auto path =
      weights::get(weights::find_published(manifest, words.front()), {.cache = asked.cache,
                                                                      .mirrors = asked.mirror,
                                                                      .offline = asked.offline,
                                                                      .quiet = asked.quiet,
                                                                      .stall_seconds = asked.stall_seconds,
                                                                      .say = say});
  std::printf("%s\n", path.c_str());
  return 0;
}

}  // namespace

Command get_command() {
  const auto asked = std::make_shared<Asked>();
  const Options options = option_table(*asked);
  Command command{.name = "get",
                  .help = "Download published weights and print where they lie; without a name, list them",
                  .options = options,
                  .words = {.name = "NAME", .help = "as listed, such as elastic/resnext50_elastic"}};
  command.run = [=](const Flags& flags, const std::vector<std::string>& words) {
    apply_flags(flags, options);
    return run(*asked, words);
  };
  return command;
}

}  // namespace springbok::cli
