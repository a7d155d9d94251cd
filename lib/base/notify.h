// SPDX-License-Identifier: MIT
// Tells whoever supervises this process how it is; does nothing where nobody asked by NOTIFY_SOCKET.
//   text     lines of NAME=value, such as "READY=1\nSTATUS=listening"; names that begin with X_ are ours
//   source   sd_notify(3): one datagram to a Unix socket, a path or, behind @, an abstract name
#pragma once

#include <string>

namespace auralis {

bool has_supervisor();
void notify_supervisor(const std::string& text);

}  // namespace auralis
