// SPDX-License-Identifier: MIT
// IP addresses and ranges of them. An IPv4 address that comes as IPv6 (::ffff:192.0.2.7) is the IPv4 address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auralis {

// 16 bytes, an IPv4 address as ::ffff:a.b.c.d.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};

  bool is_v4() const;
  bool is_loopback() const;  // 127.0.0.0/8, ::1
  std::string text() const;
  bool operator==(const IpAddress&) const = default;
};

// As inet_pton() takes it: no brackets, no port, no zone.
std::optional<IpAddress> parse_address(std::string_view text);

// The name under which an address is limited: of IPv6 its /64, which is one customer's. What is no address stays as it is.
std::string limited_as(const std::string& address);

// "10.0.0.0/8", "fd00::/8", or one address. Bits behind the prefix do not matter.
class AddressRange {
 public:
  static std::optional<AddressRange> parse(std::string_view text);
  bool contains(const IpAddress& address) const;

 private:
  IpAddress first_;
  int bits_ = 128;  // of the 128
};

}  // namespace auralis
