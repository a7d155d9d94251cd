// SPDX-License-Identifier: MIT
#include "serve/access.h"

#include <doctest/doctest.h>

namespace auralis {
namespace {

constexpr int64_t second = 1'000'000;

struct Asked {
  std::string host = "127.0.0.1:8000";
  std::string origin{};
  std::string authorization{};
  std::string peer = "127.0.0.1";
  std::string forwarded_for{};
  std::string forwarded_host{};
  std::string forwarded_proto{};
};

HttpRequest request(Access& access, const Asked& asked) {
  HttpRequest out;
  out.host = asked.host;
  out.origin = asked.origin;
  out.authorization = asked.authorization;
  out.forwarded_for = asked.forwarded_for;
  out.forwarded_host = asked.forwarded_host;
  out.forwarded_proto = asked.forwarded_proto;
  access.identify(out, asked.peer, false);
  return out;
}

std::string code_of(const std::optional<Refusal>& refusal) { return refusal ? refusal->code : ""; }
std::string host_code(Access& access, const Asked& asked) {
  return code_of(access.refuse_host(request(access, asked), 0));
}
std::string control_code(Access& access, const Asked& asked) {
  return code_of(access.refuse_control(request(access, asked), {}));
}
std::string counted_code(Access& access, const Asked& asked) {
  return code_of(access.refuse_counted_control(request(access, asked), {}, second));
}

AccessSettings behind_proxy() {
  return {.public_url = parse_web_address("https://radio.example/live/"),
          .trusted_proxies = {*AddressRange::parse("127.0.0.1")}};
}

}  // namespace

TEST_CASE("A station may have a token of its own, be its address-holders' own, or take no controls") {
  using Who = ControlRule::Who;
  Access access({.host = "0.0.0.0", .token = "the server's"});
  const auto code = [&access](const ControlRule& rule, const std::string& token,
                              const std::string& origin = {}) {
    const Asked asked{.host = "192.168.1.5:8000",
                      .origin = origin,
                      .authorization = token.empty() ? "" : "Bearer " + token,
                      .peer = "192.168.1.9"};
    return code_of(access.refuse_control(request(access, asked), rule));
  };
  CHECK(code({}, "the server's") == "");
  CHECK(code({}, "the station's") == "forbidden");
  const ControlRule own{Who::token, "the station's"};
  CHECK(code(own, "the station's") == "");
  CHECK(code(own, "the server's") == "forbidden");
  CHECK(code(own, "") == "unauthorized");
  CHECK(code({Who::nobody}, "the server's") == "controls_off");
  CHECK(code({Who::address}, "") == "");
  CHECK(code({Who::address}, "", "http://evil.example") == "origin_not_allowed");
  Access without({.host = "0.0.0.0"});
  CHECK(without.refuse_control(request(without, {.peer = "192.168.1.9"}), {})->code == "controls_off");
  CHECK_FALSE(without.refuse_control(request(without, {.peer = "192.168.1.9"}), {Who::address}).has_value());
}

TEST_CASE("Secrets are the same only when every byte is") {
  CHECK(same_secret("abc", "abc"));
  CHECK_FALSE(same_secret("abc", "abd"));
  CHECK_FALSE(same_secret("abc", "ab"));
  CHECK_FALSE(same_secret("ab", "abab"));
  CHECK_FALSE(same_secret("", "a"));
  CHECK_FALSE(same_secret("a", ""));
}

TEST_CASE("On loopback nobody is answered who calls the server by a stranger's name") {
  Access access({.is_certified = [](const std::string& name) { return name == "radio.example"; }});
  for (const char* own :
       {"127.0.0.1:8000", "localhost:8000", "LocalHost", "[::1]:8000", "radio.example", ""}) {
    CAPTURE(own);
    CHECK(host_code(access, {.host = own}) == "");
  }
  for (const char* strange : {"evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.1.5",
                              "a", "a b", "localhost.evil.example", "xn--localhost"}) {
    CAPTURE(strange);
    CHECK(host_code(access, {.host = strange}) == "misdirected");
  }
}

TEST_CASE("In a network it is called by address, by the network's own names, and by what --public-url says") {
  Access access({.host = "0.0.0.0", .public_url = parse_web_address("http://Radio.example:8000")});
  for (const char* own :
       {"192.168.1.5:8000", "[2001:db8::1]", "localhost", "auralis:8000", "radio.example"}) {
    CAPTURE(own);
    CHECK(host_code(access, {.host = own, .peer = "192.168.1.9"}) == "");
  }
  for (const char* strange :
       {"evil.example", "192.168.1.5.evil.example", "other.local", "www.radio.example"}) {
    CAPTURE(strange);
    CHECK(host_code(access, {.host = strange, .peer = "192.168.1.9"}) == "misdirected");
  }
}

TEST_CASE("A proxy's word for a name is enough, unless a browser could have its address") {
  Access access({.host = "0.0.0.0",
                 .trusted_proxies = {*AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("127.0.0.1")}});
  CHECK(host_code(access, {.host = "radio.example", .peer = "10.0.0.2", .forwarded_for = "203.0.113.9"}) ==
        "");
  CHECK(host_code(access, {.host = "radio.example", .peer = "192.0.2.7", .forwarded_for = "203.0.113.9"}) ==
        "misdirected");
  // A page whose name was turned to 127.0.0.1 may write any of these headers, but not Host.
  CHECK(host_code(access,
                  {.host = "evil.example", .forwarded_for = "10.0.0.9", .forwarded_host = "localhost"}) ==
        "misdirected");
  CHECK(host_code(access, {.forwarded_for = "203.0.113.9", .forwarded_host = "radio.example"}) == "");
}

TEST_CASE("A page may control from the server's own origin or a listed one, a program from anywhere") {
  Access access({.origins = {"https://radio.example"}});
  CHECK(control_code(access, {}) == "");
  CHECK(control_code(access, {.origin = "http://127.0.0.1:8000"}) == "");
  CHECK(control_code(access, {.origin = "https://radio.example"}) == "");
  for (const char* origin : {"http://evil.example", "https://127.0.0.1:8000", "http://127.0.0.1:8001", "null",
                             "https://radio.example.evil.example"})
    CHECK(control_code(access, {.origin = origin}) == "origin_not_allowed");
  const Asked rebound{.host = "evil.example", .origin = "http://evil.example"};
  CHECK(control_code(access, rebound) == "origin_not_allowed");
  CHECK(code_of(access.refuse_listener(request(access, rebound), 0)) == "origin_not_allowed");
}

TEST_CASE("Behind a proxy the page's own origin is what the proxy, or --public-url, says") {
  Access access(behind_proxy());
  const auto listens = [&](const Asked& asked) {
    return code_of(access.refuse_listener(request(access, asked), 0));
  };
  CHECK(listens({.host = "radio.example", .origin = "https://radio.example"}) == "");
  CHECK(listens({.origin = "https://radio.example", .forwarded_for = "203.0.113.9"}) == "");
  const Asked other{
      .origin = "https://other.example", .forwarded_for = "203.0.113.9", .forwarded_host = "other.example"};
  CHECK(listens(other) == "origin_not_allowed");  // it says nothing of TLS
  Asked encrypted = other;
  encrypted.forwarded_proto = "https";
  CHECK(listens(encrypted) == "");
  encrypted.peer = "192.0.2.7";
  CHECK(listens(encrypted) == "origin_not_allowed");
}

TEST_CASE("Players are sent to the public address, and on this machine to the one they came by") {
  Access access(behind_proxy());
  const auto address = [&](const Asked& asked) { return access.address_for(request(access, asked)); };
  CHECK(address({.host = "radio.example", .forwarded_proto = "https"}) == "https://radio.example/live/");
  CHECK(address({.forwarded_for = "203.0.113.9"}) == "https://radio.example/live/");
  CHECK(address({.host = "localhost:8000"}) == "http://localhost:8000/");
  Access unnamed({.trusted_proxies = {*AddressRange::parse("127.0.0.1")}});
  CHECK(unnamed.address_for(request(unnamed, {.forwarded_for = "203.0.113.9",
                                              .forwarded_host = "a.example",
                                              .forwarded_proto = "https"})) == "https://a.example/");
}

TEST_CASE("Controls need the token where there is one, and are off where others reach a server without") {
  Access open({});
  CHECK(open.control_access(request(open, {}), {}) == "open");
  Access off({.host = "0.0.0.0"});
  CHECK(off.controls_are_off());
  CHECK(off.control_access(request(off, {}), {}) == "off");
  CHECK(control_code(off, {}) == "controls_off");
  Access token({.host = "0.0.0.0", .token = "right"});
  CHECK(token.control_access(request(token, {}), {}) == "token");
  CHECK(control_code(token, {}) == "unauthorized");
  CHECK(control_code(token, {.authorization = "Bearer wrong"}) == "forbidden");
  CHECK_FALSE(token.refuse_listener(request(token, {}), 0));
}

TEST_CASE("The scheme before a token may be written in any letters, and with more than one space") {
  Access access({.token = "right"});
  for (const char* given : {"Bearer right", "bearer right", "BEARER   right"})
    CHECK(control_code(access, {.authorization = given}) == "");
  for (const char* given : {"right", "Bearer", "Bearer ", "Basic right", "Bearerright", "bearer Right"})
    CHECK(control_code(access, {.authorization = given}) != "");
}

TEST_CASE("Without a token controls are for those who come straight from this machine, through no proxy") {
  Access access({});
  CHECK(control_code(access, {}) == "");
  CHECK(control_code(access, {.host = ""}) == "");
  CHECK(control_code(access, {.forwarded_for = "203.0.113.9"}) ==
        "controls_off");  // of a proxy that nobody told us of
  CHECK(control_code(access, {.forwarded_for = "127.0.0.1"}) == "controls_off");
  Access known(behind_proxy());
  CHECK(control_code(known, {}) == "");
  CHECK(control_code(known, {.host = "radio.example", .forwarded_for = "203.0.113.9"}) == "controls_off");
  CHECK(control_code(known, {.host = "radio.example", .forwarded_for = "127.0.0.1"}) == "controls_off");
  CHECK(control_code(known, {.host = "radio.example"}) == "controls_off");
  CHECK(known.control_access(request(known, {.host = "radio.example"}), {}) == "off");
}

TEST_CASE("Wrong tokens are refused with 429 when they are many, and lock the right one out for nobody") {
  Access access({.host = "0.0.0.0", .token = "right"});
  const Asked wrong{.authorization = "Bearer x", .peer = "192.0.2.7"};
  int forbidden = 0;
  for (int i = 0; i < 200; ++i) forbidden += counted_code(access, wrong) == "forbidden";
  CHECK(forbidden == 20);
  CHECK(counted_code(access, wrong) == "too_many_wrong_tokens");
  for (int i = 0; i < 20; ++i)
    CHECK(counted_code(access, {.authorization = "Bearer right", .peer = "192.0.2.7"}) == "");
  CHECK(counted_code(access, {.authorization = "Bearer right", .peer = "192.0.2.7"}) == "too_many_controls");
  CHECK(counted_code(access, {.authorization = "Bearer right", .peer = "192.0.2.8"}) == "");
}

TEST_CASE("A page of elsewhere takes nothing of what its visitor may") {
  Access access({});
  for (int i = 0; i < 200; ++i)
    CHECK(counted_code(access, {.origin = "http://evil.example"}) == "origin_not_allowed");
  CHECK(counted_code(access, {}) == "");
}

TEST_CASE("Controls are counted for each client of a proxy") {
  AccessSettings settings = behind_proxy();
  settings.token = "right";
  Access access(settings);
  const auto controls = [&](const std::string& client) {
    return counted_code(access, {.authorization = "Bearer right", .forwarded_for = client});
  };
  for (int i = 0; i < 20; ++i) CHECK(controls("203.0.113.9") == "");
  CHECK(controls("203.0.113.9") == "too_many_controls");
  CHECK(controls("203.0.113.10") == "");
}

TEST_CASE(
    "An address has so many connections, this machine as many as may listen, and a trusted proxy any "
    "number") {
  AccessSettings settings = behind_proxy();
  settings.most_here = 150;
  Access access(settings);
  const auto most = [&](const std::string& address) {
    std::vector<AddressCounts::Seat> seats;
    while (seats.size() < 1000) {
      std::optional<AddressCounts::Seat> seat = access.connections().take(address);
      if (!seat) break;
      seats.push_back(std::move(*seat));
    }
    CHECK(access.turns_away(address, 0) == !access.trusts(address));
    return seats.size();
  };
  CHECK(most("203.0.113.9") == 100);
  CHECK(most("2001:db8::1") == 100);
  CHECK(most("127.0.0.2") == 150);
  CHECK_FALSE(access.turns_away("127.0.0.1", 0));
  settings.most_of_address = 0;
  Access any(settings);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(any.turns_away("203.0.113.9", 0));
}

}  // namespace auralis
