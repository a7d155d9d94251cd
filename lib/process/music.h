// SPDX-License-Identifier: MIT
// auralis-compose | auralis-render as one thing: started, watched, started again with back-off, ended.
//   sound     goes to a descriptor that outlives them; each pair begins with a WAV header
//   waiting   nothing here waits or has a thread: add_to() says what to poll, wake_s() until when, then step(); times are
//             those of the monotonic clock
//   failure   where one of the two dies the other is killed, since neither can go on with a new one: the sound of the old
//             piece has no continuation. What ended both with status 0 is no failure
//   over      with a status: 0 after the end of a piece; that of a composer that refuses its options
//             or its input (2, 3); of what failed by itself before a pair has ever settled; else 1, after too many failures
#pragma once

#include <poll.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/log.h"
#include "process/child.h"

namespace auralis {

class Music {
 public:
  struct Settings {
    Launch compose;
    Launch render;
    BackoffSettings backoff;
    std::string name{};  // in the log; empty: there is no other
  };

  // Starts the first pair. `sound` stays the caller's.
  Music(Settings settings, int sound, double now_s);

  void add_to(std::vector<pollfd>& waiting) const;
  std::optional<double> wake_s() const { return start_at_s_; }
  void step(double now_s);

  // The piece comes to its end as pieces do, and no other begins.
  void finish();
  // Both are killed, and it is over with status 0.
  void kill();
  // No other begins. These notice by themselves that nobody reads their output any more.
  void abandon() { finishing_ = true; }

  bool over() const { return status_.has_value(); }
  int status() const { return status_.value_or(0); }
  // The one that writes the sound now, if any.
  Child* renderer() const { return render_.get(); }

 private:
  void start(double now_s);
  void on_end(const ProcessEnd& composed, const ProcessEnd& rendered, double now_s);
  void fail(double now_s);
  void say(LogLevel level, const std::string& what) const;

  Settings settings_;
  int sound_;
  Backoff backoff_;
  std::unique_ptr<Child> compose_;
  std::unique_ptr<Child> render_;
  double started_s_ = 0.0;
  std::optional<double> start_at_s_;  // after a failure
  std::optional<ProcessEnd> cause_;   // of the one that failed first, for which the other was killed
  bool has_settled_ = false;
  bool finishing_ = false;
  std::optional<int> status_;
};

}  // namespace auralis
