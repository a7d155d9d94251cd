// SPDX-License-Identifier: MIT
// The port: listens on an address and hands every connection to the loop.
//   errors   Error{environment} for an address that is not ours or taken. Without descriptors to spare a newcomer is
//            turned away rather than left waiting, which would keep the loop awake
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "net/loop.h"

namespace auralis {

class Acceptor {
 public:
  // The last bytes for a newcomer that is turned away; nullopt: it may come in.
  using TurnAway = std::function<std::optional<std::string>(const std::string& address)>;

  // Port 0: any free one.
  Acceptor(Loop& loop, const std::string& host, int port, TurnAway turn_away = {});
  // On a socket that listens already, and is this one's from here on.
  Acceptor(Loop& loop, int listening_fd, TurnAway turn_away);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }

 private:
  void accept_all();
  void take(int fd, const std::string& address);
  void turn_one_away();

  Loop& loop_;
  TurnAway turn_away_;
  int fd_ = -1;
  int spare_fd_ = -1;
  int port_ = 0;
  std::optional<Watch> watch_;
};

// The address that a socket is bound to: "127.0.0.1", "::1".
std::string host_of(int fd);

}  // namespace auralis
