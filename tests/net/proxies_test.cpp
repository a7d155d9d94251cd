// SPDX-License-Identifier: MIT
#include "net/proxies.h"

#include <doctest/doctest.h>

namespace auralis {
namespace {

const Proxies proxies({*AddressRange::parse("127.0.0.1"), *AddressRange::parse("10.0.0.0/8"),
                       *AddressRange::parse("fd00::/8")});

HttpRequest asking(const std::string& forwarded_for, const std::string& forwarded = {}) {
  HttpRequest request;
  request.host = "127.0.0.1:8000";
  request.forwarded_for = forwarded_for;
  request.forwarded = forwarded;
  return request;
}

std::string client(const HttpRequest& request, const std::string& peer = "127.0.0.1") {
  return proxies.sender_of(request, peer, false).address;
}

}  // namespace

TEST_CASE("Who no proxy speaks for is who is at the other end") {
  const Sender sender = proxies.sender_of(asking(""), "192.0.2.7", true);
  CHECK(sender.address == "192.0.2.7");
  CHECK(sender.host == "127.0.0.1:8000");
  CHECK(sender.encrypted);
  CHECK_FALSE(sender.proxied);
}

TEST_CASE("Only a trusted proxy is believed, and everybody is seen to have spoken for another") {
  for (const HttpRequest& request :
       {asking("203.0.113.9"), asking("", "for=203.0.113.9;proto=https;host=a")}) {
    const Sender stranger = proxies.sender_of(request, "192.0.2.7", false);
    CHECK(stranger.address == "192.0.2.7");
    CHECK(stranger.host == "127.0.0.1:8000");
    CHECK((stranger.proxied && !stranger.believed && !stranger.encrypted));
    const Sender trusted = proxies.sender_of(request, "127.0.0.1", false);
    CHECK(trusted.address == "203.0.113.9");
    CHECK((trusted.proxied && trusted.believed));
  }
  HttpRequest via = asking("");
  via.via = "1.1 somewhere";
  CHECK(proxies.sender_of(via, "192.0.2.7", false).proxied);
}

TEST_CASE(
    "Of a list the last address counts that is no trusted proxy's: what is before it the client wrote "
    "itself") {
  CHECK(client(asking("127.0.0.1, 203.0.113.9")) == "203.0.113.9");
  CHECK(client(asking("198.51.100.1, 203.0.113.9, 10.1.2.3, 10.1.2.4")) == "203.0.113.9");
  CHECK(client(asking("10.1.2.3, 10.1.2.4")) == "10.1.2.3");
  CHECK(client(asking("203.0.113.9, unknown, 10.1.2.3")) == "10.1.2.3");
  CHECK(client(asking("203.0.113.9, rubbish")) == "127.0.0.1");
  CHECK(client(asking("203.0.113.9:4711")) == "203.0.113.9");
  CHECK(client(asking("[2001:db8::7]:4711")) == "2001:db8::7");
  CHECK(client(asking("2001:db8::7")) == "2001:db8::7");
  CHECK(client(asking("203.0.113.9"), "fd12::1") == "203.0.113.9");
  CHECK(client(asking(", ,")) == "127.0.0.1");
}

TEST_CASE("Forwarded is read as RFC 7239 writes it") {
  CHECK(client(asking("", "for=203.0.113.9")) == "203.0.113.9");
  CHECK(client(asking("", "For=\"[2001:db8:cafe::17]:4711\"")) == "2001:db8:cafe::17");
  CHECK(client(asking("", "for=127.0.0.1, for=203.0.113.43;proto=http;by=10.0.0.1, for=10.0.0.2")) ==
        "203.0.113.43");
  CHECK(client(asking("", "for=203.0.113.9;ext=\"a,b;for=1.2.3.4\\\"\"")) == "203.0.113.9");
  CHECK(client(asking("", "for=_hidden")) == "127.0.0.1");
  CHECK(client(asking("", "for=\"203.0.113.9")) == "203.0.113.9");
  CHECK(client(asking("", ";;=,")) == "127.0.0.1");
  const Sender sender = proxies.sender_of(
      asking("", "for=203.0.113.9;host=radio.example;proto=https, for=10.0.0.2;host=inside;proto=http"),
      "127.0.0.1", false);
  CHECK(sender.host == "radio.example");
  CHECK(sender.encrypted);
}

TEST_CASE("Name and scheme are the nearest proxy's, and what is no host is none") {
  HttpRequest request = asking("203.0.113.9");
  request.forwarded_proto = "http, https";
  request.forwarded_host = "evil.example, radio.example";
  const Sender sender = proxies.sender_of(request, "127.0.0.1", false);
  CHECK(sender.host == "radio.example");
  CHECK(sender.encrypted);
  request.forwarded_host = "a b\"";
  request.forwarded_proto = "http";
  CHECK(proxies.sender_of(request, "127.0.0.1", true).host == "127.0.0.1:8000");
  CHECK_FALSE(proxies.sender_of(request, "127.0.0.1", true).encrypted);
}

TEST_CASE(
    "Where two headers name two clients neither is believed: the proxy passes one on as the client wrote "
    "it") {
  const Sender sender =
      proxies.sender_of(asking("203.0.113.9", "for=127.0.0.1;host=evil.example"), "127.0.0.1", false);
  CHECK((sender.contradicted && sender.proxied && !sender.believed));
  CHECK(sender.address == "127.0.0.1");
  CHECK(sender.host == "127.0.0.1:8000");
  CHECK(proxies.sender_of(asking("203.0.113.9", "for=203.0.113.9"), "127.0.0.1", false).believed);
}

}  // namespace auralis
