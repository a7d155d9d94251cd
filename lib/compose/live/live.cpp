// SPDX-License-Identifier: MIT
#include "compose/live/live.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/session.h"
#include "base/stop.h"
#include "base/text.h"
#include "compose/live/control_socket.h"
#include "compose/live/offline.h"
#include "compose/live/pacer.h"
#include "compose/preset/preset_files.h"
#include "compose/state_json.h"
#include "figures/latency.h"
#include "figures/process.h"
#include "figures/reporter.h"
#include "model/event_history.h"
#include "model/event_stream.h"
#include "model/json_text.h"
#include "model/layer.h"

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// A pipe that is ready takes this much without blocking (PIPE_BUF).
constexpr size_t write_piece = 4096;
constexpr double state_every_s = 1.0;
constexpr double figures_every_s = 0.1;    // they are collected so often, and reported once a second
constexpr double socket_every_s = 1.0;     // it is looked after so often
constexpr double reader_patience_s = 1.0;  // with a reader who takes nothing, once a stop was requested

class Live {
 public:
  Live(Composer& composer, const LiveSettings& settings)
      : composer_(composer),
        settings_(settings),
        presets_(preset_list_json()),
        pacer_(monotonic_s(), settings.lookahead_s) {
    open_socket();
    if (settings.log) log_.emplace(*settings.log, settings.options);
    collect();
    reporter_.emplace(settings.session, "compose", [this] {
      json figures = figures_json();
      figures.update(process_.figures());
      lateness_.add_to(figures, "step_lateness_ms");
      return figures;
    });
  }

  void play() {
    while (true) {
      if (pending_.empty()) compose();
      flush();
      if (pending_.empty() && composer_.ended()) return;
      give_up_on_reader();
      wait();
      if (socket_ready_) {
        socket_->serve([this] { return state_line(); },
                       [this](const std::string& line) { return on_line(line); });
      }
      broadcast_state();
    }
  }

 private:
  std::filesystem::path socket_path() const {
    return settings_.socket ? *settings_.socket : open_session(settings_.session) / control_socket_name;
  }

  void open_socket() {
    next_socket_s_ = monotonic_s() + socket_every_s;
    try {
      socket_.emplace(socket_path());
    } catch (const AlreadyRunning&) {
      throw;
    } catch (const Error& error) {
      if (settings_.socket) throw;
      log_warning(std::string("no controls are taken: ") + error.what());
    }
  }

  // A folder for what lasts no longer than a login may be cleared under a station that plays on.
  void renew_socket() {
    const double now = monotonic_s();
    if (now < next_socket_s_) return;
    next_socket_s_ = now + socket_every_s;
    if (!socket_ || socket_->is_there()) return;
    try {
      socket_path();
      socket_->listen();
    } catch (const Error& error) {
      log_detail(error.what());
    }
  }

  // Who is asked to stop does not wait for a reader that stands still.
  void give_up_on_reader() {
    if (!stop_requested() || pending_.empty()) return;
    const double now = monotonic_s();
    if (stalled_from_s_ == 0.0) stalled_from_s_ = now;
    if (now - stalled_from_s_ < reader_patience_s) return;
    if (log_ && !finishing_) log_->stop(composed_s_, Ending::quick);
    throw_write_error(ECANCELED, settings_.output_name);
  }

  // Up to the pacer's horizon, when it has moved on by a step.
  void compose() {
    const double now = monotonic_s();
    if (now < next_step_s_) return;
    if (!reader_came_ && events_total_ > 0) {
      if (lines_unread() && !stop_requested()) {
        next_step_s_ = now + pacer_.step_s();
        return;
      }
      reader_came_ = true;
      pacer_ = Pacer(now + settings_.lookahead_s - composed_s_, settings_.lookahead_s);
    }
    const double horizon = pacer_.horizon_s(now);
    if (next_step_s_ > 0.0) lateness_.observe((now - next_step_s_) * 1e3);
    next_step_s_ = pacer_.next_step_s();
    if (stop_requested() && !finishing_) finish();
    follow_day();
    if (horizon > composed_s_) {
      composer_.compose_until(horizon, events_);
      composed_s_ = horizon;
      composed_at_s_ = monotonic_s();
    }
    write_events();
    if (!composer_.ended()) pending_ += to_line(AdvanceEvent{composed_s_});
    publish(now);
    if (now >= next_figures_s_ || composer_.ended()) collect();
    renew_socket();
  }

  void follow_day() {
    if (settings_.day == nullptr || finishing_) return;
    const double now = settings_.day_now(composed_s_);
    if (settings_.day->next() <= now) apply_day(composer_, *settings_.day, now, composed_s_, events_);
  }

