// SPDX-License-Identifier: MIT
// Who may listen and control: by name, origin, token, address, and how often. SECURITY.md has the whole of it.
//   host     what a request calls us must be a name of ours: a stranger's name that leads here (DNS rebinding) makes the
//            stranger's page one of ours for the browser
//   origin   a page's own is the server's. Programs that are no pages send none
//   rule     each station says who may control it: whom the server's token lets, whom one of its own lets, whoever has its
//            address, or nobody
//   token    controls need it where there is one. Without one they are for this machine alone, and not where others can
//            reach the server, be it through a proxy
//   proxies  that are trusted say which address the client has, and by which name and scheme it came
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "net/address_counts.h"
#include "net/http.h"
#include "net/proxies.h"
#include "net/rate_limit.h"
#include "net/refusal.h"
#include "net/web_address.h"

namespace auralis {

struct AccessSettings {
  std::string host = "127.0.0.1";
  std::string token{};  // empty: none
  std::vector<std::string> origins{};
  std::optional<WebAddress> public_url{};
  std::vector<AddressRange> trusted_proxies{};
  size_t most_here = 1000;  // connections from this machine
  std::optional<size_t>
      most_of_address{};  // connections of any address; nullopt: limits::connections_of_address
  // Names that the certificate is for.
  std::function<bool(const std::string& name)> is_certified = [](const std::string&) { return false; };
};

struct ControlRule {
  enum class Who { server, token, address, nobody } who = Who::server;
  std::string token{};  // the station's own
  bool turns = false;   // one after another: see turns.h
  bool operator==(const ControlRule&) const = default;
};

class Access {
 public:
  explicit Access(const AccessSettings& settings);

  // Fills in who sent the request. `peer`: the address at the other end of the connection.
  void identify(HttpRequest& request, const std::string& peer, bool encrypted);
  bool trusts(const std::string& peer) const { return proxies_.trusts(peer); }
  // How many connections each address has; a trusted proxy's count for its clients.
  AddressCounts& connections() { return connections_; }
  // Whether a connection of that address is turned away.
  bool turns_away(const std::string& peer, int64_t now_us);

  bool controls_are_off() const;  // for everybody
  // "open", "token" or "off".
  std::string_view control_access(const HttpRequest& request, const ControlRule& rule) const;

  std::optional<Refusal> refuse_host(const HttpRequest& request, int64_t now_us);
  std::optional<Refusal> refuse_listener(const HttpRequest& request, int64_t now_us);
  std::optional<Refusal> refuse_control(const HttpRequest& request, const ControlRule& rule) const;
  // The same for a control that is there, which counts. A right token is heard however many wrong ones came from its
  // address; those are refused with 429 when they are too many.
  std::optional<Refusal> refuse_counted_control(const HttpRequest& request, const ControlRule& rule,
                                                int64_t now_us);

  bool is_listed_origin(const HttpRequest& request) const;
  // Without listed origins no page from elsewhere may embed the response, not even as sound; listed ones may read it,
  // too.
  void add_cross_origin_headers(const HttpRequest& request, HttpResponse& response) const;
  // Where the client finds the server, ending with a slash: the public address, or what the request calls it; "" where
  // that is no host.
  std::string address_for(const HttpRequest& request) const;

 private:
  bool is_own_name(std::string_view host) const;
  bool is_own_origin(const HttpRequest& request) const;
  bool is_from_here(const HttpRequest& request) const;
  bool controls_are_off(const HttpRequest& request, const ControlRule& rule) const;
  const std::string& token_of(const ControlRule& rule) const;
  Refusal refuse_origin(const HttpRequest& request, std::string_view may_not, int64_t now_us);
  void warn_of_proxy(const Sender& sender, int64_t now_us);
  void warn(const std::string& line, int64_t now_us);

  AccessSettings settings_;
  std::string machine_;  // its name
  Proxies proxies_;
  AddressCounts connections_;
  RateLimiter control_rate_;
  RateLimiter wrong_token_rate_;
  std::set<std::string> warned_;
  int64_t warned_since_us_ = 0;
};

// Equal, in a time that depends on their lengths alone.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace auralis
