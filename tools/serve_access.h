// SPDX-License-Identifier: MIT
// Origins, addresses and proxies as auralis-serve must be told of them to mean something.
//   errors   Error{usage} saying what was expected, and what to write where that can be told
#pragma once

#include <string>

#include "net/address.h"
#include "net/web_address.h"

namespace auralis {

// "https://example.org": as a browser writes it, or it would match nothing.
void check_origin(const std::string& text);
WebAddress read_public_url(const std::string& text);
AddressRange read_trusted_proxy(const std::string& text);

}  // namespace auralis
