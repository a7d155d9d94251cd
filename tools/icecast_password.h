// SPDX-License-Identifier: MIT
// The passwords of --icecast, kept out of lists of processes: in the environment they go to the server alone.
//   AURALIS_ICECAST_PASSWORD   that of every mount whose address has none; of several lines, each is one mount's
#pragma once

#include <string>
#include <vector>

namespace auralis {

// Overwrites those in the addresses of the command line, which every process may read.
void hide_icecast_passwords(int argc, char** argv);

// Of so many mounts, from the environment, out of which it is taken; "" where there is none.
std::vector<std::string> take_icecast_passwords(size_t mounts);

// Moves those in the addresses to the environment, for a child.
void hand_on_icecast_passwords(std::vector<std::string>& addresses);

}  // namespace auralis
