// SPDX-License-Identifier: MIT
// Why a request, a handshake or a message is not granted: a value, which becomes an HTTP response, a WebSocket's text or
// a close frame only where it leaves.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace auralis {

struct Refusal {
  int status = 400;          // RFC 9110, section 15
  std::string code;          // for programs
  std::string message;       // for people: what is wrong, what was expected
  std::string field;         // at fault: of JSON, a header, an argument; empty where none is
  bool recoverable = false;  // the same may be granted a little later
  std::string allowed = {};  // the methods, with 405
  int retry_after_s = 1;     // where it is recoverable
};

// {type: error, code, message, recoverable} and, where one is at fault, field.
nlohmann::json refusal_json(const Refusal& refusal);

}  // namespace auralis
