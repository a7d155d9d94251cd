// SPDX-License-Identifier: MIT
// When to start again what failed, and when it is no use.
//   at once    what ran for settled_s or longer, and a first quick failure; nothing where tries_at_once is off
//   then       after ever longer delays, as long as it keeps failing before it has settled
//   never      where it failed give_up_after times in a row like that; 0: always again
#pragma once

#include <optional>

namespace auralis {

struct BackoffSettings {
  double settled_s = 2.0;
  double first_delay_s = 0.1;
  double longest_delay_s = 5.0;
  int give_up_after = 5;
  bool tries_at_once = true;
};

class Backoff {
 public:
  explicit Backoff(const BackoffSettings& settings = {}) : settings_(settings) {}

  // It failed after so many seconds: how long to wait before it is started again; nullopt: give up.
  std::optional<double> failed(double ran_s);
  // It is well: what failed is forgiven.
  void settle() { failures_ = 0; }

 private:
  BackoffSettings settings_;
  int failures_ = 0;  // quick ones in a row
};

}  // namespace auralis
