// Errors: a mistake of the user or the data is an `Error` (one clear line); our own bug is a failed `check`.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "springbok/base/text.h"

namespace springbok {

/// A mistake of the user or the data. `what()` is one line of bounded length (quote.h): what, where (file, key, layer),
/// what to do. Exit code 1.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
};

/// A mistake in the command line or a recipe: exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Throws an `Error` with a formatted message.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> message, Args&&... args) {
  throw Error(fmt::format(message, std::forward<Args>(args)...));
}

/// Throws a `UsageError` with a formatted message.
template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> message, Args&&... args) {
  throw UsageError(fmt::format(message, std::forward<Args>(args)...));
}

/// A broken promise of our own code; `what` names it. Throws `std::logic_error`.
inline void check(bool holds, const char* what) {
  if (!holds) throw std::logic_error(std::string("internal error, please report it: ") + what);
}

}  // namespace springbok
