// The command line as a value: a tree of commands, each with its options and what to run. Parsing, `--help` and shell
// completions are made from it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "springbok/base/option.h"

namespace springbok::cli {

/// What the command line set: (key, text) in the order given.
using Flags = std::vector<std::pair<std::string, std::string>>;

/// Whether the command line set this key, be it to its default.
bool is_given(const Flags& flags, const std::string& key);

/// Words without a flag, such as image files.
struct Words {
  std::string name = {};  ///< as help prints it: `IMAGE`; "" when the command takes none
  std::string help = {};
  bool many = false;
  std::vector<std::string> choices = {};  ///< for completion; `models` and `recipes` stand for their names
};

struct Command {
  std::string name;
  std::string help;
  Options options = {};  ///< each is a flag: `--some-key VALUE`, and `--x` with `--no-x` for a boolean
  Words words = {};
  std::function<int(const Flags&, const std::vector<std::string>&)> run = {};  ///< returns the exit code
  std::vector<Command> children = {};
};

/// Parses and runs. Returns the exit code; throws UsageError for what is not understood, with the nearest flag or
/// command.
int run_program(const Command& root, const std::string& version, int argc, char** argv);

/// Sets the options' fields from flags. Throws UsageError naming the flag.
void apply_flags(const Flags& flags, const Options& options);

/// A shell's completion script for the tree. Throws UsageError for an unknown shell.
std::string completion_script(const Command& root, const std::string& shell);

Command train_command();
Command eval_command();
Command predict_command();
Command models_command();
Command recipes_command();
Command plan_command();
Command report_command();
Command runs_command();
Command checkpoints_command();
Command runs_diff_command();
Command replay_command();
Command data_command();
Command weights_command();

}  // namespace springbok::cli
