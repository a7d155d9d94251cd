// SPDX-License-Identifier: MIT
// A listening socket that whoever started this process holds for it, so that a restart refuses nobody.
//   source   sd_listen_fds(3): LISTEN_PID is our number, LISTEN_FDS how many there are, from descriptor 3 on
//   errors   Error{environment} for what is no listening stream socket
#pragma once

#include <optional>

namespace auralis {

inline constexpr int first_listen_fd = 3;

// The first of them, not to be inherited further, and not blocking; nullopt where there is none, and after the first call.
// Others are closed with a warning: there is one port.
std::optional<int> take_listen_fd();

}  // namespace auralis
