// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM ask for a clean end; a second one ends at once with 130. A closed pipe and a file at its
// size limit are error codes, not deaths.
#pragma once

namespace auralis {

void install_stop_signals();
bool stop_requested();
void request_stop();
// Readable once a stop was requested: for poll() beside other descriptors.
int stop_fd();

}  // namespace auralis
