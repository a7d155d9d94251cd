// SPDX-License-Identifier: MIT
#include "base/listen_fds.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/log.h"

namespace auralis {
namespace {

// 0 where there is none.
long take_number(const char* variable) {
  const char* given = std::getenv(variable);
  const std::string text = given != nullptr ? given : "";
  ::unsetenv(variable);
  long number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_listening_stream(int fd) {
  int listens = 0;
  int type = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return false;
  size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

}  // namespace

std::optional<int> take_listen_fd() {
  const bool is_ours = take_number("LISTEN_PID") == ::getpid();
  const long count = take_number("LISTEN_FDS");
  ::unsetenv("LISTEN_FDNAMES");
  if (!is_ours || count < 1) return std::nullopt;
  const int fd = first_listen_fd;
  if (!is_listening_stream(fd)) {
    throw Error(Exit::environment,
                "descriptor 3, which was handed over, is no listening socket, expected one of a stream; "
                "in the unit: ListenStream=8000");
  }
  for (int other = fd + 1; other < fd + count; ++other) ::close(other);
  if (count > 1)
    log_warning("of " + std::to_string(count) + " sockets that were handed over, the first is listened on");
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

}  // namespace auralis
