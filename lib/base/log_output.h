// SPDX-License-Identifier: MIT
// Where messages (log.h) go.
//   terminal    they clear the line before them, in which any process of the terminal may show its progress, which is cut to
//               the terminal's width
//   journald    where stderr leads to it, each line begins with its priority: <3> error, <4> warning, <6> info, <7> detail
//               (source: sd-daemon(3), and JOURNAL_STREAM in systemd.exec(5))
#pragma once

#include "base/log.h"

namespace auralis {

// Whether somebody watches: lines that come again and again are for logs.
bool log_is_on_terminal();
bool log_shows(LogLevel level);

}  // namespace auralis
