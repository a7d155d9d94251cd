// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <doctest/doctest.h>

#include "net/address_counts.h"

namespace auralis {
namespace {

bool contains(const char* range, const char* address) {
  return AddressRange::parse(range).value().contains(parse_address(address).value());
}

}  // namespace

TEST_CASE("Addresses are read as they are written, an IPv4 in IPv6 as IPv4, and nothing else is one") {
  CHECK(parse_address("192.0.2.7")->text() == "192.0.2.7");
  CHECK(parse_address("::ffff:192.0.2.7")->text() == "192.0.2.7");
  CHECK(parse_address("::ffff:192.0.2.7") == parse_address("192.0.2.7"));
  CHECK(parse_address("2001:DB8:0::1")->text() == "2001:db8::1");
  for (const char* loopback : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"})
    CHECK(parse_address(loopback)->is_loopback());
  for (const char* other : {"128.0.0.1", "::", "::2", "1::1", "192.0.2.7"})
    CHECK_FALSE(parse_address(other)->is_loopback());
  for (const char* bad :
       {"", "a", "1.2.3", "1.2.3.4.5", "300.1.1.1", "[::1]", "::1%lo", "1.2.3.4:80", "0x7f.1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_address(bad));
  }
  using namespace std::string_view_literals;
  CHECK_FALSE(parse_address("::1\0"sv));
}

TEST_CASE("A range holds the addresses whose first bits are its own, and what is none is told") {
  CHECK(contains("127.0.0.1/32", "127.0.0.1"));
  CHECK(contains("127.0.0.1", "::ffff:127.0.0.1"));
  CHECK_FALSE(contains("127.0.0.1", "127.0.0.2"));
  CHECK(contains("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("192.168.5.130/25", "192.168.5.200"));
  CHECK_FALSE(contains("192.168.5.130/25", "192.168.5.1"));
  CHECK(contains("0.0.0.0/0", "203.0.113.9"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("fd00::/8", "fdab::1"));
  CHECK_FALSE(contains("fd00::/8", "fe00::1"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(contains("::/0", "2001:db8::1"));
  for (const char* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0/8",
                          "::/129", "a/8", "localhost", "10.0.0.0/8/8", "10.0.0.0/+8"}) {
    CAPTURE(bad);
    CHECK_FALSE(AddressRange::parse(bad));
  }
}

TEST_CASE("The addresses of one customer are limited as one: a /64 of IPv6, an IPv4 however it is written") {
  CHECK(limited_as("2001:db8:1:2::1") == limited_as("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  CHECK(limited_as("2001:db8:1:2::1") != limited_as("2001:db8:1:3::1"));
  CHECK(limited_as("::ffff:192.0.2.7") == limited_as("192.0.2.7"));
  CHECK(limited_as("::ffff:192.0.2.7") != limited_as("::ffff:192.0.2.8"));
  CHECK(limited_as("192.0.2.7") != limited_as("192.0.2.8"));
  CHECK(limited_as("::1") != limited_as("127.0.0.1"));
}

TEST_CASE("An address has so many seats and no more, takes none of another's, and leaves none behind") {
  AddressCounts counts(
      [](const std::string& address) { return address == "192.0.2.9" ? size_t{1} : size_t{2}; });
  {
    std::optional<AddressCounts::Seat> first = counts.take("2001:db8::1");
    const std::optional<AddressCounts::Seat> second = counts.take("2001:db8::2");
    CHECK((first && second));
    CHECK_FALSE(counts.has_room("2001:db8::3"));
    CHECK_FALSE(counts.take("2001:db8::3"));
    CHECK(counts.take("192.0.2.9"));
    CHECK(first->is_of("2001:db8::7"));
    AddressCounts::Seat moved = std::move(*first);
    first.reset();
    CHECK_FALSE(counts.has_room("2001:db8::3"));
    moved = std::move(*counts.take("192.0.2.9"));
    CHECK(counts.has_room("2001:db8::3"));
    CHECK_FALSE(counts.has_room("192.0.2.9"));
  }
  CHECK(counts.addresses() == 0);
}

}  // namespace auralis