  void finish() {
    finishing_ = true;
    const Ending ending = stop_kind() == StopKind::quick ? Ending::quick : Ending::musical;
    if (log_) log_->stop(composed_s_, ending);
    const double over_s = composer_.finish(composed_s_, events_, ending);
    log_info("ending at " + std::to_string(static_cast<long>(std::ceil(over_s))) + " s; " +
             once_more_ends_at_once);
  }

  // The clock starts when whoever is at the other end of the pipe has read the first lines: a synthesizer takes a while
  // to load, and would else get that while in one burst, which whoever plays it in time could only skip, or be late by
  // for ever.
  bool lines_unread() const {
    struct stat output {};
    int bytes = 0;
    return ::fstat(settings_.output_fd, &output) == 0 && S_ISFIFO(output.st_mode) &&
           ::ioctl(settings_.output_fd, FIONREAD, &bytes) == 0 && bytes > 0;
  }

  void write_events() {
    for (const Event& event : events_) {
      if (const auto* start = std::get_if<StartEvent>(&event)) seed_ = start->seed;
      if (const auto* control = std::get_if<ControlEvent>(&event); control != nullptr && log_)
        log_->control(*control);
      history_.push(event);
      const std::string line = to_line(event);
      if (socket_ && socket_->has_subscribers()) unpublished_ += line;
      pending_ += line;
    }
    state_may_differ_ |= !events_.empty();
    events_total_ += events_.size();
    events_.clear();
  }

  // Subscribers are sent the events of a while together, since an AdvanceEvent goes with each sending. They are sent what a
  // control brought, and the end, at once.
  void publish(double now) {
    if (!socket_ || !socket_->has_subscribers()) return;
    const bool waits = !std::exchange(controlled_, false) && !composer_.ended();
    if (waits ? now < next_published_s_ : unpublished_.empty()) return;
    // This beat does not shift with the steps or the controls, since it decides how often every subscriber is told.
    if (now >= next_published_s_)
      next_published_s_ =
          std::max(next_published_s_ + subscribers_told_every_s, now + subscribers_told_every_s / 2.0);
    if (!composer_.ended()) unpublished_ += to_line(AdvanceEvent{composed_s_});
    socket_->publish(unpublished_);
    unpublished_.clear();
  }

  // Until the next step is due, something can be written or read, or a signal came.
  void wait() {
    waiting_.clear();
    if (socket_) socket_->add_to(waiting_);
    const auto sockets = static_cast<std::ptrdiff_t>(waiting_.size());
    if (!stop_requested()) waiting_.push_back({stop_fd(), POLLIN, 0});
    // A full pipe is waited for; an idle one only tells that its reader has gone.
    waiting_.push_back({settings_.output_fd, static_cast<short>(pending_.empty() ? 0 : POLLOUT), 0});
    timespec patience{1, 0};
    if (pending_.empty()) {
      const double wait_s = std::clamp(next_step_s_ - monotonic_s(), 0.0, pacer_.step_s());
      patience = {0, static_cast<long>(wait_s * 1e9)};
    }
    ::ppoll(waiting_.data(), waiting_.size(), &patience, nullptr);
    if (stop_requested() && !finishing_) next_step_s_ = 0.0;
    socket_ready_ = std::any_of(waiting_.begin(), waiting_.begin() + sockets,
                                [](const pollfd& socket) { return socket.revents != 0; });
    if ((waiting_.back().revents & POLLERR) != 0) throw ClosedPipe();
  }

  // As much as the reader has room for.
  void flush() {
    pollfd ready{settings_.output_fd, POLLOUT, 0};
    while (!pending_.empty() && ::poll(&ready, 1, 0) == 1) {
      const ssize_t written =
          ::write(settings_.output_fd, pending_.data(), std::min(pending_.size(), write_piece));
      if (written < 0 && errno == EPIPE) throw ClosedPipe();
      if (written < 0 && errno != EAGAIN && errno != EINTR) {
        throw Error(Exit::environment, "cannot write " + settings_.output_name + ": " + std::strerror(errno));
      }
      if (written > 0) pending_.erase(0, static_cast<size_t>(written));
      if (written > 0) stalled_from_s_ = 0.0;
    }
  }

