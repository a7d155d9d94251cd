// SPDX-License-Identifier: MIT
// The folder through which the three commands find each other:
// ${XDG_RUNTIME_DIR:-/tmp/auralis-$UID}/auralis/NAME/.
#pragma once

#include <filesystem>
#include <string>

namespace auralis {

// Made with mode 0700 where it is missing. Error{usage} for a name with anything but letters, digits, . _ and
// -, Error{environment} where the folder cannot be made or belongs to another user.
std::filesystem::path open_session(const std::string& name);

// The same path without making anything.
std::filesystem::path session_path(const std::string& name);

inline constexpr const char* control_socket_name = "control.sock";

}  // namespace auralis
