// SPDX-License-Identifier: MIT
// Where children report their state (base/notify.h): a socket without a file, which ends with its owner.
//   sender    the kernel says whose message it is; those of other processes are dropped
//   errors    Error{environment} where there can be no socket
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace auralis {

class Notices {
 public:
  Notices();
  ~Notices();
  Notices(const Notices&) = delete;
  Notices& operator=(const Notices&) = delete;

  int fd() const { return fd_; }
  // For a child's NOTIFY_SOCKET.
  const std::string& name() const { return name_; }
  // The next message of this sender, if one is there.
  std::optional<std::string> take(pid_t sender) const;

 private:
  int fd_ = -1;
  std::string name_;
};

// The value of a line NAME=value of a message; empty where there is none.
std::string notice_value(const std::string& message, const std::string& name);

}  // namespace auralis
