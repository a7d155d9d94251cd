// SPDX-License-Identifier: MIT
// By what address other devices of the house find this machine.
#pragma once

#include <string>
#include <string_view>

namespace auralis {

// Whether a server that listens on this host listens on every address: 0.0.0.0, ::, or an empty name.
bool is_any_address(std::string_view host);

// The first IPv4 address of an interface that is up and no loopback; empty where there is none.
std::string house_address();

}  // namespace auralis
