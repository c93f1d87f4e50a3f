// The message of the exception that an action throws.
#pragma once

#include <exception>
#include <string>

namespace springbok::testing {

/// `what()` of the exception of type E that `action` throws; "(nothing thrown)" when it returns. Others pass through.
template <class E, class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "(nothing thrown)";
}

}  // namespace springbok::testing
