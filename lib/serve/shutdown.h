// SPDX-License-Identifier: MIT
// The end of the server, in phases that each take a limited time: the sound fades, every listener gets what it is
// owed, every connection is closed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "net/loop.h"
#include "serve/connection.h"
#include "serve/limits.h"
#include "serve/stations.h"

namespace auralis {

class Shutdown {
 public:
  // `stop_accepting` is called when it begins: no connection and no station may come any more.
  Shutdown(Loop& loop, Stations& stations, Connections& connections, std::function<void()> stop_accepting);

  bool has_begun() const { return phase_ != Phase::running; }
  // "stopped" by a signal, or "ended" with the input.
  void begin(const std::string& reason);
  // The last of a station's sound was handed out.
  void on_silence();

 private:
  enum class Phase { running, fading, draining, leaving };

  bool fade_all();  // whether there is anything to fade
  void drain();
  void step();

  Loop& loop_;
  Stations& stations_;
  Connections& connections_;
  std::function<void()> stop_accepting_;
  Phase phase_ = Phase::running;
  int64_t drain_us_ = limits::drain_us;
  int64_t phase_ends_us_ = 0;
  Timer step_;
};

}  // namespace auralis
