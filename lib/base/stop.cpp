// SPDX-License-Identifier: MIT
#include "base/stop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "base/error.h"

namespace auralis {
namespace {

std::atomic<bool> requested{false};
std::atomic<bool> no_more_reading{false};
std::atomic<bool> reads_on{false};

void wake(int fd) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

void on_signal(int) {
  if (requested.load()) _exit(static_cast<int>(Exit::interrupted));
  const int kept = errno;
  request_stop();
  errno = kept;
}

}  // namespace

int stop_fd() {
  static const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

int reading_stop_fd() {
  static const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

void install_stop_signals() {
  stop_fd();
  reading_stop_fd();
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

bool stop_requested() { return requested.load(std::memory_order_relaxed); }

void request_stop() {
  requested.store(true);
  wake(stop_fd());
  if (!reads_on.load()) stop_reading();
}

void read_on_after_stop() { reads_on.store(true); }

void stop_reading() {
  no_more_reading.store(true);
  wake(reading_stop_fd());
}

bool reading_stopped() { return no_more_reading.load(std::memory_order_relaxed); }

}  // namespace auralis
