// SPDX-License-Identifier: MIT
// How many pieces are whole, what went wrong with the others, and what is to be done about it: shared by the threads
// that render them.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"

namespace auralis {

class Tally {
 public:
  // report: a file for a line a piece, "-" for standard output, empty for none.
  Tally(size_t pieces, const std::string& report);

  bool wants_reports() const { return to_stdout_ || file_; }
  // Whether another piece is to be begun: no stop was requested, and the environment works.
  bool goes_on() const;

  void add_sound(double seconds);
  void add_report(const std::string& json_line);
  void add_whole_piece();
  // Logs it. Bad input keeps no other piece from being made, anything else ends the whole.
  void add_failure(const std::string& input, const Error& error);
  void reader_has_gone() { reader_gone_ = broken_ = true; }

  // Once no thread renders any more: throws what the whole ends with, or logs what was made.
  void finish();

 private:
  void show_how_far() const;

  const size_t pieces_;
  const double began_s_ = monotonic_s();
  std::optional<AtomicFile> file_;
  bool to_stdout_ = false;
  std::atomic<bool> broken_{false};
  std::atomic<bool> reader_gone_{false};
  std::mutex mutex_;  // for what follows
  Exit broken_with_ = Exit::environment;
  bool bad_input_ = false;
  size_t whole_ = 0;
  double made_s_ = 0.0;
  double next_shown_s_ = 0.0;
};

}  // namespace auralis
