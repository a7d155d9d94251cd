// SPDX-License-Identifier: MIT
// The folder through which the three commands find each other:
// ${XDG_RUNTIME_DIR:-/tmp/auralis-$UID}/auralis/NAME/. It is used only where it, and what it lies in, belongs to this
// user and nobody else can write there: whoever can put files or sockets into it could steer a station and read its controls.
//   errors   Error{usage} for a name with anything but letters, digits, . _ and -; Error{environment} where the folder
//            cannot be made, or is somebody else's
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace auralis {

// Made with mode 0700 where it is missing.
std::filesystem::path open_session(const std::string& name);

// For those who only read: nothing is made; nullopt where there is no such session.
std::optional<std::filesystem::path> find_session(const std::string& name);

// The same path without looking at it.
std::filesystem::path session_path(const std::string& name);

inline constexpr const char* control_socket_name = "control.sock";

}  // namespace auralis
