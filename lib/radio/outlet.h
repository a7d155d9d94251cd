// SPDX-License-Identifier: MIT
// A sink with a thread of its own, so that whatever becomes of it nobody else waits: not the station, not its listeners, not
// another sink.
//   fails     is opened again, after ever longer delays
//   hangs     loses its own oldest chunks, says so once, and is left behind at the end
//   figures   up (1: the sink is open), lost_s of its sound, failures
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/backoff.h"
#include "radio/sink.h"

namespace auralis {

struct OutletSettings {
  std::string name;   // "icecast-2", for figures: the second of its kind
  std::string place;  // as messages show it: one outlet's at a time, and another that wants it waits
  SinkPlace asked{};  // with its secrets
  std::function<std::unique_ptr<Sink>(const SinkFormat& format, const std::stop_token& stop)> open;
  // One that was open for settled_s begins with the shortest delay again.
  BackoffSettings backoff{.settled_s = 10.0,
                          .first_delay_s = 0.5,
                          .longest_delay_s = 30.0,
                          .give_up_after = 0,
                          .tries_at_once = false};
};

struct OutletFigures {
  bool up = false;
  double lost_s = 0.0;
  uint64_t failures = 0;
};

class Outlet {
 public:
  Outlet(const OutletSettings& settings, const SinkFormat& format);
  // As leave(0).
  ~Outlet();
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  void play(const SinkSound& sound);
  void tell(const std::string& title);
  // No more sound will come; what waits is still carried, and what is being opened is stopped at once.
  void finish();
  // After finish(): nothing is carried any more.
  bool has_ended() const;
  // Waits until it has ended, at most so long.
  void leave(double patience_s);
  OutletFigures figures() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // the thread's, too, which may be left behind
};

}  // namespace auralis
