// The program: its commands, and errors as one line and an exit code.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/base/threads.h"
#include "springbok/cli/command.h"
#include "springbok/engine/memory.h"

namespace springbok::cli {
namespace {

constexpr const char* kOutOfMemory = "out of memory; try a smaller --batch-size or --size";

Command program() {
  Command root{.name = "springbok", .help = "Trains, evaluates and runs image models."};
  root.children = {train_command(),     plan_command(),    eval_command(),   predict_command(), recipes_command(),
                   models_command(),    weights_command(), report_command(), runs_command(),    checkpoints_command(),
                   runs_diff_command(), replay_command(),  data_command()};
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

/// Before anything else. Descriptors 0 to 2 are open, so that no file of ours gets the number of a closed one and with
/// it what is printed. A closed pipe and a limit of file sizes are errors of the write, not deaths.
void prepare_process() {
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
    if (::fcntl(standard, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) return;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

int complain(const std::string& what, int code) {
  std::fprintf(stderr, "springbok: %s\n", one_line(what).c_str());
  return code;
}

/// A fault that nobody foresaw, in our words: a library's mean nothing to a user. They are there for a report.
int complain_of_fault(const std::string& what) {
  constexpr const char* kShow = "SPRINGBOK_SHOW_FAULTS";
  if (what.find("allocate memory") != std::string::npos) return complain(kOutOfMemory, 1);
  if (std::getenv(kShow) != nullptr) return complain("internal error, please report it: " + what, 1);
  return complain(format("internal error, please report it with what it says under {}=1", kShow), 1);
}

/// The current exception as one line and an exit code.
int complain_of_exception() {
  try {
    throw;
  } catch (const UsageError& error) {
    return complain(error.what(), 2);
  } catch (const Error& error) {
    return complain(error.what(), 1);
  } catch (const std::bad_alloc&) {
    return complain(kOutOfMemory, 1);
  } catch (const std::filesystem::filesystem_error& error) {
    return complain(format("cannot use {}: {}", error.path1().string(), error.code().message()), 1);
  } catch (const std::system_error& error) {
    return complain(format("the system refuses to go on: {}", error.code().message()), 1);
  } catch (const std::logic_error& error) {  // a failed check of ours says where
    if (std::string(error.what()).starts_with("internal error")) return complain(error.what(), 1);
    return complain_of_fault(error.what());
  } catch (const std::exception& error) {
    return complain_of_fault(error.what());
  } catch (...) {
    return complain_of_fault("an exception of no known type");
  }
}

/// Where an exception cannot be thrown on: from a destructor, or a thread that nobody waits for.
[[noreturn]] void end_at_once() {
  if (std::current_exception()) complain_of_exception();
  std::_Exit(1);
}

/// The exit code, which is an error's when results did not reach standard output. A reader that has seen enough
/// (`--help | head`) needs no word about it, but for a training's.
int finish(int code, bool trains) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  if (errno == EPIPE && !trains) return code == 0 ? 1 : code;
  return complain(format("cannot write to standard output: {}", std::strerror(errno)), code == 0 ? 1 : code);
}

}  // namespace
}  // namespace springbok::cli

int main(int argc, char** argv) {
  springbok::cli::prepare_process();
  std::set_terminate(springbok::cli::end_at_once);
  springbok::engine::tune_allocator();
  springbok::flush_denormals();
  try {
    const std::string version = springbok::format("springbok {} (LibTorch {}, usable cores: {})", SPRINGBOK_VERSION,
                                                  SPRINGBOK_TORCH_VERSION, springbok::usable_cores());
    const auto asks_help = [](std::string_view word) { return word == "--help" || word == "-h"; };
    const bool trains = argc > 1 && std::string_view(argv[1]) == "train" && std::none_of(argv, argv + argc, asks_help);
    return springbok::cli::finish(springbok::cli::run_program(springbok::cli::program(), version, argc, argv), trains);
  } catch (...) {
    return springbok::cli::complain_of_exception();
  }
}
