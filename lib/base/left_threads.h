// SPDX-License-Identifier: MIT
// The end of a process whose threads are not all waited for: those of a library that takes its time, or hangs.
#pragma once

namespace auralis {

// From now on exit() takes nothing away under them: what was to be done at the end, such as OpenSSL's cleanup, is left out,
// but for what is buffered, which is written. The status is the same.
void leave_threads_behind();

}  // namespace auralis
