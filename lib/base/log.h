// SPDX-License-Identifier: MIT
// Messages to people, on stderr. quiet shows errors only, verbose adds detail.
//   terminals   whatever a file, a stream or a client brought into a message, none of it reaches a terminal as a command:
//               this is the one place where messages are written, and it writes them printable (see text.h)
#pragma once

#include <string>

namespace auralis {

enum class LogLevel { error, warning, info, detail };

void set_log(std::string program, LogLevel shown_up_to);
void log(LogLevel level, const std::string& message);
inline void log_warning(const std::string& message) { log(LogLevel::warning, message); }
inline void log_info(const std::string& message) { log(LogLevel::info, message); }
inline void log_detail(const std::string& message) { log(LogLevel::detail, message); }

// A line that is overwritten by the next, on a terminal's stderr only; an empty text clears it.
void show_progress(const std::string& text);

}  // namespace auralis
