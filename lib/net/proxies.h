// SPDX-License-Identifier: MIT
// Who sent a request, where proxies stand between: X-Forwarded-For, -Proto and -Host, and Forwarded (RFC 7239), believed
// where a proxy that is trusted says so. Anybody may write these headers, and a proxy adds to the end of what came to it: so
// the lists are read from their end, up to the first address that is no trusted proxy's.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/http.h"

namespace auralis {

class Proxies {
 public:
  explicit Proxies(std::vector<AddressRange> trusted) : trusted_(std::move(trusted)) {}

  bool trusts(std::string_view address) const;
  // `peer`: the address at the other end of the connection. Where the two kinds of header name different clients, one of
  // them was passed on unread: then neither is believed.
  Sender sender_of(const HttpRequest& request, const std::string& peer, bool encrypted) const;

 private:
  size_t client_at(const std::vector<std::string>& hops) const;

  std::vector<AddressRange> trusted_;
};

}  // namespace auralis
