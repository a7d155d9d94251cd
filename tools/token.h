// SPDX-License-Identifier: MIT
// The token that controls need, and other secrets, from where no list of processes shows them.
//   errors   Error{usage} for one that is empty or has more than a line, Error{environment} for a file that cannot be read
#pragma once

#include <optional>
#include <string>

namespace auralis {

// Of the environment, out of which it is taken; nullopt where it is not set.
std::optional<std::string> take_variable(const char* name);

// The one line of a file, which is `what` ("the token"). A file that others may read is warned of.
std::string read_secret(const std::string& file, const std::string& what);

// That of --token, or of --token-file, of AURALIS_TOKEN (which is taken out of the environment), or of the systemd
// credential "token", in this order; "" where there is none.
std::string find_token(const std::optional<std::string>& option, const std::optional<std::string>& file);

// Overwrites what follows --token in the command line, which every process may read.
void hide_token(int argc, char** argv);

}  // namespace auralis
