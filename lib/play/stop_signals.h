// SPDX-License-Identifier: MIT
// SIGINT, SIGTERM and SIGHUP as something to read, one by one; a SIGHUP that was ignored from birth, as under nohup, stays
// ignored. While this lives they interrupt nothing; a child gets them as they are by default (see child.h).
//   errors    Error{environment} where there can be no descriptor
#pragma once

#include <csignal>
#include <optional>

namespace auralis {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int fd() const { return fd_; }
  std::optional<int> take() const;

 private:
  sigset_t before_{};
  int fd_ = -1;
};

}  // namespace auralis
