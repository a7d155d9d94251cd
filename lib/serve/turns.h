// SPDX-License-Identifier: MIT
// Listeners who steer a station one after another: who changes something has a turn of a minute, in which nobody else
// may; then it is free for whoever comes first. Where another asked meanwhile, the one whose turn it was lets others come
// first, for ten seconds.
//   who   a listener of the WebSocket is its connection; a request over HTTP is its address, to which both belong
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
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
  // Asks for a turn: 0 if `who` may steer now, else how long to wait. Remembers that they wait.
  int64_t ask(const Steerer& who, int64_t now_us) {
    const int64_t wait_us = this->wait_us(who, now_us);
    if (wait_us > 0 && !holder_.is(who)) waiting_.insert(who.socket);
    return wait_us;
  }
  int64_t free_in_us(int64_t now_us) const { return std::max<int64_t>(until_us_ - now_us, 0); }
  const Steerer& holder() const { return holder_; }
  // A listener that leaves may be back on another connection: its turn is its address's. It waits no more.
  void leave(uint64_t socket) {
    if (holder_.socket == socket) holder_.socket = 0;
    waiting_.erase(socket);
  }
  // True where a turn begins with it.
  bool take(const Steerer& who, int64_t now_us) {
    if (free_in_us(now_us) > 0 || wait_us(who, now_us) > 0) return false;
    holder_ = who;
    waiting_.clear();
    until_us_ = now_us + limits::turn_us;
    return true;
  }

 private:
  int64_t wait_us(const Steerer& who, int64_t now_us) const {
    if (!holder_.is(who)) return free_in_us(now_us);
    const bool is_over = now_us >= until_us_;
    return is_over && !waiting_.empty() ? std::max<int64_t>(until_us_ + limits::turn_yields_us - now_us, 0)
                                        : 0;
  }

  Steerer holder_;
  std::set<uint64_t> waiting_;  // sockets of those who asked meanwhile
  int64_t until_us_ = 0;
};

}  // namespace auralis
