// Parsing the command line, on CLI11.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/recipe/foreign.h"

namespace springbok::cli {
namespace {

/// What parsing found out.
struct Parsed {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  Flags flags;
  std::vector<std::string> words;
};

std::string value_name(const Option& option) {
  if (!option.choices.empty()) return "{" + join(option.choices, ",") + "}";
  if (std::holds_alternative<std::int64_t*>(option.field) || std::holds_alternative<int*>(option.field)) return "INT";
  if (std::holds_alternative<double*>(option.field)) return "NUMBER";
  if (std::holds_alternative<std::vector<std::string>*>(option.field)) return "A,B,...";
  if (std::holds_alternative<std::vector<double>*>(option.field)) return "A,B,...";
  return "TEXT";
}

std::string default_text(const Option& option) {
  const nlohmann::json value = option_value(option);
  if (value.is_string()) return value.get<std::string>();
  return value.is_array() && value.empty() ? "" : value.dump();
}

void add_boolean(CLI::App& app, const Option& option, Parsed& parsed) {
  const bool on = *std::get<bool*>(option.field);
  const auto add = [&](const std::string& name, const std::string& help, const char* value) {
    const auto keep = [&parsed, key = option.key, value] { parsed.flags.emplace_back(key, value); };
    app.add_flag_callback(name, keep, help)->trigger_on_parse()->group(option.group);
  };
  add(flag_name(option.key), option.help + (on ? " (the default)" : ""), "true");
  add("--no-" + flag_name(option.key).substr(2), on ? "the opposite" : "the opposite (the default)", "false");
}

void add_option(CLI::App& app, const Option& option, Parsed& parsed) {
  if (std::holds_alternative<bool*>(option.field)) return add_boolean(app, option, parsed);
  const auto keep = [&parsed, key = option.key](const std::string& text) { parsed.flags.emplace_back(key, text); };
  CLI::Option* flag = app.add_option_function<std::string>(flag_name(option.key), keep, option.help);
  flag->type_name(value_name(option))->group(option.group)->trigger_on_parse();
  if (const std::string text = default_text(option); !text.empty()) flag->default_str(text);
}

void add_command(CLI::App& app, const Command& command, Parsed& parsed) {
  app.allow_extras();
  app.require_subcommand(0, 1);  // a second command's name is a word like any other
  for (const Option& option : command.options) add_option(app, option, parsed);
  if (!command.words.name.empty()) {
    const auto keep = [&parsed](const std::string& word) { parsed.words.push_back(word); };
    CLI::Option* words = command.words.many
                             ? app.add_option(command.words.name, parsed.words, command.words.help)
                             : app.add_option_function<std::string>(command.words.name, keep, command.words.help);
    words->type_name("");
  }
  for (const Command& child : command.children) {
    CLI::App* verb = app.add_subcommand(child.name, child.help);
    add_command(*verb, child, parsed);
    verb->callback([&parsed, &child, verb] {
      if (parsed.command == nullptr || child.children.empty()) {
        parsed.command = &child;
        parsed.app = verb;
      }
    });
  }
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

/// `models summary: ` for messages; "" for the program itself.
std::string prefix(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string above = prefix(*app.get_parent());
  return (above.empty() ? "" : above.substr(0, above.size() - 2) + " ") + app.get_name() + ": ";
}

[[noreturn]] void fail_not_taken(const CLI::App& app, const std::string& what, const std::string& hint = "") {
  fail_usage("{}{}{}; see '{} --help'", prefix(app), what, hint, full_name(app));
}

/// Throws for what the command did not expect.
void refuse_extras(const CLI::App& app, const Command& command) {
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) return;
  const std::string& extra = extras.front();
  const bool flag = extra.starts_with("-");
  std::vector<std::string> known;
  if (flag) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& text : option->get_lnames()) known.push_back("--" + text);
    }
  } else {
    for (const Command& child : command.children) known.push_back(child.name);
  }
  if (const std::string hint = flag ? recipe::foreign_hint(extra, command.options) : ""; !hint.empty()) {
    fail_not_taken(app, format("unknown flag '{}'", shortened(extra)), hint);
  }
  std::error_code ignored;
  const bool data = !flag && find_option(command.options, "data") != nullptr && std::filesystem::exists(extra, ignored);
  const std::string near = data ? "--data " + extra : closest(extra.substr(0, extra.find('=')), known);
  const char* problem = flag ? "unknown flag" : command.children.empty() ? "does not take" : "unknown command";
  fail_not_taken(app, format("{} '{}'", problem, extra), near.empty() ? "" : format(" (did you mean '{}'?)", near));
}

}  // namespace

bool is_given(const Flags& flags, const std::string& key) {
  return std::any_of(flags.begin(), flags.end(), [&](const auto& flag) { return flag.first == key; });
}

void apply_flags(const Flags& flags, const Options& options) {
  for (const auto& [key, text] : flags) set_option(*find_option(options, key), text, flag_name(key));
}

int run_program(const Command& root, const std::string& version, int argc, char** argv) {
  CLI::App app(root.help, root.name);
  app.set_version_flag("--version", version);
  app.get_formatter()->column_width(40);
  Parsed parsed{.command = nullptr, .app = nullptr, .flags = {}, .words = {}};
  add_command(app, root, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    fail_usage("{}: needs a value; see '{} --help'", text.substr(0, text.find(':')), root.name);
  } catch (const CLI::ParseError& error) {
    fail_usage("{}; see '{} --help'", error.what(), root.name);
  }
  if (parsed.command == nullptr) {
    refuse_extras(app, root);
    fail_not_taken(app, "give a command");
  }
  refuse_extras(*parsed.app, *parsed.command);
  if (!parsed.command->run) fail_not_taken(*parsed.app, "give one of its commands");
  return parsed.command->run(parsed.flags, parsed.words);
}

}  // namespace springbok::cli
