// SPDX-License-Identifier: MIT
// The port: listens on an address and hands every connection to the loop.
//   errors   Error{environment} for an address that is not ours or taken. Without descriptors to spare a newcomer is
//            turned away rather than left waiting, which would keep the loop awake
#pragma once

#include <optional>
#include <string>

#include "net/loop.h"

namespace auralis {

class Acceptor {
 public:
  // Port 0: any free one.
  Acceptor(Loop& loop, const std::string& host, int port);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }

 private:
  void accept_all();
  void turn_one_away();

  Loop& loop_;
  int fd_ = -1;
  int spare_fd_ = -1;
  int port_ = 0;
  std::optional<Watch> watch_;
};

}  // namespace auralis
