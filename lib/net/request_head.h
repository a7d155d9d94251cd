// SPDX-License-Identifier: MIT
// The head of a request, from the bytes of a connection to plain data (RFC 9112). http_parser reads it; what that
// lets pass and the RFC does not is refused here: a line that ends otherwise than with CR LF, one that continues the
// line before, a name with spaces, another version than 1.0 and 1.1, a second Content-Length, Transfer-Encoding or Host.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "net/http.h"

namespace auralis {

struct RequestHead {
  size_t bytes = 0;  // of what has come; the rest is the body's, or the next request's
  bool asks_head_only = false;
  std::variant<HttpRequest, Refusal> request;
};

// nullopt: more has to come. Bytes that cannot become a request are refused as soon as that is certain: the first cannot
// begin a method, a line does not end with CR LF, the head is longer than `largest` bytes.
std::optional<RequestHead> read_head(std::string_view begun, size_t largest);

// The requests of one connection, one after the other.
class RequestReader {
 public:
  explicit RequestReader(size_t largest_head) : largest_head_(largest_head) {}

  void add(std::string_view bytes) { inbound_ += bytes; }
  // The next head, once it is whole; taken off the front.
  std::optional<RequestHead> take_head();
  // A body of that length, once it is whole; taken off the front.
  std::optional<std::string> take_body(size_t length);
  // Everything that came behind the last request.
  std::string take_rest();
  // No more than empty lines has come of the next request.
  bool is_idle() const { return inbound_.find_first_not_of("\r\n") == std::string::npos; }
  bool empty() const { return inbound_.empty(); }

 private:
  size_t largest_head_;
  std::string inbound_;
};

}  // namespace auralis
