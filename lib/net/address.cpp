// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace auralis {
namespace {

constexpr std::array<uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr int bits_before_v4 = 96;

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  return bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](uint8_t byte) { return byte == 0; });
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_v4()) {
    ::inet_ntop(AF_INET, bytes.data() + mapped_prefix.size(), out.data(), out.size());
  } else {
    ::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
  }
  return out.data();
}

std::optional<IpAddress> parse_address(std::string_view text) {
  const std::string whole(text);
  if (whole.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (::inet_pton(AF_INET6, whole.c_str(), address.bytes.data()) == 1) return address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
  if (::inet_pton(AF_INET, whole.c_str(), address.bytes.data() + mapped_prefix.size()) == 1) return address;
  return std::nullopt;
}

std::string limited_as(const std::string& address) {
  std::optional<IpAddress> parsed = parse_address(address);
  if (!parsed) return address;
  if (!parsed->is_v4()) std::fill(parsed->bytes.begin() + 8, parsed->bytes.end(), uint8_t{0});
  return parsed->text();
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string_view first = text.substr(0, slash);
  const std::optional<IpAddress> address = parse_address(first);
  if (!address) return std::nullopt;
  AddressRange range;
  range.first_ = *address;
  if (slash == text.size()) return range;
  const std::string_view digits = text.substr(slash + 1);
  int bits = -1;
  const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const int before = first.find(':') == std::string_view::npos ? bits_before_v4 : 0;
  if (status != std::errc() || rest != digits.data() + digits.size() || bits < 0 || before + bits > 128)
    return std::nullopt;
  range.bits_ = before + bits;
  return range;
}

bool AddressRange::contains(const IpAddress& address) const {
  const auto whole = static_cast<size_t>(bits_ / 8);
  if (!std::equal(first_.bytes.begin(), first_.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin()))
    return false;
  if (bits_ % 8 == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF << (8 - bits_ % 8));
  return (first_.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

}  // namespace auralis
