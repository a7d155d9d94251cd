// SPDX-License-Identifier: MIT
#include "net/web_address.h"

#include <doctest/doctest.h>

namespace auralis {

TEST_CASE(
    "A Host header's name is told without port, brackets and capital letters, and what is no host is none") {
  CHECK(host_name("Radio.Example:8000") == "radio.example");
  CHECK(host_name("radio.example.") == "radio.example");
  CHECK(host_name("127.0.0.1:8000") == "127.0.0.1");
  CHECK(host_name("[2001:DB8::1]:8000") == "2001:db8::1");
  CHECK(host_name("[::1]") == "::1");
  CHECK(host_name("::1") == "::1");
  for (const char* bad : {"", "a b", "a/b", "a@b", "[a]", "[::1", "a\r\nX: y", "a\"", "\xff"}) {
    CAPTURE(bad);
    CHECK(host_name(bad).empty());
  }
  CHECK(host_name(std::string(300, 'a')).empty());
}

TEST_CASE("Only addresses and names of this machine are loopback") {
  for (const char* host : {"127.0.0.1", "127.1.2.3:80", "localhost", "LOCALHOST:8000", "localhost.",
                           "page.localhost", "[::1]", "[::1]:8000", "::1", "[::ffff:127.0.0.1]"}) {
    CAPTURE(host);
    CHECK(is_loopback(host));
  }
  for (const char* host : {"0.0.0.0", "192.168.1.5", "127.evil.org", "127.0.0.1.evil.org",
                           "localhost.evil.org", "notlocalhost", "[::]", "::", "", "128.0.0.1", "["}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback(host));
  }
}

TEST_CASE("An address of a page has scheme, host and path, and its origin is what a browser sends") {
  const std::optional<WebAddress> address = parse_web_address("HTTPS://Radio.example:443/listen");
  REQUIRE(address);
  CHECK(address->text() == "https://radio.example/listen/");
  CHECK(address->origin() == "https://radio.example");
  CHECK(parse_web_address("http://a:8080")->text() == "http://a:8080/");
  CHECK(parse_web_address("http://a:80/")->origin() == "http://a");
  CHECK(parse_web_address("https://a:80/")->origin() == "https://a:80");
  CHECK(parse_web_address("http://[::1]:8000/x/")->origin() == "http://[::1]:8000");
  CHECK(parse_web_address("app://local")->origin() == "app://local");
  CHECK(parse_web_address("chrome-extension://abc")->origin() == "chrome-extension://abc");
  for (const char* bad : {"", "*", "null", "radio.example", "//a/", "://a", "https://", "https:///x",
                          "https://a b/", "https://u:p@a/", "https://a/?q", "https://a/#f", "https://a:0/",
                          "https://a:99999/", "https://a:b/", "1a://b", "https://a/\r\nx"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_web_address(bad));
  }
}

TEST_CASE("The origin of a page is made of hosts only") {
  CHECK(page_origin(false, "a:8000") == "http://a:8000");
  CHECK(page_origin(true, "[::1]") == "https://[::1]");
  CHECK(page_origin(true, "[::1]:443") == "https://[::1]:443");
  for (const char* bad : {"a/b", "a b", "a\r\nX: y", ""}) CHECK(page_origin(false, bad).empty());
}

}  // namespace auralis
