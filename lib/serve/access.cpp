// SPDX-License-Identifier: MIT
#include "serve/access.h"

#include <algorithm>

#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

std::string given_token(const HttpRequest& request) {
  if (request.authorization.starts_with(bearer)) return request.authorization.substr(bearer.size());
  const auto argument = request.query.find("token");
  return argument == request.query.end() ? "" : argument->second;
}

}  // namespace

Access::Access(const AccessSettings& settings) : settings_(settings), control_rate_(limits::controls) {}

bool Access::controls_are_off() const { return settings_.token.empty() && !is_loopback(settings_.host); }

std::string_view Access::control_access() const {
  return controls_are_off() ? "off" : settings_.token.empty() ? "open" : "token";
}

std::optional<Refusal> Access::refuse_listener(const HttpRequest& request) const {
  if (is_own_origin(request)) return std::nullopt;
  return refusals::foreign_origin("listen here");
}

std::optional<Refusal> Access::refuse_control(const HttpRequest& request) const {
  if (!is_own_origin(request)) return refusals::foreign_origin("control");
  if (controls_are_off()) return refusals::controls_off();
  if (settings_.token.empty()) return std::nullopt;
  const std::string given = given_token(request);
  if (given.empty()) return refusals::token_missing();
  if (!same_secret(given, settings_.token)) return refusals::token_wrong();
  return std::nullopt;
}

std::optional<Refusal> Access::refuse_counted_control(const HttpRequest& request, const std::string& address,
                                                      int64_t now_us) {
  if (!control_rate_.take(limited_as(address), now_us)) return refusals::too_many_controls();
  return refuse_control(request);
}

bool Access::is_own_origin(const HttpRequest& request) const {
  if (request.origin.empty() || is_listed_origin(request)) return true;
  if (is_loopback(settings_.host) && !is_loopback(request.host)) return false;
  return request.origin == page_origin(settings_.tls, request.host);
}

bool Access::is_listed_origin(const HttpRequest& request) const {
  return std::find(settings_.origins.begin(), settings_.origins.end(), request.origin) !=
         settings_.origins.end();
}

void Access::add_cross_origin_headers(const HttpRequest& request, HttpResponse& response) const {
  response.headers.emplace_back("Cross-Origin-Resource-Policy",
                                settings_.origins.empty() ? "same-origin" : "cross-origin");
  if (!settings_.origins.empty()) response.headers.emplace_back("Vary", "Origin");
  if (is_listed_origin(request)) response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
}

bool same_secret(std::string_view a, std::string_view b) {
  size_t different = a.size() ^ b.size();
  for (size_t i = 0; i < a.size(); ++i)
    different |= static_cast<size_t>(a[i] ^ (b.empty() ? '\0' : b[i % b.size()]));
  return different == 0;
}

bool is_loopback(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') == std::string_view::npos ? host.size() : host.find(']') - 1);
  } else if (std::count(host.begin(), host.end(), ':') == 1) {
    host = host.substr(0, host.find(':'));
  }
  if (host == "localhost" || host == "::1" || host.ends_with(".localhost")) return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace auralis
