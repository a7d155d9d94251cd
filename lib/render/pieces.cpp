// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "render/job.h"

namespace auralis {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Checked before anything is made: a night's work does not end at the last name.
std::vector<RenderJob> jobs_of(const PiecesJob& pieces) {
  std::vector<RenderJob> jobs;
  std::map<std::string, std::string> made_of;
  for (const std::string& input : pieces.inputs) {
    if (input == "-") {
      throw Error(Exit::usage, "standard input is one piece, expected files where the output is a folder");
    }
    if (::access(input.c_str(), R_OK) != 0) {
      throw Error(Exit::environment, "cannot open " + input + ": " + std::strerror(errno));
    }
    if (fs::is_directory(input)) {
      throw Error(Exit::usage, input + " is a folder, expected files such as " + input + "/*");
    }
    RenderJob job = pieces.common;
    const fs::path name = fs::path(input).stem();
    job.input = input;
    job.output = (fs::path(pieces.folder) / (name.string() + "." + pieces.extension)).string();
    if (!job.stems.empty()) job.stems = (fs::path(job.stems) / name).string();
    const auto [same, is_new] = made_of.emplace(job.output, input);
    if (!is_new) {
      throw Error(Exit::usage, same->second + " and " + input + " would both be " + job.output +
                                   ", expected names that differ");
    }
    jobs.push_back(std::move(job));
  }
  check_sound_file(jobs.front().output, pieces.common.format);
  return jobs;
}

// What is known of all pieces together, told by the threads that make them.
class Tally {
 public:
  Tally(size_t pieces, const std::string& report) : pieces_(pieces) {
    if (!report.empty() && report != "-") file_.emplace(report);
    to_stdout_ = report == "-";
  }

  bool wants_reports() const { return to_stdout_ || file_; }
  bool goes_on() const { return !broken_ && !stop_requested(); }

  void add_sound(double seconds) {
    const std::lock_guard lock(mutex_);
    made_s_ += seconds;
    const auto now = Clock::now();
    if (now < next_shown_) return;
    next_shown_ = now + std::chrono::milliseconds(100);
    const double spent_s = std::chrono::duration<double>(now - began_).count();
    std::string text = std::to_string(made_) + " of " + std::to_string(pieces_) + " pieces, " +
                       minutes_and_seconds(made_s_) + " of sound, " +
                       std::to_string(std::lround(made_s_ / spent_s)) + " times real time";
    if (made_ > 0) {
      const auto left = static_cast<double>(pieces_ - made_);
      text += ", " + minutes_and_seconds(spent_s * left / static_cast<double>(made_) + 0.5) + " left";
    }
    show_progress(text);
  }

  void add_report(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (to_stdout_) {
      write_all(STDOUT_FILENO, line, "<stdout>");
    } else {
      file_->write(line);
    }
  }

  void add_piece() {
    const std::lock_guard lock(mutex_);
    ++made_;
  }

  void add_failure(const RenderJob& job, const Error& error) {
    if (error.exit == Exit::interrupted) return;  // told at the end
    log(LogLevel::error, error.exit == Exit::bad_input ? error.what() : job.input + ": " + error.what());
    const std::lock_guard lock(mutex_);
    if (error.exit == Exit::bad_input) {
      bad_input_ = true;
    } else if (!broken_) {
      broken_with_ = error.exit;
      broken_ = true;
    }
  }

  void lose_reader() { reader_gone_ = broken_ = true; }

  void finish() {
    if (file_) file_->commit();
    if (reader_gone_) throw ClosedPipe();
    const std::string count = std::to_string(made_) + " of " + std::to_string(pieces_) + " pieces were made";
    const double spent_s = std::chrono::duration<double>(Clock::now() - began_).count();
    if (broken_) throw Error(broken_with_, count);
    if (made_ < pieces_ && stop_requested()) throw Error(Exit::interrupted, "interrupted: " + count);
    if (bad_input_) throw Error(Exit::bad_input, count);
    log_info(count + ": " + minutes_and_seconds(made_s_) + " of sound in " +
             minutes_and_seconds(spent_s + 0.5) + ", " + std::to_string(std::lround(made_s_ / spent_s)) +
             " times real time");
  }

 private:
  const size_t pieces_;
  const Clock::time_point began_ = Clock::now();
  std::optional<AtomicFile> file_;
  bool to_stdout_ = false;
  std::mutex mutex_;
  std::atomic<bool> broken_{false};
  Exit broken_with_ = Exit::environment;
  std::atomic<bool> reader_gone_{false};
  bool bad_input_ = false;
  size_t made_ = 0;
  double made_s_ = 0.0;
  Clock::time_point next_shown_ = began_;
};

}  // namespace

void render_pieces(const PiecesJob& pieces) {
  std::vector<RenderJob> jobs = jobs_of(pieces);
  make_folder(pieces.folder);
  Tally tally(jobs.size(), pieces.common.report);
  for (RenderJob& job : jobs) {
    job.report.clear();
    job.tell_made = [&tally](double seconds) { tally.add_sound(seconds); };
    if (tally.wants_reports())
      job.tell_report = [&tally](const std::string& line) { tally.add_report(line); };
  }
  const size_t wanted = pieces.side_by_side > 0 ? static_cast<size_t>(pieces.side_by_side)
                                                : std::max(1U, std::thread::hardware_concurrency());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size() && tally.goes_on(); i = next++) {
      try {
        if (jobs[i].device) jobs[i].device->own_stream();
        if (render(jobs[i])) tally.add_piece();
      } catch (const ClosedPipe&) {
        tally.lose_reader();
      } catch (const Error& error) {
        tally.add_failure(jobs[i], error);
      } catch (const std::exception& error) {
        tally.add_failure(jobs[i], Error(Exit::environment, first_line(error.what())));
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < std::min(wanted, jobs.size()); ++i) threads.emplace_back(work);
  }
  tally.finish();
}

}  // namespace auralis
