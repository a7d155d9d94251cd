// SPDX-License-Identifier: MIT
#include "render/tally.h"

#include <unistd.h>

#include <cmath>

#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"

namespace auralis {
namespace {

constexpr double shown_every_s = 0.1;

std::string speed_text(double made_s, double spent_s) {
  return std::to_string(std::lround(made_s / spent_s)) + " times real time";
}

}  // namespace

Tally::Tally(size_t pieces, const std::string& report) : pieces_(pieces), to_stdout_(report == "-") {
  if (!report.empty() && !to_stdout_) file_.emplace(report);
}

bool Tally::goes_on() const { return !broken_ && !stop_requested(); }

void Tally::add_sound(double seconds) {
  const std::lock_guard lock(mutex_);
  made_s_ += seconds;
  const double now_s = monotonic_s();
  if (now_s < next_shown_s_) return;
  next_shown_s_ = now_s + shown_every_s;
  show_how_far();
}

void Tally::show_how_far() const {
  const double spent_s = monotonic_s() - began_s_;
  std::string text = std::to_string(whole_) + " of " + std::to_string(pieces_) + " pieces, " +
                     minutes_and_seconds(made_s_) + " of sound, " + speed_text(made_s_, spent_s);
  if (whole_ > 0) {
    const double left_s = spent_s * static_cast<double>(pieces_ - whole_) / static_cast<double>(whole_);
    text += ", " + minutes_and_seconds(left_s + 0.5) + " left";
  }
  show_progress(text);
}

void Tally::add_report(const std::string& json_line) {
  const std::lock_guard lock(mutex_);
  if (to_stdout_) {
    write_all(STDOUT_FILENO, json_line + "\n", "<stdout>");
  } else {
    file_->write(json_line + "\n");
  }
}

void Tally::add_whole_piece() {
  const std::lock_guard lock(mutex_);
  ++whole_;
}

void Tally::add_failure(const std::string& input, const Error& error) {
  if (error.exit == Exit::interrupted) return;  // finish() says so, once
  const bool bad_input = error.exit == Exit::bad_input;
  log(LogLevel::error, bad_input ? error.what() : input + ": " + error.what());
  const std::lock_guard lock(mutex_);
  if (bad_input) {
    bad_input_ = true;
  } else if (!broken_) {
    broken_with_ = error.exit;
    broken_ = true;
  }
}

void Tally::finish() {
  if (file_) file_->commit();
  if (reader_gone_) throw ClosedPipe();
  const std::string count = std::to_string(whole_) + " of " + std::to_string(pieces_) + " pieces were made";
  if (broken_) throw Error(broken_with_, count);
  if (whole_ < pieces_ && stop_requested()) throw Error(Exit::interrupted, "interrupted: " + count);
  if (bad_input_) throw Error(Exit::bad_input, count);
  const double spent_s = monotonic_s() - began_s_;
  log_info(count + ": " + minutes_and_seconds(made_s_) + " of sound in " +
           minutes_and_seconds(spent_s + 0.5) + ", " + speed_text(made_s_, spent_s));
}

}  // namespace auralis