  ControlSocket::Answer on_line(const std::string& line) {
    const auto refuse = [](const std::string& id, const char* code, const std::string& field,
                           const std::string& what) -> ControlSocket::Answer {
      const ordered_json answer{
          {"type", "error"}, {"id", id}, {"code", code}, {"field", field}, {"message", what}};
      return {answer.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"};
    };
    const json object = parse_json(line);
    if (object.is_discarded())
      return refuse("", "bad_json", "", std::string(why_not_json(line)) + ", expected one control a line");
    if (!object.is_object())
      return refuse("", "bad_json", "", "not a JSON object, expected one control a line");
    std::string id;
    if (const auto given = object.find("id"); given != object.end()) {
      id = first_bytes(given->is_string() ? given->get<std::string>() : given->dump(), longest_control_id);
    }
    try {
      const auto type = object.find("type");
      if (type != object.end() && *type == "subscribe") return subscription();
      if (type != object.end() && *type != "control")
        throw ControlError("type", "type is neither \"control\" nor \"subscribe\"");
      if (finishing_ || composer_.ended()) {
        return refuse(id, "ending", "", "the piece is coming to its end and takes no more controls");
      }
      const Control control = parse_control(object);
      const Control applied = composer_.apply(control, composed_s_, events_);
      if (settings_.day != nullptr) settings_.day->yield_to(applied);
      write_events();
      controlled_ = true;
      next_state_s_ = 0.0;
      const ordered_json answer{{"type", "control_ack"},
                                {"id", control.id},
                                {"applied", control_fields(applied)},
                                {"t", composed_s_}};
      return {answer.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"};
    } catch (const ControlError& error) {
      return refuse(id, "bad_control", error.field, error.what());
    }
  }

  // Whoever asks again is sent the history again.
  ControlSocket::Answer subscription() {
    if (!unpublished_.empty()) socket_->publish(std::exchange(unpublished_, {}));
    history_.push(AdvanceEvent{composed_s_});
    return {history_.lines(), true};
  }

  std::string state_line() {
    ordered_json line{{"type", "state"}, {"t", composed_s_}, {"composed_at", composed_at_s_}};
    line.update(state_json(composer_.state()));
    line["seed"] = seed_;
    if (settings_.day != nullptr) {
      const DayPlayer::Now day = settings_.day->now();
      line["day"] = {{"now", day.entry}, {"next", day.next}, {"next_at", day.next_at}};
    }
    line["presets"] = presets_;
    return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }

  // Every second, and at once where something a listener sees has changed.
  void broadcast_state() {
    if (!socket_ || socket_->clients() == 0) return;
    const double now = monotonic_s();
    if (!state_may_differ_ && now < next_state_s_) return;
    state_may_differ_ = false;
    const Composer::State state = composer_.state();
    const Control& controls = state.controls;
    const std::array<std::string, 4> seen{*controls.text(ControlId::key), *controls.text(ControlId::mode),
                                          *controls.text(ControlId::preset), state.chord};
    if (seen == broadcast_ && now < next_state_s_) return;
    broadcast_ = seen;
    next_state_s_ = now + state_every_s;
    socket_->broadcast(state_line());
  }

  // What the reporter's thread may read: text is made of it there, once a second.
  struct Figures {
    uint64_t events_total = 0;
    uint64_t slips = 0;
    size_t clients = 0;
    double position_s = 0.0;
    std::string seed;
    Composer::State state;
  };

  void collect() {
    next_figures_s_ = monotonic_s() + figures_every_s;
    Figures figures{events_total_, pacer_.slips(), socket_ ? socket_->clients() : 0,
                    composed_s_,   seed_,          composer_.state()};
    const std::lock_guard lock(figures_mutex_);
    figures_ = std::move(figures);
  }

  json figures_json() {
    const std::lock_guard lock(figures_mutex_);
    json state = control_fields(figures_.state.controls);
    state.erase("layers");
    state["chord"] = figures_.state.chord;
    state["seed"] = figures_.seed;
    return {{"events_total", figures_.events_total},
            {"pacer_slips_total", figures_.slips},
            {"control_clients", figures_.clients},
            {"position_s", figures_.position_s},
            {"state", state}};
  }

  Composer& composer_;
  const LiveSettings& settings_;
  std::optional<ControlSocket> socket_;
  json presets_;
  Pacer pacer_;
  std::optional<ControlLogWriter> log_;

  double composed_s_ = 0.0;
  double composed_at_s_ = monotonic_s();
  double next_step_s_ = 0.0;
  bool finishing_ = false;
  bool reader_came_ = false;
  bool socket_ready_ = false;
  std::vector<Event> events_;
  std::string pending_;
  std::vector<pollfd> waiting_;

  EventHistory history_{newcomer_window_s};
  std::string unpublished_;
  bool controlled_ = false;  // a control was applied since events were last published
  double next_published_s_ = 0.0;

  std::string seed_;
  std::array<std::string, 4> broadcast_;
  double next_state_s_ = 0.0;
  bool state_may_differ_ = true;  // from what was broadcast

  double next_socket_s_ = 0.0;
  double stalled_from_s_ = 0.0;  // 0: whoever reads takes what there is

  double next_figures_s_ = 0.0;
  uint64_t events_total_ = 0;
  Latency lateness_;
  ProcessFigures process_;
  std::mutex figures_mutex_;
  Figures figures_;
  std::optional<FigureReporter> reporter_;  // last: its thread reads the above
};

}  // namespace

void play_live(Composer& composer, const LiveSettings& settings) { Live(composer, settings).play(); }

}  // namespace auralis
