// SPDX-License-Identifier: MIT
// Messages to people, on stderr. quiet shows errors only, verbose adds detail.
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
