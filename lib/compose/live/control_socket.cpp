// SPDX-License-Identifier: MIT
#include "compose/live/control_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace auralis {
namespace {

Error failed(const std::string& what, const std::filesystem::path& path) {
  return {Exit::environment,
          "cannot " + what + " the control socket " + path.string() + ": " + std::strerror(errno)};
}

// Held while a stale socket is replaced, so that of two composers starting at once one wins.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder)
      : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ < 0) throw failed("open the folder of", folder);
    ::flock(fd_, LOCK_EX);
  }
  ~FolderLock() { ::close(fd_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

constexpr const char* too_long =
    "{\"type\":\"error\",\"id\":\"\",\"code\":\"line_too_long\",\"field\":\"\","
    "\"message\":\"a line longer than 16384 bytes\"}\n";

int open_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

bool answers(const sockaddr_un& address) {
  const int probe = open_socket();
  const bool alive = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
                     errno == EAGAIN;  // its queue is full, so it lives
  ::close(probe);
  return alive;
}

}  // namespace

ControlSocket::ControlSocket(std::filesystem::path path) : path_(std::move(path)) { listen(); }

bool ControlSocket::is_there() const {
  struct stat there {};
  return ::lstat(path_.c_str(), &there) == 0 && S_ISSOCK(there.st_mode);
}

void ControlSocket::listen() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.native().size() >= sizeof address.sun_path) {
    throw Error(Exit::usage, "the control socket's path " + path_.string() + " is longer than " +
                                 std::to_string(sizeof address.sun_path - 1) +
                                 " bytes; name a shorter one with --control");
  }
  path_.native().copy(address.sun_path, sizeof address.sun_path - 1);

  const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
  const FolderLock lock(folder);
  struct stat there {};
  if (::lstat(path_.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) {
      throw Error(Exit::environment,
                  path_.string() + " is there and is not a socket; name another with --control");
    }
    if (answers(address)) {
      throw AlreadyRunning(Exit::environment, "already running: another auralis-compose listens on " +
                                                  path_.string() + "; stop it or choose another --session");
    }
    ::unlink(path_.c_str());
  }
  const int fd = open_socket();
  if (fd < 0) throw failed("make", path_);
  const mode_t mask = ::umask(0077);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(mask);
  if (!bound || ::listen(fd, 16) != 0) {
    const Error error = failed("listen on", path_);
    ::close(fd);
    throw error;
  }
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

ControlSocket::~ControlSocket() {
  // Last words get one chance; nobody is waited for.
  for (Client& client : clients_) {
    send(client, {});
    ::close(client.fd);
  }
  ::unlink(path_.c_str());
  ::close(fd_);
}

void ControlSocket::add_to(std::vector<pollfd>& waiting) const {
  waiting.push_back({fd_, POLLIN, 0});
  for (const Client& client : clients_) {
    waiting.push_back({client.fd, static_cast<short>(client.out.empty() ? POLLIN : POLLIN | POLLOUT), 0});
  }
}

// Every descriptor is non-blocking, so what is not ready says so; with at most max_clients that costs less than
// matching poll's answers to clients.
void ControlSocket::serve(const std::function<std::string()>& greet, const OnLine& on_line) {
  for (Client& client : clients_) {
    receive(client, on_line);
    if (!client.gone && !client.out.empty()) send(client, {});
  }
  drop_gone();
  accept_clients(greet);
}

void ControlSocket::broadcast(const std::string& lines) {
  for (Client& client : clients_) {
    if (!client.gone) send(client, lines);
  }
  drop_gone();
}

void ControlSocket::publish(const std::string& lines) {
  for (Client& client : clients_) {
    if (client.subscribed && !client.gone) send(client, lines);
  }
}

bool ControlSocket::has_subscribers() const {
  return std::any_of(clients_.begin(), clients_.end(),
                     [](const Client& client) { return client.subscribed; });
}

void ControlSocket::drop_gone() {
  std::erase_if(clients_, [](const Client& client) {
    if (client.gone) ::close(client.fd);
    return client.gone;
  });
}

void ControlSocket::accept_clients(const std::function<std::string()>& greet) {
  while (true) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    if (clients_.size() >= max_clients) {
      ::close(fd);
      continue;
    }
    Client& client = clients_.emplace_back();
    client.fd = fd;
    send(client, greet());
  }
}

// One read a turn: a client that floods waits for the music, not the other way round.
void ControlSocket::receive(Client& client, const OnLine& on_line) {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(client.fd, buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    client.gone = true;
    return;
  }
  client.in.append(buffer.data(), static_cast<size_t>(count));
  size_t newline = 0;
  while (!client.gone && (newline = client.in.find('\n')) != std::string::npos) {
    const std::string line = client.in.substr(0, newline);
    client.in.erase(0, newline + 1);
    if (std::exchange(client.in_long_line, false)) continue;
    if (line.size() > longest_line) {
      send(client, too_long);
    } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
      const Answer answer = on_line(line);
      send(client, answer.lines);
      client.subscribed |= answer.subscribes;
    }
  }
  // The rest of such a line is read and thrown away: to hang up on it would reset the connection under the client's
  // next write, and it might never see why.
  if (client.in.size() > longest_line) {
    send(client, too_long);
    client.in_long_line = true;
  }
  if (client.in_long_line) client.in.clear();
}

void ControlSocket::send(Client& client, const std::string& text) {
  client.out += text;
  while (!client.out.empty()) {
    const ssize_t sent = ::send(client.fd, client.out.data(), client.out.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) client.gone = true;
    if (sent < 0) break;
    client.out.erase(0, static_cast<size_t>(sent));
  }
  if (client.out.size() > most_waiting) {
    log_warning("a client of the control socket does not read; it is dropped");
    client.gone = true;
  }
}

}  // namespace auralis
