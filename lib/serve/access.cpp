// SPDX-License-Identifier: MIT
#include "serve/access.h"

#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/log.h"
#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

constexpr std::string_view bearer = "bearer";

// RFC 9110, section 11.1: the scheme in small letters or not, then spaces.
std::string bearer_token(std::string_view authorization) {
  const std::string_view scheme = authorization.substr(0, authorization.find(' '));
  if (scheme.size() == authorization.size() || !same_letters(scheme, bearer)) return {};
  const size_t token = authorization.find_first_not_of(' ', scheme.size());
  return token == authorization.npos ? std::string() : std::string(authorization.substr(token));
}

std::string given_token(const HttpRequest& request) {
  if (std::string token = bearer_token(request.authorization); !token.empty()) return token;
  const auto argument = request.query.find("token");
  return argument == request.query.end() ? "" : argument->second;
}

// As much as a line of the log may have of what a stranger sent.
std::string cut(const std::string& text) {
  return text.size() <= limits::logged_bytes ? text : text.substr(0, limits::logged_bytes) + "…";
}

std::string name_of_machine() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? host_name(name.data()) : std::string();
}

AddressCounts connection_counts(const AccessSettings& settings) {
  return AddressCounts(
      [here = settings.most_here, given = settings.most_of_address](const std::string& address) {
        if (given) return *given == 0 ? std::numeric_limits<size_t>::max() : *given;
        return is_loopback(address) ? here : limits::connections_of_address;
      });
}

bool is_guess(const Refusal& refusal) { return refusal.code == refusals::token_wrong().code; }

}  // namespace

Access::Access(const AccessSettings& settings)
    : settings_(settings),
      machine_(name_of_machine()),
      proxies_(settings.trusted_proxies),
      connections_(connection_counts(settings)),
      control_rate_(limits::controls),
      wrong_token_rate_(limits::wrong_tokens) {}

void Access::identify(HttpRequest& request, const std::string& peer, bool encrypted) {
  request.sender = proxies_.sender_of(request, peer, encrypted);
}

bool Access::turns_away(const std::string& peer, int64_t now_us) {
  if (trusts(peer) || connections_.has_room(peer)) return false;
  warn(limited_as(peer) +
           " has as many connections as an address may, more are turned away (--max-per-address)",
       now_us);
  return true;
}

bool Access::controls_are_off() const { return settings_.token.empty() && !is_loopback(settings_.host); }

bool Access::controls_are_off(const HttpRequest& request, const ControlRule& rule) const {
  if (rule.who != ControlRule::Who::server) return rule.who == ControlRule::Who::nobody;
  return controls_are_off() || (settings_.token.empty() && !is_from_here(request));
}

// "" where none is needed.
const std::string& Access::token_of(const ControlRule& rule) const {
  return rule.who == ControlRule::Who::server ? settings_.token : rule.token;
}

std::string_view Access::control_access(const HttpRequest& request, const ControlRule& rule) const {
  return controls_are_off(request, rule) ? "off" : token_of(rule).empty() ? "open" : "token";
}

std::optional<Refusal> Access::refuse_host(const HttpRequest& request, int64_t now_us) {
  const Sender& sender = request.sender;
  if (sender.proxied && !sender.believed) warn_of_proxy(sender, now_us);
  if (is_own_name(request.host)) return std::nullopt;
  // A browser on this machine has the address of a proxy on this machine; one elsewhere speaks for itself alone.
  if (sender.believed && !is_loopback(sender.peer)) return std::nullopt;
  warn("requests for " + cut(request.host) + " are refused, which is no name of this server's (client " +
           sender.address + "): --public-url says by which it is known",
       now_us);
  return refusals::foreign_host();
}

void Access::warn_of_proxy(const Sender& sender, int64_t now_us) {
  if (sender.contradicted) {
    return warn("the proxy at " + sender.peer +
                    " hands on X-Forwarded-For and Forwarded that name two clients, neither is believed: let "
                    "it remove "
                    "the one that it does not write",
                now_us);
  }
  if (!is_loopback(sender.peer)) return;  // there anybody may have written them
  warn("a proxy at " + sender.peer +
           " is not believed, its clients share one address and need a token to control: "
           "--trusted-proxy " +
           sender.peer,
       now_us);
}

