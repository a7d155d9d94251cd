// SPDX-License-Identifier: MIT
#include "base/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace auralis {

bool has_supervisor() {
  const char* name = std::getenv("NOTIFY_SOCKET");
  return name != nullptr && *name != '\0';
}

void notify_supervisor(const std::string& text) {
  const char* given = std::getenv("NOTIFY_SOCKET");
  const std::string_view name = given != nullptr ? given : "";
  sockaddr_un address{};
  if (name.empty() || name.size() >= sizeof address.sun_path || (name[0] != '/' && name[0] != '@')) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  // Nobody hears it where it fails; the supervisor's own patience is what helps then.
  [[maybe_unused]] const ssize_t sent = ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                                 reinterpret_cast<const sockaddr*>(&address), length);
  ::close(fd);
}

}  // namespace auralis
