// SPDX-License-Identifier: MIT
#include "play/play.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/listen_fds.h"
#include "base/log_output.h"
#include "base/notify.h"
#include "play/notices.h"
#include "play/sound_pipe.h"
#include "play/stop_signals.h"

namespace auralis {
namespace {

// What is left of ending_s for the kernel to end what did not end.
constexpr double kill_after_s = ending_s - 0.2;
constexpr double at_once_s = 1.0;     // for the server to send what it has, and to finish its recording
constexpr double last_chunks_s = 30;  // of a piece that is over
constexpr double goodbye_s = 0.3;     // for the others, once the server has gone
constexpr const char* any_port = "--port=0";

class Station {
 public:
  explicit Station(const PlaySettings& settings)
      : serve_launch_(settings.serve),
        music_({settings.compose, settings.render, {}}, sound_.write_end(), monotonic_s()) {
    serve_launch_.notify_socket = notices_.name();
    // Kept here, so that those who come while there is no server wait for the next.
    serve_launch_.listen_fd = take_listen_fd().value_or(-1);
    start_serve();
  }

  int run() {
    while (!result_) {
      wait();
      const double now_s = monotonic_s();
      if (const std::optional<int> signal = signals_.take()) on_signal(*signal, now_s);
      read_notices();
      music_.step(now_s);
      if (music_.over() && phase_ != Phase::leaving) on_music_over(now_s);
      if (!result_) step_serve(now_s);
      if (!result_ && deadline_s_ && now_s >= *deadline_s_) result_ = status_;
    }
    part();
    return *result_;
  }

 private:
  // finishing: the piece comes to its end. leaving: the server does, with what it has or by a fade.
  enum class Phase { playing, finishing, leaving };

  void wait() {
    waiting_.clear();
    waiting_.push_back({signals_.fd(), POLLIN, 0});
    waiting_.push_back({notices_.fd(), POLLIN, 0});
    if (serve_) waiting_.push_back({serve_->fd(), POLLIN, 0});
    music_.add_to(waiting_);
    int patience_ms = -1;
    for (const std::optional<double>& at_s : {deadline_s_, serve_at_s_, music_.wake_s()}) {
      if (!at_s) continue;
      const int ms = static_cast<int>(std::ceil(std::max(0.0, *at_s - monotonic_s()) * 1e3));
      patience_ms = patience_ms < 0 ? ms : std::min(patience_ms, ms);
    }
    ::poll(waiting_.data(), waiting_.size(), patience_ms);
  }

  void on_signal(int signal, double now_s) {
    if (signal != SIGINT) return fade(now_s);
    if (phase_ != Phase::playing) return end_at_once(now_s);
    phase_ = Phase::finishing;
    notify_supervisor("STOPPING=1");
    log_info("the piece is ending, in at most 10 s; Ctrl-C again ends at once");
    music_.finish();
  }

  void fade(double now_s) {
    if (ends_at_once_ || std::exchange(fades_, true)) return;
    leave(status_, now_s + kill_after_s);
    if (serve_) {
      serve_->send(SIGTERM);
    } else {
      result_ = status_;
    }
  }

  void end_at_once(double now_s) {
    if (ends_at_once_) {
      result_ = static_cast<int>(Exit::interrupted);
      return;
    }
    ends_at_once_ = true;
    leave(static_cast<int>(Exit::interrupted), now_s + at_once_s);
    music_.kill();
    sound_.close_write_end();  // the server has what is in the pipe, and ends after it
    if (!serve_) result_ = status_;
  }

  void on_music_over(double now_s) {
    if (music_.status() != 0) {
      status_ = music_.status();
      return fade(now_s);
    }
    leave(0, now_s + last_chunks_s);
    sound_.close_write_end();
    if (!serve_) result_ = status_;
  }

  void leave(int status, double deadline_s) {
    notify_supervisor("STOPPING=1");
    phase_ = Phase::leaving;
    status_ = status;
    deadline_s_ = deadline_s;
    serve_at_s_.reset();
  }

  void start_serve() {
    serve_at_s_.reset();
    serve_started_s_ = monotonic_s();
    serve_ = std::make_unique<Child>(serve_launch_, sound_.read_end(), STDERR_FILENO);
  }

  void step_serve(double now_s) {
    if (serve_at_s_ && now_s >= *serve_at_s_) return start_serve_again(now_s);
    const std::optional<ProcessEnd> outcome = serve_ ? serve_->outcome() : std::nullopt;
    if (!outcome) return;
    serve_.reset();
    if (phase_ == Phase::leaving) {
      result_ = status_;
      return;
    }
    if (!was_ready_ || outcome->refused() || outcome->is(0) || phase_ == Phase::finishing) {
      result_ = outcome->exit_status();
      return;
    }
    log_warning("the server " + outcome->text());
    retry_serve(now_s);
  }

