// SPDX-License-Identifier: MIT
// Holds many WebSocket listeners on one port and prints how late their chunks came; see scripts/load.
//   lateness   of a chunk: its arrival less its place on the stream's own clock, position / rate, less the least such
//              difference of all chunks and listeners: the best that the way itself allows. Of a follower's message: the
//              same with the second up to which it tells events
//   arrival    when it is read; of a follower's message, when the kernel had it: the one thread that reads for thousands
//              shares its core with the composer and the renderer, and would measure itself
//   followers  (`events` for a codec) receive without rendering. Their messages, which are counted as chunks, have no
//              numbers: none is known to be missing. One more comes each second, and how soon it is told what it needs is
//              counted from before it connects
//   cheap      two reads a chunk, and the sound is thrown away in the kernel (MSG_TRUNC) where it is not encrypted; one
//              thread, epoll
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace {

constexpr size_t audio_header = 24;
constexpr size_t most_header = 10;  // of a WebSocket frame that is not masked
constexpr size_t batch = 100;       // connections begun at once
constexpr std::string_view starts = R"({"type":"start")";
constexpr std::string_view advances = R"({"type":"advance","t":)";

struct FreeTls {
  void operator()(SSL* tls) const { ::SSL_free(tls); }
};

struct Listener {
  int fd = -1;
  std::unique_ptr<SSL, FreeTls> tls;
  bool upgraded = false;
  std::string head;      // the HTTP answer, then the beginnings of frames
  uint64_t to_skip = 0;  // bytes of a frame that do not matter
  bool has_sequence = false;
  uint32_t sequence = 0;
  bool follows = false;
  bool begun = false;    // following
  double came_s = 0.0;   // what was read last, of one that follows
  double asked_s = 0.0;  // of one that came while all the others were there
};

struct Totals {
  uint64_t frames = 0;
  uint64_t missing = 0;  // not of followers
  uint64_t flagged = 0;  // of followers: were told all anew, since they had lost something
  uint64_t closed = 0;
  uint64_t bytes = 0;  // that those who were there from the beginning received
  std::vector<float> delays_s;
  std::vector<float> joined_s;  // of those who came late
};

double now_s() {
  static const double begun_s = auralis::monotonic_s();
  return auralis::monotonic_s() - begun_s;
}

// The kernel stamps what comes by the wall's clock; it is as far from ours as at the start.
double from_wall(const timespec& stamp) {
  static const double ahead_s = auralis::wall_s() - now_s();
  return static_cast<double>(stamp.tv_sec) + 1e-9 * static_cast<double>(stamp.tv_nsec) - ahead_s;
}

template <typename Int>
Int little_endian(const char* bytes) {
  Int value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "load: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

// Bytes before the payload, and the payload's length; 0 while they are not all there.
size_t websocket_header(const std::string& bytes, uint64_t& length) {
  if (bytes.size() < 2) return 0;
  const auto at = [&bytes](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  length = at(1) & 0x7F;
  const size_t wide = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < 2 + wide) return 0;
  if (wide > 0) {
    length = 0;
    for (size_t i = 0; i < wide; ++i) length = length << 8 | at(2 + i);
  }
  return 2 + wide;
}

// A whole audio frame's head is there.
void count(Listener& listener, const char* header, Totals& totals, bool measuring) {
  const auto sequence = little_endian<uint32_t>(header + 4);
  const auto position = little_endian<uint64_t>(header + 8);
  const auto rate = little_endian<uint32_t>(header + 16);
  if (measuring) {
    ++totals.frames;
    totals.flagged += header[3] & 1;
    if (listener.has_sequence) totals.missing += sequence - listener.sequence - 1;
    totals.delays_s.push_back(static_cast<float>(now_s() - static_cast<double>(position) / rate));
  }
  listener.sequence = sequence;
  listener.has_sequence = true;
}

// A whole text: lines of events, or a message of the server's, which has no line's end.
void count_text(Listener& listener, const std::string& text, Totals& totals, bool measuring) {
  const size_t advance = text.rfind(advances);
  if (!text.ends_with('\n') || advance == std::string::npos) return;
  const bool anew = text.find(starts) != std::string::npos;
  if (anew && !listener.begun && listener.asked_s > 0.0)
    totals.joined_s.push_back(static_cast<float>(now_s() - listener.asked_s));
  if (measuring && listener.begun) {
    ++totals.frames;
    totals.flagged += anew ? 1 : 0;
    const double up_to_s = std::strtod(text.c_str() + advance + advances.size(), nullptr);
    if (!anew) totals.delays_s.push_back(static_cast<float>(listener.came_s - up_to_s));
  }
  listener.begun |= anew;
}

// The same as recv(), and when what it read last came.
ssize_t receive_stamped(Listener& listener, char* into, size_t size) {
  iovec bytes{into, size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> stamps;
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = stamps.data();
  message.msg_controllen = stamps.size();
  const ssize_t got = ::recvmsg(listener.fd, &message, 0);
  listener.came_s = now_s();
  const cmsghdr* stamp = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (stamp != nullptr && stamp->cmsg_level == SOL_SOCKET && stamp->cmsg_type == SCM_TIMESTAMPNS) {
    timespec came{};
    std::memcpy(&came, CMSG_DATA(stamp), sizeof came);
    listener.came_s = from_wall(came);
  }
  return got;
}

// At most `size` bytes; into nowhere where `into` is null. 0 at the end, −1 where nothing is there now.
ssize_t receive(Listener& listener, char* into, size_t size) {
  if (!listener.tls) {
    const bool is_stamped = listener.follows && into != nullptr;
    const ssize_t got = is_stamped ? receive_stamped(listener, into, size)
                                   : ::recv(listener.fd, into, size, into == nullptr ? MSG_TRUNC : 0);
    return got < 0 && errno != EAGAIN && errno != EINTR ? 0 : got;
  }
  listener.came_s = now_s();
  static std::array<char, 16 * 1024> nowhere;
  const size_t most = into == nullptr ? std::min(size, nowhere.size()) : size;
  const int got =
      ::SSL_read(listener.tls.get(), into == nullptr ? nowhere.data() : into, static_cast<int>(most));
  if (got > 0) return got;
  return ::SSL_get_error(listener.tls.get(), got) == SSL_ERROR_WANT_READ ? -1 : 0;
}

// Who does not answer is closed after a while.
void answer_ping(Listener& listener, std::string_view payload) {
  std::string pong = {'\x8A', static_cast<char>(0x80 | payload.size()), 0, 0, 0, 0};  // masked with zeros
  pong += payload;
  if (listener.tls) {
    ::SSL_write(listener.tls.get(), pong.data(), static_cast<int>(pong.size()));
  } else {
    ::send(listener.fd, pong.data(), pong.size(), MSG_NOSIGNAL);
  }
}

// Takes what is whole off the front of `head`; false where the server did not let us in.
bool parse(Listener& listener, Totals& totals, bool measuring) {
  while (listener.to_skip == 0) {
    if (!listener.upgraded) {
      const size_t end = listener.head.find("\r\n\r\n");
      if (end == std::string::npos) return true;
      if (!listener.head.starts_with("HTTP/1.1 101")) return false;
      listener.upgraded = true;
      listener.head.erase(0, end + 4);
    }
    uint64_t length = 0;
    const size_t before = websocket_header(listener.head, length);
    const bool is_ping = listener.head[0] == '\x89';
    const uint64_t wanted = listener.follows || is_ping ? length : std::min<uint64_t>(length, audio_header);
    if (before == 0 || listener.head.size() < before + wanted) return true;
    if (is_ping) {
      answer_ping(listener, std::string_view(listener.head).substr(before, length));
    } else if (listener.follows) {
      count_text(listener, listener.head.substr(before, length), totals, measuring);
    } else if (listener.head[0] == '\x82' && length >= audio_header) {
      count(listener, listener.head.data() + before, totals, measuring);
    }
    const uint64_t there = std::min<uint64_t>(listener.head.size() - before, length);
    listener.head.erase(0, before + there);
    listener.to_skip = length - there;
  }
  return true;
}

// What is there now; false when the connection is over.
bool read_some(Listener& listener, Totals& totals, bool measuring) {
  static std::array<char, 16 * 1024> buffer;
  const size_t most = listener.follows ? buffer.size() : most_header + audio_header;
  do {
    const bool skipping = listener.to_skip > 0;
    const ssize_t got =
        receive(listener, skipping ? nullptr : buffer.data(), skipping ? listener.to_skip : most);
    if (got <= 0) return got < 0;
    if (measuring && listener.asked_s == 0.0) totals.bytes += static_cast<uint64_t>(got);
    if (skipping) {
      listener.to_skip -= static_cast<uint64_t>(got);
    } else {
      listener.head.append(buffer.data(), static_cast<size_t>(got));
      if (!parse(listener, totals, measuring)) return false;
    }
    // A chunk's rest is there with its head; else poll tells, unless the bytes lie decrypted already.
  } while (listener.to_skip > 0 || (listener.tls && ::SSL_pending(listener.tls.get()) > 0));
  return true;
}

void connect_one(Listener& listener, int port, const std::string& request, SSL_CTX* tls, int epoll) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener.fd < 0) fail("too few file descriptors (ulimit -n)");
  const timeval patience{10, 0};  // for the handshake, which waits
  ::setsockopt(listener.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(listener.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(listener.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("cannot connect");
  if (tls != nullptr) {
    listener.tls.reset(::SSL_new(tls));
    ::SSL_set_fd(listener.tls.get(), listener.fd);
    if (::SSL_connect(listener.tls.get()) != 1) fail("no TLS there");
    if (::SSL_write(listener.tls.get(), request.data(), static_cast<int>(request.size())) <= 0)
      fail("cannot ask");
  } else if (::send(listener.fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    fail("cannot ask");
  }
  ::fcntl(listener.fd, F_SETFL, O_NONBLOCK);
  constexpr int on = 1;
  if (listener.follows) ::setsockopt(listener.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &listener;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener.fd, &event);
}

void serve_events(int epoll, double until_s, Totals& totals, bool measuring) {
  std::array<epoll_event, 256> events;
  for (double left = until_s - now_s(); left > 0; left = until_s - now_s()) {
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()),
                                   std::max(1, static_cast<int>(left * 1000)));
    for (int i = 0; i < ready; ++i) {
      auto& listener = *static_cast<Listener*>(events[static_cast<size_t>(i)].data.ptr);
      if (read_some(listener, totals, measuring)) continue;
      ::close(listener.fd);
      ++totals.closed;
    }
  }
}

std::string request_for(const std::string& codec) {
  return "GET " + (codec == "events" ? "/ws/events" : "/ws/stream?codec=" + codec) +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

void print(Totals& totals, size_t listeners, double seconds, bool follow) {
  const auto at = [](std::vector<float>& sorted, double share) {
    const auto index = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1));
    return sorted.empty() ? 0.0 : static_cast<double>(sorted[index]);
  };
  std::vector<float>& delays = totals.delays_s;
  std::sort(delays.begin(), delays.end());
  std::sort(totals.joined_s.begin(), totals.joined_s.end());
  const auto late_ms = [&](double share) { return 1000.0 * (at(delays, share) - at(delays, 0.0)); };
  const auto whole = [](uint64_t count) { return static_cast<unsigned long long>(count); };
  std::printf("{\"listeners\": %zu, \"closed\": %llu, \"seconds\": %.0f, \"chunks\": %llu, ", listeners,
              whole(totals.closed), seconds, whole(totals.frames));
  if (!follow) std::printf("\"missing\": %llu, ", whole(totals.missing));
  std::printf("\"flagged\": %llu, \"late_ms\": {\"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, \"max\": %.1f}",
              whole(totals.flagged), late_ms(0.5), late_ms(0.95), late_ms(0.99), late_ms(1.0));
  if (follow) {
    const double bytes_a_second =
        static_cast<double>(totals.bytes) / static_cast<double>(listeners) / seconds;
    std::printf(", \"mb_an_hour\": %.3f, \"joined_late\": %zu, \"joined_ms\": {\"p50\": %.1f, \"max\": %.1f}",
                bytes_a_second * 3600.0 / 1e6, totals.joined_s.size(), 1000.0 * at(totals.joined_s, 0.5),
                1000.0 * at(totals.joined_s, 1.0));
  }
  std::puts("}");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && !(argc == 6 && std::strcmp(argv[5], "tls") == 0)) {
    std::fprintf(stderr, "usage: load PORT pcm|opus|events LISTENERS SECONDS [tls]\n");
    return 2;
  }
  const int port = std::atoi(argv[1]);
  const std::string codec = argv[2];
  const bool follow = codec == "events";
  const auto wanted = static_cast<size_t>(std::atol(argv[3]));
  const double seconds = std::atof(argv[4]);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  const std::string request = request_for(codec);
  // Whose certificate it is does not matter here.
  SSL_CTX* tls = argc == 6 ? ::SSL_CTX_new(::TLS_client_method()) : nullptr;
  if (tls != nullptr) ::SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
  Totals totals;
  std::vector<Listener> listeners(wanted);
  now_s();
  for (size_t i = 0; i < wanted; ++i) {
    listeners[i].follows = follow;
    connect_one(listeners[i], port, request, tls, epoll);
    if (i % batch == batch - 1) serve_events(epoll, now_s() + 0.05, totals, false);
  }
  serve_events(epoll, now_s() + 3.0, totals, false);  // until the joining is over
  std::fputs("measuring\n", stderr);
  totals.delays_s.reserve(static_cast<size_t>(seconds * 60 * static_cast<double>(wanted)));
  const double end_s = now_s() + seconds;
  constexpr double to_be_told_s = 3.0;  // for the last of those who come late
  std::vector<Listener> late(follow ? static_cast<size_t>(std::max(1.0, seconds - to_be_told_s)) : 0);
  for (Listener& listener : late) {
    listener.follows = true;
    listener.asked_s = now_s();
    connect_one(listener, port, request, tls, epoll);
    serve_events(epoll, listener.asked_s + 1.0, totals, true);
  }
  serve_events(epoll, end_s, totals, true);
  print(totals, wanted, seconds, follow);
  return totals.closed == 0 && totals.frames > 0 && totals.joined_s.size() == late.size() ? 0 : 1;
}
