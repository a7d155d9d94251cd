// SPDX-License-Identifier: MIT
#include "play/notices.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/error.h"

namespace auralis {
namespace {

constexpr size_t longest_message = 4096;

}  // namespace

Notices::Notices() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socklen_t length = sizeof address.sun_family;  // the kernel finds a free name
  const int on = 1;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  bool made = fd_ >= 0 && ::setsockopt(fd_, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 &&
              ::bind(fd_, generic, length) == 0;
  length = sizeof address;
  made = made && ::getsockname(fd_, generic, &length) == 0;
  if (!made) {
    const int why = errno;
    if (fd_ >= 0) ::close(fd_);
    throw Error(Exit::environment, std::string("cannot make a notification socket: ") + std::strerror(why));
  }
  const size_t path_bytes = length - offsetof(sockaddr_un, sun_path);
  name_ = "@" + std::string(address.sun_path + 1, path_bytes - 1);
}

Notices::~Notices() { ::close(fd_); }

std::optional<std::string> Notices::take(pid_t sender) const {
  while (true) {
    std::array<char, longest_message> text;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control;
    iovec part{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(fd_, &message, MSG_CMSG_CLOEXEC);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_CREDENTIALS) continue;
    ucred from{};
    std::memcpy(&from, CMSG_DATA(header), sizeof from);
    if (from.pid == sender) return std::string(text.data(), static_cast<size_t>(count));
  }
}

std::string notice_value(const std::string& message, const std::string& name) {
  const std::string lines = "\n" + message + "\n";
  const size_t at = lines.find("\n" + name + "=");
  if (at == std::string::npos) return {};
  const size_t begin = at + name.size() + 2;
  return lines.substr(begin, lines.find('\n', begin) - begin);
}

}  // namespace auralis
