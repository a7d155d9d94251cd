// SPDX-License-Identifier: MIT
// What a test says of input that is refused.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "base/error.h"

namespace auralis::test {

// The message with which an action is refused for the reason given; empty where it is not.
template <class Action>
std::string refusal(const Action& action, Exit reason = Exit::bad_input) {
  try {
    action();
    return {};
  } catch (const Error& error) {
    CHECK(error.exit == reason);
    return error.what();
  }
}

inline void check_begins(const std::string& message, const std::string& expected) {
  CHECK_MESSAGE(message.rfind(expected, 0) == 0, message);
}

}  // namespace auralis::test
