// SPDX-License-Identifier: MIT
#include "process/music.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"

namespace auralis {
namespace {

// About a second of events. A pipe of the usual 64 KiB holds a quarter of a minute: a renderer or a server that stood still
// would get all of that at once, and every control would be heard so much later from then on.
constexpr int events_bytes = 4096;

}  // namespace

Music::Music(Settings settings, int sound, double now_s)
    : settings_(std::move(settings)), sound_(sound), backoff_(settings_.backoff) {
  start(now_s);
}

void Music::start(double now_s) {
  start_at_s_.reset();
  started_s_ = now_s;
  cause_.reset();
  std::array<int, 2> events{-1, -1};
  if (::pipe2(events.data(), O_CLOEXEC) != 0)
    throw Error(Exit::environment, std::string("cannot make a pipe: ") + std::strerror(errno));
  ::fcntl(events[1], F_SETPIPE_SZ, events_bytes);  // where it cannot be, the usual size does
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  try {
    compose_ = std::make_unique<Child>(settings_.compose, nothing, events[1]);
    render_ = std::make_unique<Child>(settings_.render, events[0], sound_);
  } catch (...) {
    compose_.reset();
    for (const int fd : {events[0], events[1], nothing}) ::close(fd);
    throw;
  }
  for (const int fd : {events[0], events[1], nothing}) ::close(fd);
}

void Music::add_to(std::vector<pollfd>& waiting) const {
  for (const Child* child : {compose_.get(), render_.get()}) {
    // One that has ended stays readable, and would end every wait.
    if (child != nullptr && !child->is_over()) waiting.push_back({child->fd(), POLLIN, 0});
  }
}

void Music::step(double now_s) {
  if (over()) return;
  if (start_at_s_) {
    if (now_s < *start_at_s_) return;
    try {
      start(now_s);
    } catch (const Error& error) {
      say(LogLevel::error, error.what());
      fail(now_s);
    }
    return;
  }
  if (now_s - started_s_ >= settings_.backoff.settled_s) has_settled_ = true;
  const std::optional<ProcessEnd> composed = compose_->outcome();
  const std::optional<ProcessEnd> rendered = render_->outcome();
  if (composed && rendered) return on_end(*composed, *rendered, now_s);
  // A composer whose reader has gone ends with 0: that alone proves nothing. A renderer that loses its composer would ring
  // out for a minute, and play that before the next piece.
  const std::optional<ProcessEnd>& first = composed ? composed : rendered;
  if (!first || first->is(0) || cause_) return;
  cause_ = first;
  (composed ? render_ : compose_)->send(SIGKILL);
}

void Music::on_end(const ProcessEnd& composed, const ProcessEnd& rendered, double now_s) {
  const bool done = finishing_ || (composed.is(0) && rendered.is(0));
  compose_.reset();
  render_.reset();
  if (done || composed.refused()) {
    status_ = done ? 0 : composed.status;
    return;
  }
  say(LogLevel::warning,
      "the music stopped (the composer " + composed.text() + ", the renderer " + rendered.text() + ")");
  // What fails by itself before it ever played will not get better; what was killed may.
  const ProcessEnd cause = cause_.value_or(composed.is(0) ? rendered : composed);
  if (!has_settled_ && cause.signal == 0) {
    status_ = cause.status;
  } else {
    fail(now_s);
  }
}

void Music::fail(double now_s) {
  const std::optional<double> delay_s = backoff_.failed(now_s - started_s_);
  if (finishing_) {
    status_ = 0;
  } else if (delay_s) {
    start_at_s_ = now_s + *delay_s;
    say(LogLevel::info, *delay_s > 0.0
                            ? "starting it again in " + std::to_string(*delay_s).substr(0, 3) + " s"
                            : "starting it again");
  } else {
    say(LogLevel::error, "it does not last, again and again; giving up");
    status_ = static_cast<int>(Exit::environment);
  }
}

void Music::say(LogLevel level, const std::string& what) const {
  log(level, settings_.name.empty() ? what : settings_.name + ": " + what);
}

void Music::finish() {
  finishing_ = true;
  if (compose_) {
    compose_->send(SIGINT);  // musically: SIGTERM would fade it
  } else {
    start_at_s_.reset();
    status_ = 0;
  }
}

void Music::kill() {
  compose_.reset();
  render_.reset();
  start_at_s_.reset();
  status_ = 0;
}

}  // namespace auralis
