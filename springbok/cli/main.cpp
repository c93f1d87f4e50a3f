// The program: its commands, and errors as one line and an exit code.
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "springbok/base/error.h"
#include "springbok/base/text.h"
#include "springbok/base/threads.h"
#include "springbok/cli/command.h"
#include "springbok/engine/memory.h"

namespace springbok::cli {
namespace {

Command program() {
  Command root{.name = "springbok", .help = "Trains, evaluates and runs image models."};
  root.children = {train_command(), eval_command(), predict_command(), models_command(), report_command()};
  Command completion{.name = "completion",
                     .help = "Print a shell's completions; load with: source <(springbok completion bash)"};
  completion.words = {.name = "SHELL", .help = "bash, zsh or fish", .choices = {"bash", "zsh", "fish"}};
  root.children.push_back(completion);
  root.children.back().run = [tree = root](const Flags&, const std::vector<std::string>& words) {
    if (words.empty()) fail_usage("completion: name the shell: bash, zsh or fish");
    std::printf("%s", completion_script(tree, words.front()).c_str());
    return 0;
  };
  return root;
}

int complain(const char* what, int code) {
  std::fprintf(stderr, "springbok: %s\n", what);
  return code;
}

}  // namespace
}  // namespace springbok::cli

int main(int argc, char** argv) {
  using springbok::cli::complain;
  springbok::engine::tune_allocator();
  springbok::flush_denormals();
  try {
    const std::string version = springbok::format("springbok {} (LibTorch {}, usable cores: {})", SPRINGBOK_VERSION,
                                                  SPRINGBOK_TORCH_VERSION, springbok::usable_cores());
    return springbok::cli::run_program(springbok::cli::program(), version, argc, argv);
  } catch (const springbok::UsageError& error) {
    return complain(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return complain("out of memory; try a smaller --batch-size or --size", 1);
  } catch (const std::exception& error) {
    return complain(error.what(), 1);
  }
}
