// The program: its commands, and errors as one line and an exit code.
#include <cerrno>
#include <cstdio>
#include <cstring>
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
  root.children = {train_command(),   eval_command(),   predict_command(), models_command(),
                   weights_command(), report_command(), data_command()};
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

/// One line, also of LibTorch's messages, whose further lines are stack traces.
int complain(const std::string& what, int code) {
  std::fprintf(stderr, "springbok: %s\n", what.substr(0, what.find('\n')).c_str());
  return code;
}

/// The exit code, which is an error's when results did not reach standard output.
int finish(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return complain(format("cannot write to standard output: {}", std::strerror(errno)), code == 0 ? 1 : code);
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
    return springbok::cli::finish(springbok::cli::run_program(springbok::cli::program(), version, argc, argv));
  } catch (const springbok::UsageError& error) {
    return complain(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return complain("out of memory; try a smaller --batch-size or --size", 1);
  } catch (const std::exception& error) {
    return complain(error.what(), 1);
  }
}
