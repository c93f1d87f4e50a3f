// Options: each user-facing option described once; flags, `--help`, recipe keys, the stored recipe and docs/options.md
// all come from that description.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

namespace springbok {

/// One option: its key (`warmup_epochs`; the flag is `--warmup-epochs`), help line, the field it sets, and its limits.
struct Option {
  using Field = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*>;

  std::string key;
  std::string help;
  Field field;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< allowed texts; empty allows any
  std::string group = "Options";          ///< heading in `--help`
};

using Options = std::vector<Option>;

/// `warmup_epochs` -> `--warmup-epochs`.
std::string flag_name(const std::string& key);

/// The option of that key, or nullptr.
const Option* find_option(const Options& options, const std::string& key);

/// Sets the field from text ("0.1", "true", "a,b"). Throws UsageError naming `where` (a flag, or FILE: key), the
/// allowed range or choices, and the nearest choice for a typo.
void set_option(const Option& option, const std::string& text, const std::string& where);

/// Sets the field from a JSON scalar or list of texts; same errors. An integer is taken where a real is expected.
void set_option(const Option& option, const nlohmann::json& value, const std::string& where);

/// Throws UsageError naming `where` for a present value that `set_option` would not take: what a program filled in.
void check_option(const Option& option, const std::string& where);

/// The field's present value.
nlohmann::json option_value(const Option& option);

/// All present values as one flat object, in order of description.
nlohmann::ordered_json option_values(const Options& options);

/// Throws UsageError for a key that no option has: `where: unknown key 'warmup_epoch' (did you mean 'warmup_epochs'?)`.
[[noreturn]] void fail_unknown_key(const Options& options, const std::string& key, const std::string& where);

}  // namespace springbok
