// An environment variable that is set, or unset, as long as a test.
#pragma once

#include <stdlib.h>

#include <optional>
#include <string>

namespace springbok::testing {

/// Sets the variable (unsets it for nothing) and puts it back at the end. Not while other threads run.
class WithVariable {
 public:
  WithVariable(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* before = ::getenv(name)) before_ = before;
    set(value);
  }
  WithVariable(const WithVariable&) = delete;
  WithVariable& operator=(const WithVariable&) = delete;
  ~WithVariable() { set(before_); }

 private:
  void set(const std::optional<std::string>& value) const {
    value ? ::setenv(name_, value->c_str(), 1) : ::unsetenv(name_);
  }

  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace springbok::testing
