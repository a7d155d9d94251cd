// SPDX-License-Identifier: MIT
#include "serve/access.h"

#include <doctest/doctest.h>

namespace auralis {
namespace {

HttpRequest from(const std::string& host, const std::string& origin, const std::string& authorization = {}) {
  HttpRequest request;
  request.host = host;
  request.origin = origin;
  request.authorization = authorization;
  return request;
}

std::string code_of(const std::optional<Refusal>& refusal) { return refusal ? refusal->code : ""; }

}  // namespace

TEST_CASE("Only addresses of this machine are loopback") {
  for (const char* host :
       {"127.0.0.1", "127.1.2.3:80", "localhost", "localhost:8000", "[::1]", "[::1]:8000", "::1"}) {
    CAPTURE(host);
    CHECK(is_loopback(host));
  }
  for (const char* host :
       {"0.0.0.0", "192.168.1.5", "127.evil.org", "localhost.evil.org", "[::]", "::", "", "128.0.0.1", "["}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback(host));
  }
}

TEST_CASE("Secrets are the same only when every byte is") {
  CHECK(same_secret("abc", "abc"));
  CHECK_FALSE(same_secret("abc", "abd"));
  CHECK_FALSE(same_secret("abc", "ab"));
  CHECK_FALSE(same_secret("ab", "abab"));
  CHECK_FALSE(same_secret("", "a"));
  CHECK_FALSE(same_secret("a", ""));
}

TEST_CASE("A page may control from the server's own origin or a listed one, a program from anywhere") {
  const Access access({.host = "127.0.0.1", .token = "", .origins = {"https://radio.example"}, .tls = false});
  CHECK_FALSE(access.refuse_control(from("127.0.0.1:8000", "")));
  CHECK_FALSE(access.refuse_control(from("127.0.0.1:8000", "http://127.0.0.1:8000")));
  CHECK_FALSE(access.refuse_control(from("127.0.0.1:8000", "https://radio.example")));
  CHECK(code_of(access.refuse_control(from("127.0.0.1:8000", "http://evil.example"))) ==
        "origin_not_allowed");
  CHECK(code_of(access.refuse_control(from("127.0.0.1:8000", "https://127.0.0.1:8000"))) ==
        "origin_not_allowed");
  CHECK(code_of(access.refuse_control(from("evil.example", "http://evil.example"))) == "origin_not_allowed");
  CHECK(code_of(access.refuse_listener(from("evil.example", "http://evil.example"))) == "origin_not_allowed");
}

TEST_CASE("Controls need the token where there is one, and are off where others reach a server without") {
  const Access open({.host = "127.0.0.1", .token = "", .origins = {}, .tls = false});
  CHECK(open.control_access() == "open");
  const Access off({.host = "0.0.0.0", .token = "", .origins = {}, .tls = false});
  CHECK(off.control_access() == "off");
  CHECK(code_of(off.refuse_control(from("a", ""))) == "controls_off");
  const Access token({.host = "0.0.0.0", .token = "right", .origins = {}, .tls = false});
  CHECK(token.control_access() == "token");
  CHECK(code_of(token.refuse_control(from("a", ""))) == "unauthorized");
  CHECK(code_of(token.refuse_control(from("a", "", "Bearer wrong"))) == "forbidden");
  CHECK_FALSE(token.refuse_control(from("a", "", "Bearer right")));
  CHECK_FALSE(token.refuse_listener(from("a", "")));
}

TEST_CASE("Wrong tokens count as controls, so that they cannot be tried at any speed") {
  Access access({.host = "0.0.0.0", .token = "right", .origins = {}, .tls = false});
  int wrong = 0;
  for (int i = 0; i < 100; ++i)
    wrong += code_of(access.refuse_counted_control(from("a", "", "Bearer x"), "192.0.2.7", 0)) == "forbidden";
  CHECK(wrong == 20);
  CHECK(code_of(access.refuse_counted_control(from("a", "", "Bearer right"), "192.0.2.7", 0)) ==
        "too_many_controls");
  CHECK_FALSE(access.refuse_counted_control(from("a", "", "Bearer right"), "192.0.2.8", 0));
}

}  // namespace auralis
