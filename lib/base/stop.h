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

// A stop ends what waits for input, too (read_some() in base/io.h); after read_on_after_stop() only stop_reading() does.
void read_on_after_stop();
void stop_reading();
bool reading_stopped();
int reading_stop_fd();

}  // namespace auralis
