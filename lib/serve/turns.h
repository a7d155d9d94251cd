// SPDX-License-Identifier: MIT
// Listeners who steer a station one after another: who changes something has a turn of a minute, in which nobody else
// may; then it is free for whoever comes first.
//   who   a listener of the WebSocket is its connection; a request over HTTP is its address, to which both belong
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "serve/limits.h"

namespace auralis {

struct Steerer {
  std::string address;
  uint64_t socket = 0;  // 0: over HTTP

  bool is(const Steerer& other) const {
    return address == other.address && (socket == other.socket || socket == 0 || other.socket == 0);
  }
};

class Turns {
 public:
  int64_t free_in_us(int64_t now_us) const { return std::max<int64_t>(until_us_ - now_us, 0); }
  const Steerer& holder() const { return holder_; }
  bool may(const Steerer& who, int64_t now_us) const { return free_in_us(now_us) == 0 || holder_.is(who); }
  // A listener that leaves may be back on another connection: its turn is its address's.
  void leave(uint64_t socket) {
    if (holder_.socket == socket) holder_.socket = 0;
  }
  // True where a turn begins with it.
  bool take(const Steerer& who, int64_t now_us) {
    if (free_in_us(now_us) > 0) return false;
    holder_ = who;
    until_us_ = now_us + limits::turn_us;
    return true;
  }

 private:
  Steerer holder_;
  int64_t until_us_ = 0;
};

}  // namespace auralis
