// Shell completions, made from the tree of commands.
#include "springbok/base/error.h"
#include "springbok/cli/command.h"

namespace springbok::cli {
namespace {

constexpr const char* kModelNames = "$(springbok models list --names 2>/dev/null)";
constexpr const char* kRecipeNames = "$(springbok recipes list --names 2>/dev/null)";

/// A command with its path: `models summary`; "" for the program itself.
struct Placed {
  std::string path;
  const Command* command;
};

void collect(const Command& command, const std::string& path, std::vector<Placed>& placed) {
  placed.push_back({path, &command});
  for (const Command& child : command.children)
    collect(child, path.empty() ? child.name : path + " " + child.name, placed);
}

std::vector<std::string> flags_of(const Command& command) {
  std::vector<std::string> flags{"--help"};
  for (const Option& option : command.options) {
    flags.push_back(flag_name(option.key));
    if (std::holds_alternative<bool*>(option.field)) flags.push_back("--no-" + flag_name(option.key).substr(2));
  }
  return flags;
}

std::string choices_of(const Words& words) {
  if (words.choices == std::vector<std::string>{"models"}) return kModelNames;
  return words.choices == std::vector<std::string>{"recipes"} ? kRecipeNames : join(words.choices, " ");
}

/// What may stand behind an option.
std::string values_of(const Option& option) {
  if (option.key == "model") return kModelNames;
  return option.key == "recipe" ? kRecipeNames : join(option.choices, " ");
}

std::string bash(const std::vector<Placed>& all) {
  std::string text =
      "_springbok() {\n  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
      "verb=${COMP_WORDS[1]}\n"
      "  [[ $verb == models || $verb == recipes ]] && (( COMP_CWORD > 2 )) && "
      "verb=\"$verb ${COMP_WORDS[2]}\"\n  (( COMP_CWORD == 1 )) && "
      "verb=\n"
      "  case \"$verb $before\" in\n";
  for (const Placed& placed : all) {
    for (const Option& option : placed.command->options) {
      const std::string listed = values_of(option);
      if (listed.empty()) continue;
      const std::string files = option.key == "recipe" ? " $(compgen -f -- \"$word\")" : "";
      text += format("    \"{} {}\") COMPREPLY=($(compgen -W \"{}\" -- \"$word\"){}); return;;\n", placed.path,
                     flag_name(option.key), listed, files);
    }
  }
  text += "  esac\n  case \"$verb\" in\n";
  for (const Placed& placed : all) {
    std::vector<std::string> words = flags_of(*placed.command);
    for (const Command& child : placed.command->children) words.push_back(child.name);
    if (const std::string listed = choices_of(placed.command->words); !listed.empty()) words.push_back(listed);
    text += format("    \"{}\") COMPREPLY=($(compgen -W \"{}\" -- \"$word\"));;\n", placed.path, join(words, " "));
  }
  return text +
         "  esac\n  [[ $word != -* ]] && (( COMP_CWORD > 1 )) && COMPREPLY+=($(compgen -f -- \"$word\"))\n}\n"
         "complete -o filenames -F _springbok springbok\n";
}

std::string quoted(const std::string& text) {
  std::string safe = "'";
  for (const char c : text) safe += c == '\'' ? std::string("\\'") : std::string(1, c);
  return safe + "'";
}

std::string fish_flag(const std::string& verb, const Option& option) {
  const std::string start = format("complete -c springbok -n '__fish_seen_subcommand_from {}'", verb);
  if (std::holds_alternative<bool*>(option.field)) {
    const std::string name = flag_name(option.key).substr(2);
    return format("{0} -l {1} -d {2}\n{0} -l no-{1} -d 'the opposite'\n", start, name, quoted(option.help));
  }
  const std::string listed = option.key == "model"    ? "(springbok models list --names)"
                             : option.key == "recipe" ? "(springbok recipes list --names)"
                                                      : join(option.choices, " ");
  return format(
      "{} -l {} {} -d {}\n", start, flag_name(option.key).substr(2),
      (listed.empty() || option.key == "recipe" ? "-r" : "-x") + (listed.empty() ? "" : " -a " + quoted(listed)),
      quoted(option.help));
}

std::string fish(const std::vector<Placed>& all) {
  std::string text = "complete -c springbok -n __fish_use_subcommand -f\n";
  for (const Placed& placed : all) {
    if (placed.path.empty()) continue;
    const std::size_t space = placed.path.rfind(' ');
    const std::string after = space == std::string::npos
                                  ? "__fish_use_subcommand"
                                  : format("'__fish_seen_subcommand_from {}'", placed.path.substr(0, space));
    text += format("complete -c springbok -n {} -f -a {} -d {}\n", after, placed.command->name,
                   quoted(placed.command->help));
    for (const Option& option : placed.command->options) text += fish_flag(placed.command->name, option);
  }
  return text;
}

}  // namespace

std::string completion_script(const Command& root, const std::string& shell) {
  std::vector<Placed> all;
  collect(root, "", all);
  if (shell == "bash") return bash(all);
  if (shell == "zsh") return "#compdef springbok\nautoload -U +X bashcompinit && bashcompinit\n" + bash(all);
  if (shell == "fish") return fish(all);
  fail_usage("completion: no shell '{}' here; there are bash, zsh and fish", shell);
}

}  // namespace springbok::cli
