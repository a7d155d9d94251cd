// SPDX-License-Identifier: MIT
#include "serve/http.h"

#include <doctest/doctest.h>

#include <string>

namespace auralis {
namespace {

int status_of(const std::string& begun, size_t largest = 100) {
  const auto refusal = refuse_head(begun, largest);
  return refusal ? refusal->status : 0;
}

}  // namespace

TEST_CASE("A request's head is refused for its address as soon as the first line is there, and not before") {
  CHECK(status_of("GET /%zz HTTP/1.1\r\n") == 400);
  CHECK(status_of("GET /a?b=%4 HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of("GET /%00 HTTP/1.1\r\n") == 400);
  CHECK(status_of("GET elsewhere HTTP/1.1\r\n") == 400);
  CHECK(status_of("GET /%zz") == 0);
  CHECK(status_of("") == 0);
  CHECK(status_of("GET /caf%C3%A9?%20=%25 HTTP/1.1\r\n") == 0);
}

TEST_CASE("A head may be as long as is allowed, its body longer, and one byte more is 431") {
  const auto head_of = [](size_t size) {
    const std::string begun = "GET / HTTP/1.1\r\nX: ";
    return begun + std::string(size - begun.size(), 'y');
  };
  CHECK(status_of(head_of(100)) == 0);  // its end may come
  CHECK(status_of(head_of(101)) == 431);
  CHECK(status_of(head_of(100) + "\r\n\r\n" + std::string(1000, 'b')) == 0);
  CHECK(status_of(head_of(101) + "\r\n\r\n") == 431);
}

TEST_CASE("Of a head that has come in part nothing is refused that is right as a whole") {
  const std::string whole =
      "GET /ws/stream?codec=pcm HTTP/1.1\r\nHost: a\r\nCookie: x\r\nUpgrade:  WebSocket \r\nConnection: "
      "Upgrade\r\n\r\n";
  for (size_t size = 1; size <= whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(refuse_head(std::string_view(whole).substr(0, size), 16384));
  }
  for (const char* other : {"foo", "h2c", "web", "websockets"}) {
    CAPTURE(other);
    CHECK(refuse_head("GET / HTTP/1.1\r\nUpgrade: " + std::string(other) + "\r\n\r\n", 16384));
  }
}

}  // namespace auralis
