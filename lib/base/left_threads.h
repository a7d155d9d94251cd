// SPDX-License-Identifier: MIT
// The end of a process whose threads are not all waited for: those of a library that takes its time, or hangs.
#pragma once

namespace auralis {

// From now on exit() runs no cleanup that was registered before, such as OpenSSL's, which threads that still run may need; it
// writes what is buffered, and the status stays.
void leave_threads_behind();

}  // namespace auralis
