// SPDX-License-Identifier: MIT
// A request's head, from the bytes of a connection to plain data (RFC 9112, by Boost.Beast's parser).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "net/http.h"

namespace auralis {

struct RequestHead {
  size_t bytes = 0;  // of what has come; the rest is the body's, or the next request's
  std::variant<HttpRequest, HttpResponse> request;  // or why there can be none: what to answer
};

// nullopt: more has to come. What can be none of a request is refused as soon as it is seen: no method begins so, its
// lines do not end with CR LF, it is longer than `largest` bytes.
std::optional<RequestHead> read_head(std::string_view begun, size_t largest);

// A member of a list with commas, in small letters or not.
bool lists(std::string_view list, std::string_view wanted);
// Letter by letter.
bool lists_exactly(std::string_view list, std::string_view wanted);

}  // namespace auralis
