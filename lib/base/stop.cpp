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

std::atomic<StopKind> requested{StopKind::none};
std::atomic<bool> no_more_reading{false};
std::atomic<bool> reads_on{false};
std::atomic<bool> hangups_taken{false};
std::atomic<bool> nothing_to_finish{false};

int hangup_fd() {
  static const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

void wake(int fd) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

void on_signal(int number) {
  const int kept = errno;
  if (number == SIGHUP && hangups_taken.load()) {
    wake(hangup_fd());
  } else if (nothing_to_finish.load() || (number != SIGHUP && stop_requested())) {
    _exit(static_cast<int>(Exit::interrupted));
  } else {
    request_stop(number == SIGINT ? StopKind::musical : StopKind::quick);
  }
  errno = kept;
}

void handle(int number) {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(number, &action, nullptr);
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

bool hangup_is_ignored() {
  struct sigaction now {};
  return sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void install_stop_signals() {
  stop_fd();
  reading_stop_fd();
  handle(SIGINT);
  handle(SIGTERM);
  if (!hangup_is_ignored()) handle(SIGHUP);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void end_at_once_on_stop() { nothing_to_finish.store(true); }

StopKind stop_kind() { return requested.load(std::memory_order_relaxed); }

void request_stop(StopKind kind) {
  requested.store(kind);
  wake(stop_fd());
  if (!reads_on.load()) stop_reading();
}

int take_hangups() {
  const int fd = hangup_fd();
  hangups_taken.store(true);
  handle(SIGHUP);
  return fd;
}

void read_on_after_stop() { reads_on.store(true); }

void stop_reading() {
  no_more_reading.store(true);
  wake(reading_stop_fd());
}

bool reading_stopped() { return no_more_reading.load(std::memory_order_relaxed); }

}  // namespace auralis
