// SPDX-License-Identifier: MIT
#include "serve/composer_link.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/json_text.h"

namespace auralis {
namespace {

constexpr size_t longest_line = 1 << 16;
constexpr size_t longest_unsent = 1 << 18;

// The folder is ours, and so must the process be that listens in it.
bool is_ours(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

}  // namespace

bool ComposerLink::try_connect() {
  if (connected()) return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = path_.native();
  if (path.empty() || path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // On this family of sockets a connection is there at once or not at all.
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || !is_ours(fd)) {
    ::close(fd);
    return false;
  }
  fd_ = fd;
  backoff_.settle();
  return true;
}

bool ComposerLink::send(const nlohmann::json& message) {
  if (!connected() || unsent_.size() > longest_unsent) return false;
  unsent_ += message.dump() + "\n";
  return on_writable();
}

bool ComposerLink::on_readable(const Handle& handle) {
  std::array<char, 8192> buffer;
  while (connected()) {
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    partial_.append(buffer.data(), static_cast<size_t>(count));
    size_t begin = 0;
    for (size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::string_view line = std::string_view(partial_).substr(begin, end - begin);
      const nlohmann::json message = parse_json(line);
      if (message.is_object()) handle(message, line);
    }
    partial_.erase(0, begin);
    if (partial_.size() > longest_line) return false;
  }
  return false;
}

bool ComposerLink::on_writable() {
  while (!unsent_.empty()) {
    const ssize_t count = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    unsent_.erase(0, static_cast<size_t>(count));
  }
  return true;
}

void ComposerLink::hang_up() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  unsent_.clear();
  partial_.clear();
}

}  // namespace auralis
