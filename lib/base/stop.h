// SPDX-License-Identifier: MIT
// What ends a command from outside.
//   SIGINT              asks for a musical end
//   SIGTERM, SIGHUP     ask for a quick one. A hang-up does not where it was ignored from birth (nohup), nor in a command
//                       that takes it for itself
//   a second SIGINT or SIGTERM ends at once with 130. A second hang-up does not: a terminal that closes sends several
//   A closed pipe and a file at its size limit are error codes, not deaths.
#pragma once

namespace auralis {

enum class StopKind { none, musical, quick };

void install_stop_signals();
StopKind stop_kind();
inline bool stop_requested() { return stop_kind() != StopKind::none; }
void request_stop(StopKind kind = StopKind::quick);
// Readable once a stop was requested: for poll() beside other descriptors.
int stop_fd();

// From here on the first signal is as the second: for what has nothing to bring to an end.
void end_at_once_on_stop();

// What is said once a musical end has begun, so that whoever waits knows how not to.
inline constexpr const char* once_more_ends_at_once = "once more ends at once";

// Whether SIGHUP is ignored now, as from birth under nohup. Async-signal-safe.
bool hangup_is_ignored();

// From here on SIGHUP asks for no end: the descriptor, an eventfd to be read, becomes readable with each.
int take_hangups();

// A stop ends what waits for input, too (read_some() in base/io.h); after read_on_after_stop() only stop_reading() does.
void read_on_after_stop();
void stop_reading();
bool reading_stopped();
int reading_stop_fd();

}  // namespace auralis
