// SPDX-License-Identifier: MIT
#include "net/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/error.h"

namespace auralis {
namespace {

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

// A listening socket, or −1 and why in errno.
int listen_on(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, SOMAXCONN) == 0) return fd;
  const int reason = errno;
  ::close(fd);
  errno = reason;
  return -1;
}

int listen_on(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (status != 0) throw Error(Exit::environment, "cannot find " + host + ": " + ::gai_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  // A name may have several addresses, not all of which are there, as without IPv6.
  int reason = 0;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int fd = listen_on(*one);
    if (fd >= 0) return fd;
    reason = errno;
    if (reason != EADDRNOTAVAIL && reason != EAFNOSUPPORT) break;
  }
  throw Error(Exit::environment,
              "cannot listen on " + host + ":" + std::to_string(port) + ": " + std::strerror(reason) +
                  (reason == EADDRINUSE ? " (--port N chooses another, --port 0 any)" : ""));
}

std::string address_of(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = peer.ss_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr)
                          : &reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
  ::inet_ntop(peer.ss_family, bytes, text.data(), text.size());
  return text.data();
}

int port_of(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

}  // namespace

std::string host_of(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return address_of(bound);
}

Acceptor::Acceptor(Loop& loop, const std::string& host, int port, TurnAway turn_away)
    : Acceptor(loop, listen_on(host, port), std::move(turn_away)) {}

Acceptor::Acceptor(Loop& loop, int listening_fd, TurnAway turn_away)
    : loop_(loop),
      turn_away_(std::move(turn_away)),
      fd_(listening_fd),
      spare_fd_(open_spare()),
      port_(port_of(fd_)) {
  watch_.emplace(loop, fd_, Watch::Events{[this] { accept_all(); }});
}

Acceptor::~Acceptor() {
  watch_.reset();
  ::close(fd_);
  if (spare_fd_ >= 0) ::close(spare_fd_);
}

void Acceptor::accept_all() {
  if (spare_fd_ < 0) spare_fd_ = open_spare();
  while (true) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd = ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      take(fd, address_of(peer));
    } else if (errno == EMFILE || errno == ENFILE) {
      return turn_one_away();
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

void Acceptor::take(int fd, const std::string& address) {
  const std::optional<std::string> last_words = turn_away_ ? turn_away_(address) : std::nullopt;
  if (!last_words) return loop_.add_stream(fd);
  ::send(fd, last_words->data(), last_words->size(), MSG_NOSIGNAL);  // whether or not there is room for them
  ::close(fd);
}

void Acceptor::turn_one_away() {
  if (spare_fd_ >= 0) ::close(spare_fd_);
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) ::close(fd);
  spare_fd_ = open_spare();
}

}  // namespace auralis
