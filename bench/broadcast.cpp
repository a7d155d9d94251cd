// SPDX-License-Identifier: MIT
// The floor under any broadcaster: a bare epoll loop that answers WebSocket upgrades and sends every listener the same
// 100 ms frame on an absolute clock, with nothing else a server does. What it holds is what the kernel's TCP holds.
//   usage   broadcast PORT SECONDS
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

namespace {

constexpr uint32_t rate = 44100;
constexpr uint32_t frames = rate / 10;
constexpr size_t header_bytes = 24;
constexpr size_t message_bytes = header_bytes + frames * 4;

struct Listener {
  std::string request;
  bool open = false;
  std::shared_ptr<const std::string> sending;
  size_t sent = 0;
};

std::string accept_key(const std::string& request) {
  const std::string name = "sec-websocket-key:";
  std::string lower = request;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const size_t at = lower.find(name);
  if (at == std::string::npos) return {};
  const size_t begin = request.find_first_not_of(' ', at + name.size());
  const std::string key =
      request.substr(begin, request.find('\r', begin) - begin) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  std::array<unsigned char, 32> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), digest.size());
  return {reinterpret_cast<const char*>(text.data()), static_cast<size_t>(length)};
}

// One binary WebSocket message: the audio frame of the stream's protocol, silent.
std::shared_ptr<const std::string> make_chunk(uint32_t sequence) {
  std::string chunk{'\x82', '\x7f', 0, 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8) chunk.push_back(static_cast<char>(message_bytes >> shift));
  std::array<unsigned char, header_bytes> header{1, 0, 2, 0};
  const uint64_t position = uint64_t{sequence} * frames;
  std::memcpy(&header[4], &sequence, 4);
  std::memcpy(&header[8], &position, 8);
  std::memcpy(&header[16], &rate, 4);
  std::memcpy(&header[20], &frames, 4);
  chunk.append(reinterpret_cast<const char*>(header.data()), header.size());
  chunk.resize(10 + message_bytes);
  return std::make_shared<const std::string>(std::move(chunk));
}

// False where the listener has gone.
bool push(int fd, Listener& listener) {
  while (listener.sending) {
    const std::string& chunk = *listener.sending;
    const ssize_t count =
        ::send(fd, chunk.data() + listener.sent, chunk.size() - listener.sent, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    listener.sent += static_cast<size_t>(count);
    if (listener.sent == chunk.size()) listener.sending.reset();
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: broadcast PORT SECONDS\n", stderr), 2;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(server, 4096) != 0) {
    return std::perror("broadcast"), 1;
  }
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  const itimerspec every{{0, 100'000'000}, {0, 100'000'000}};
  ::timerfd_settime(timer, 0, &every, nullptr);
  const int loop = ::epoll_create1(0);
  const auto watch = [&](int fd, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
  };
  watch(server, EPOLLIN);
  watch(timer, EPOLLIN);

  std::unordered_map<int, Listener> listeners;
  std::array<epoll_event, 512> ready{};
  uint32_t sequence = 0;
  const uint32_t last = static_cast<uint32_t>(std::atoi(argv[2])) * 10;
  while (sequence < last) {
    const int count = ::epoll_wait(loop, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[static_cast<size_t>(i)].data.fd;
      if (fd == timer) {
        uint64_t ticks = 0;
        if (::read(timer, &ticks, sizeof ticks) != sizeof ticks) continue;
        for (; ticks > 0; --ticks) {
          const auto chunk = make_chunk(sequence++);
          for (auto at = listeners.begin(); at != listeners.end();) {
            Listener& listener = at->second;
            if (listener.open && !listener.sending) {
              listener.sending = chunk;
              listener.sent = 0;
            }
            if (push(at->first, listener)) {
              ++at;
            } else {
              ::close(at->first);
              at = listeners.erase(at);
            }
          }
        }
      } else if (fd == server) {
        for (int fresh = 0; (fresh = ::accept4(server, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
          ::setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          listeners[fresh] = {};
          watch(fresh, EPOLLIN | EPOLLOUT | EPOLLET);
        }
      } else {
        Listener& listener = listeners[fd];
        std::array<char, 4096> bytes{};
        ssize_t got = 0;
        while ((got = ::recv(fd, bytes.data(), bytes.size(), 0)) > 0) {
          if (!listener.open) listener.request.append(bytes.data(), static_cast<size_t>(got));
        }
        const bool gone = got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
        if (!listener.open && listener.request.find("\r\n\r\n") != std::string::npos) {
          const std::string answer =
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Protocol: auralis.v1\r\nSec-WebSocket-Accept: " +
              accept_key(listener.request) + "\r\n\r\n";
          listener.open = ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) > 0;
        }
        if (gone || !push(fd, listener)) {
          ::close(fd);
          listeners.erase(fd);
        }
      }
    }
  }
  return 0;
}