std::optional<Refusal> Access::refuse_listener(const HttpRequest& request, int64_t now_us) {
  if (is_own_origin(request)) return std::nullopt;
  return refuse_origin(request, "listen here", now_us);
}

Refusal Access::refuse_origin(const HttpRequest& request, std::string_view may_not, int64_t now_us) {
  const std::optional<WebAddress> page = parse_web_address(request.origin);
  const bool calls_us_so = page && page->host == request.sender.host;
  std::string line = "a page of " + cut(request.origin) + " was refused, it may not " + std::string(may_not) +
                     " (client " + request.sender.address + ")";
  if (calls_us_so) {
    line += ": --public-url " + cut(page->text()) + " says that this is how the server is known";
  } else if (page) {
    line += ": --origin " + cut(page->origin()) + " allows it";
  }
  warn(line, now_us);
  return refusals::foreign_origin(may_not);
}

std::optional<Refusal> Access::refuse_control(const HttpRequest& request, const ControlRule& rule) const {
  if (!is_own_origin(request)) return refusals::foreign_origin("control");
  if (rule.who == ControlRule::Who::nobody) return refusals::no_controls();
  if (controls_are_off(request, rule)) return refusals::controls_off();
  const std::string& token = token_of(rule);
  if (token.empty()) return std::nullopt;
  const std::string given = given_token(request);
  if (given.empty()) return refusals::token_missing();
  if (!same_secret(given, token)) return refusals::token_wrong();
  return std::nullopt;
}

std::optional<Refusal> Access::refuse_counted_control(const HttpRequest& request, const ControlRule& rule,
                                                      int64_t now_us) {
  const std::string client = limited_as(request.sender.address);
  const std::optional<Refusal> refusal = refuse_control(request, rule);
  if (!refusal && !control_rate_.take(client, now_us)) return refusals::too_many_controls();
  if (!refusal) return std::nullopt;
  if (!is_own_origin(request)) return refuse_origin(request, "control", now_us);
  if (is_guess(*refusal) && !wrong_token_rate_.take(client, now_us)) return refusals::too_many_wrong_tokens();
  return refusal;
}

// On loopback a stranger's name leads here only by a trick, or through a proxy that --public-url does not name.
// Elsewhere addresses are no names that anybody could turn, and names without a dot belong to the network that we are in.
bool Access::is_own_name(std::string_view host) const {
  if (host.empty()) return true;  // HTTP/1.0
  const std::string name = host_name(host);
  if (name.empty()) return false;
  if (is_loopback(name) || name == host_name(settings_.host)) return true;
  if (settings_.public_url && name == host_name(settings_.public_url->host)) return true;
  if (settings_.is_certified(name)) return true;
  if (is_loopback(settings_.host)) return false;
  return parse_address(name) || name.find('.') == name.npos || name == machine_ ||
         name == machine_.substr(0, machine_.find('.')) + ".local";
}

bool Access::is_own_origin(const HttpRequest& request) const {
  if (request.origin.empty() || is_listed_origin(request)) return true;
  if (settings_.public_url && request.origin == settings_.public_url->origin()) return true;
  const Sender& sender = request.sender;
  return (sender.believed || is_own_name(sender.host)) &&
         request.origin == page_origin(sender.encrypted, sender.host);
}

bool Access::is_from_here(const HttpRequest& request) const {
  const Sender& sender = request.sender;
  if (sender.proxied || !is_loopback(sender.address)) return false;
  return request.host.empty() || is_loopback(request.host);
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

std::string Access::address_for(const HttpRequest& request) const {
  const Sender& sender = request.sender;
  if (settings_.public_url &&
      (sender.believed || host_name(sender.host) == host_name(settings_.public_url->host)))
    return settings_.public_url->text();
  const std::string origin = page_origin(sender.encrypted, sender.host);
  return origin.empty() ? "" : origin + "/";
}

// What strangers send must not fill a disk: the same line once an hour, and not more than so many.
void Access::warn(const std::string& line, int64_t now_us) {
  if (now_us - warned_since_us_ > limits::warnings_us) {
    warned_.clear();
    warned_since_us_ = now_us;
  }
  if (warned_.size() >= limits::warnings || !warned_.insert(line).second) return;
  log_warning(line +
              (warned_.size() == limits::warnings ? "; more of the kind are not logged for a while" : ""));
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace auralis
