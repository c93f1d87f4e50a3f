// Options: each user-facing option described once; flags, `--help`, recipe keys, the stored recipe and docs/options.md
// all come from that description.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace springbok {

/// A field of an `enum class` whose values are 0, 1, ..., each named by the option's choice at that place. Of an
/// optional one the first choice stands for none.
class EnumField {
 public:
  template <class Enum>
    requires std::is_enum_v<Enum>
  EnumField(Enum* field)  // NOLINT(google-explicit-constructor): a field like any other
      : field_(field),
        get_([](const void* at) { return static_cast<std::size_t>(*static_cast<const Enum*>(at)); }),
        set_([](void* at, std::size_t choice) { *static_cast<Enum*>(at) = static_cast<Enum>(choice); }) {}
  template <class Enum>
    requires std::is_enum_v<Enum>
  EnumField(std::optional<Enum>* field)  // NOLINT(google-explicit-constructor)
      : field_(field),
        get_([](const void* at) {
          const auto& value = *static_cast<const std::optional<Enum>*>(at);
          return value ? static_cast<std::size_t>(*value) + 1 : 0;
        }),
        set_([](void* at, std::size_t choice) {
          auto& value = *static_cast<std::optional<Enum>*>(at);
          if (choice == 0) value.reset();
          if (choice > 0) value = static_cast<Enum>(choice - 1);
        }) {}

  std::size_t choice() const { return get_(field_); }
  void choose(std::size_t choice) const { set_(field_, choice); }

 private:
  void* field_;
  std::size_t (*get_)(const void*);
  void (*set_)(void*, std::size_t);
};

/// One option: its key (`warmup_epochs`; the flag is `--warmup-epochs`), help line, the field it sets, and its limits.
struct Option {
  using Field = std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::vector<double>*,
                             std::vector<std::string>*, EnumField>;

  std::string key;
  std::string help;
  Field field;
  double min = -std::numeric_limits<double>::infinity();  ///< of a number, or of each in a list
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< allowed texts, or an enum's names; empty allows any
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

/// Sets the field from a JSON scalar or list; same errors. An integer is taken where a real is expected. In a list of
/// numbers texts are taken too, since older files hold them so.
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
