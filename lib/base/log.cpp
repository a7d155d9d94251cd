// SPDX-License-Identifier: MIT
#include "base/log_output.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace auralis {
namespace {

std::mutex mutex;
std::string program_name = "auralis";
LogLevel shown = LogLevel::info;
bool progress_on_screen = false;

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool find_journal() {
  const char* given = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (given == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return given == std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
}

// "<6>", empty where nobody reads it.
std::string priority(LogLevel level) {
  static const bool is_journal = find_journal();
  constexpr std::array priorities{"<3>", "<4>", "<6>", "<7>"};
  return is_journal ? priorities[static_cast<size_t>(level)] : "";
}

// What another process of the same terminal may show in the line that is written now.
const char* cleared_line() { return log_is_on_terminal() ? "\r\x1b[K" : ""; }

size_t columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

// Its first characters: UTF-8 continues with 10xxxxxx.
std::string first_characters(std::string text, size_t most) {
  size_t seen = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && seen++ == most) return text.substr(0, i);
  }
  return text;
}

}  // namespace

bool log_is_on_terminal() {
  static const bool is_terminal = [] {
    const char* kind = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) == 1 && (kind == nullptr || std::string_view(kind) != "dumb");
  }();
  return is_terminal;
}

void set_log(std::string program, LogLevel shown_up_to) {
  const std::lock_guard lock(mutex);
  program_name = std::move(program);
  shown = shown_up_to;
}

bool log_shows(LogLevel level) {
  const std::lock_guard lock(mutex);
  return level <= shown;
}

void log(LogLevel level, const std::string& message) {
  const std::lock_guard lock(mutex);
  if (level > shown) return;
  const char* prefix = level == LogLevel::error ? "error: " : level == LogLevel::warning ? "warning: " : "";
  put(cleared_line() + priority(level) + program_name + ": " + prefix + printable(message) + "\n");
  progress_on_screen = false;
}

void show_progress(const std::string& text) {
  const std::lock_guard lock(mutex);
  if (!log_is_on_terminal() || shown < LogLevel::info) return;
  if (text.empty() && !progress_on_screen) return;
  put(cleared_line() + first_characters(printable(text), columns() - 1));
  progress_on_screen = !text.empty();
}

}  // namespace auralis
