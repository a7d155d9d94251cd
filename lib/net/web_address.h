// SPDX-License-Identifier: MIT
// Addresses of pages and what they consist of: "https://radio.example:8443/listen/", hosts as a Host header names them,
// origins as a browser sends them (RFC 6454, section 6.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auralis {

// Of a Host header: the name in small letters, without port, brackets and the dot of the root; "" where it is no host.
std::string host_name(std::string_view host);

// 127.0.0.0/8, ::1, localhost and what ends with .localhost; with or without a port.
bool is_loopback(std::string_view host);

struct WebAddress {
  std::string scheme;
  std::string host;  // in small letters, with its port unless that is the scheme's own
  std::string path;  // begins and ends with a slash

  std::string origin() const { return scheme + "://" + host; }
  std::string text() const { return origin() + path; }
};

// nullopt for what has no scheme or no host, for one with a user, a query or a fragment.
std::optional<WebAddress> parse_web_address(std::string_view text);

// "http://host:port" for a page whose Host header this is; "" if that is not a host.
std::string page_origin(bool tls, std::string_view host);

}  // namespace auralis
