// SPDX-License-Identifier: MIT
// Who may listen and control: by origin, by token, and how often.
//   origin   a page's own is the server's; on loopback its host must be a loopback name, too: a name that a stranger's
//            DNS turned to 127.0.0.1 is not. Programs that are no pages send none
//   token    controls need it where there is one. Without one they are off where others can reach the server
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/rate_limit.h"
#include "net/refusal.h"

namespace auralis {

struct AccessSettings {
  std::string host = "127.0.0.1";
  std::string token;  // empty: none
  std::vector<std::string> origins;
  bool tls = false;
};

class Access {
 public:
  explicit Access(const AccessSettings& settings);

  bool controls_are_off() const;
  // "open", "token" or "off".
  std::string_view control_access() const;

  std::optional<Refusal> refuse_listener(const HttpRequest& request) const;
  std::optional<Refusal> refuse_control(const HttpRequest& request) const;
  // The same for a control that is there, which counts: wrong tokens do, too, or they could be tried at any speed.
  std::optional<Refusal> refuse_counted_control(const HttpRequest& request, const std::string& address,
                                                int64_t now_us);

  bool is_listed_origin(const HttpRequest& request) const;
  // Without listed origins no page from elsewhere may embed the answer, not even as sound; listed ones may read it,
  // too.
  void add_cross_origin_headers(const HttpRequest& request, HttpResponse& response) const;

  bool tls() const { return settings_.tls; }

 private:
  bool is_own_origin(const HttpRequest& request) const;

  AccessSettings settings_;
  RateLimiter control_rate_;
};

inline constexpr std::string_view bearer = "Bearer ";  // before the token in an Authorization header

// Equal, in a time that does not tell how much of it is.
bool same_secret(std::string_view a, std::string_view b);
// The address is 127.0.0.0/8, ::1 or the name localhost; with or without a port.
bool is_loopback(std::string_view host);

}  // namespace auralis