  void start_serve_again(double now_s) {
    try {
      // It begins to read in the middle of a stream, and needs a header.
      if (!sound_.begin_anew(music_.renderer()))
        log_detail("the renderer has gone, too: its successor begins the stream");
      start_serve();
    } catch (const Error& error) {
      log(LogLevel::error, error.what());
      retry_serve(now_s);
    }
  }

  void retry_serve(double now_s) {
    const std::optional<double> delay_s = backoff_.failed(now_s - serve_started_s_);
    if (delay_s) {
      serve_at_s_ = now_s + *delay_s;
      log_info("starting the server again");
    } else {
      log(LogLevel::error, "the server does not last, again and again; giving up");
      result_ = static_cast<int>(Exit::environment);
    }
  }

  void read_notices() {
    if (!serve_) return;
    while (const std::optional<std::string> message = notices_.take(serve_->pid())) {
      if (notice_value(*message, "READY") == "1") {
        if (!std::exchange(was_ready_, true)) take_ready(*message);
      } else if (was_ready_) {
        // Of sound that leaves all options are known to be good.
        const bool plays = notice_value(*message, "WATCHDOG") == "1";
        if (plays && !std::exchange(is_announced_, true)) announce(ready_message_);
        if (is_announced_) pass_on(*message);
      }
    }
  }

  // A server that comes back is where its listeners look for it.
  void take_ready(const std::string& message) {
    ready_message_ = message;
    const std::string url = notice_value(message, "X_AURALIS_URL");
    const size_t port = url.rfind(':') + 1;
    std::replace(serve_launch_.arguments.begin(), serve_launch_.arguments.end(), std::string(any_port),
                 "--port=" + url.substr(port, url.find('/', port) - port));
  }

  void announce(const std::string& message) {
    std::string url = notice_value(message, "X_AURALIS_URL");
    const std::string house_url = notice_value(message, "X_AURALIS_HOUSE_URL");
    constexpr std::string_view loopback = "//127.0.0.1:";
    if (const size_t at = url.find(loopback); at != std::string::npos)
      url.replace(at, loopback.size(), "//localhost:");
    log_info("listen at " + url + (house_url.empty() ? "" : ", in the house at " + house_url) +
             " (Ctrl-C ends)");
    notify_supervisor("READY=1\nSTATUS=listening on " + url);
  }

  // Once a second: on a terminal what is on, in a line that stays; to our own supervisor, too.
  void pass_on(const std::string& message) {
    const std::string status = notice_value(message, "STATUS");
    const std::string listeners = notice_value(message, "X_AURALIS_LISTENERS");
    if (log_is_on_terminal() && !listeners.empty()) show_listeners(std::stol(listeners));
    if (phase_ == Phase::playing) show_progress(status);
    const bool is_well = notice_value(message, "WATCHDOG") == "1";
    notify_supervisor("STATUS=" + status + (is_well ? "\nWATCHDOG=1" : ""));
  }

  void show_listeners(long now) {
    const long more = now - std::exchange(listeners_, now);
    if (more == 0) return;
    const std::string count =
        std::abs(more) == 1 ? "a listener" : std::to_string(std::abs(more)) + " listeners";
    log_info(count + (more > 0 ? " came, " : " left, ") + std::to_string(now) + " now");
  }

  // The server has gone, or is not waited for any more. The others notice by themselves that nobody hears them; whoever
  // does not is killed with its owner.
  void part() {
    serve_.reset();
    sound_.close();
    music_.abandon();
    const double now_s = monotonic_s();
    const double until_s =
        std::min(now_s + goodbye_s, std::max(now_s, deadline_s_.value_or(now_s + goodbye_s)));
    while (!music_.over() && monotonic_s() < until_s) {
      waiting_.clear();
      music_.add_to(waiting_);
      ::poll(waiting_.data(), waiting_.size(), static_cast<int>(std::ceil((until_s - monotonic_s()) * 1e3)));
      music_.step(monotonic_s());
    }
  }

  StopSignals signals_;  // first: blocked before there is a child to leave behind
  Notices notices_;
  SoundPipe sound_;
  Launch serve_launch_;
  Music music_;
  std::unique_ptr<Child> serve_;
  Backoff backoff_;
  double serve_started_s_ = 0.0;
  std::optional<double> serve_at_s_;  // when it is started again
  std::vector<pollfd> waiting_;

  Phase phase_ = Phase::playing;
  bool was_ready_ = false;
  std::string ready_message_;
  bool is_announced_ = false;
  long listeners_ = 0;
  bool fades_ = false;
  bool ends_at_once_ = false;
  std::optional<double> deadline_s_;
  int status_ = 0;             // to end with, once the server has left
  std::optional<int> result_;  // it is over
};

}  // namespace

int play(const PlaySettings& settings) { return Station(settings).run(); }

}  // namespace auralis
