// SPDX-License-Identifier: MIT
#include "net/web_address.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "net/address.h"

namespace auralis {
namespace {

constexpr size_t longest_host = 255;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_host_character(unsigned char c) {
  return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), port);
  return status == std::errc() && rest == text.data() + text.size() && port > 0 && port < 65536;
}

// Where the port's colon is; the end where there is none.
size_t port_at(std::string_view host) {
  const size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  return bracket == host.npos ? host.size() : std::min(host.find(':', bracket), host.size());
}

}  // namespace

std::string host_name(std::string_view host) {
  if (host.size() > longest_host || !std::all_of(host.begin(), host.end(), is_host_character)) return {};
  if (parse_address(host)) return lower(host);  // an IPv6 address as it is, without brackets
  std::string_view name = host.substr(0, port_at(host));
  if (name.starts_with('[')) {
    if (!name.ends_with(']')) return {};
    name = name.substr(1, name.size() - 2);
    return parse_address(name) ? lower(name) : std::string();
  }
  if (name.ends_with('.')) name.remove_suffix(1);
  return lower(name);
}

bool is_loopback(std::string_view host) {
  const std::string name = host_name(host);
  if (const std::optional<IpAddress> address = parse_address(name)) return address->is_loopback();
  return name == "localhost" || name.ends_with(".localhost");
}

// Not by http_parser_parse_url(), which takes letters alone as a scheme: pages of a browser's extensions have an origin such
// as chrome-extension://….
std::optional<WebAddress> parse_web_address(std::string_view text) {
  const size_t colon = text.find("://");
  if (colon == text.npos || colon == 0) return std::nullopt;
  WebAddress address;
  address.scheme = lower(text.substr(0, colon));
  const bool is_scheme = std::isalpha(static_cast<unsigned char>(address.scheme.front())) != 0 &&
                         std::all_of(address.scheme.begin(), address.scheme.end(), [](unsigned char c) {
                           return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
                         });
  const std::string_view rest = text.substr(colon + 3);
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string host = lower(rest.substr(0, slash));
  const size_t port = port_at(host);
  if (!is_scheme || host_name(host).empty()) return std::nullopt;
  if (port < host.size()) {
    const std::string digits = host.substr(port + 1);
    if (!is_port(digits)) return std::nullopt;
    if ((address.scheme == "http" && digits == "80") || (address.scheme == "https" && digits == "443"))
      host.resize(port);
  }
  address.host = std::move(host);
  address.path = slash == rest.size() ? "/" : rest.substr(slash);
  const bool plain = std::none_of(address.path.begin(), address.path.end(), [](unsigned char c) {
    return c <= ' ' || c == '?' || c == '#' || c == '"' || c == '<' || c == '>' || c == '\\' || c >= 0x7F;
  });
  if (!plain) return std::nullopt;
  if (!address.path.ends_with('/')) address.path += '/';
  return address;
}

std::string page_origin(bool tls, std::string_view host) {
  return host_name(host).empty() ? "" : (tls ? "https://" : "http://") + std::string(host);
}

}  // namespace auralis
