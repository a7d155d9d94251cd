// SPDX-License-Identifier: MIT
#include "process/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/listen_fds.h"
#include "base/stop.h"

namespace auralis {
namespace {

constexpr double stops_within_s = 0.2;
constexpr std::string_view notify_name = "NOTIFY_SOCKET=";
constexpr std::string_view listen_pid_name = "LISTEN_PID=";
constexpr size_t most_pid_digits = 20;

bool is_secret(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return name == token_variable || name == icecast_password_variable;
}

// What exec() takes, made before the fork: between the two nothing may allocate.
struct Image {
  explicit Image(const Launch& launch) : program(launch.program.string()) {
    strings.push_back(program);
    strings.insert(strings.end(), launch.arguments.begin(), launch.arguments.end());
    for (std::string& text : strings) arguments.push_back(text.data());
    arguments.push_back(nullptr);
    for (char** at = environ; *at != nullptr; ++at) {
      const std::string_view variable = *at;
      if (variable.starts_with(notify_name) || variable.starts_with("LISTEN_")) continue;
      if (launch.gets_secrets || !is_secret(variable)) environment.push_back(*at);
    }
    if (launch.listen_fd >= 0) {
      listen_pid = std::string(listen_pid_name) + std::string(most_pid_digits, '\0');
      environment.push_back(listen_pid.data());
      environment.push_back(listen_count.data());
    }
    if (!launch.notify_socket.empty()) {
      notify = std::string(notify_name) + launch.notify_socket;
      environment.push_back(notify.data());
    }
    environment.push_back(nullptr);
  }

  // The child's own number is not known before it lives.
  void set_listen_pid(pid_t pid) {
    if (listen_pid.empty()) return;
    std::to_chars(listen_pid.data() + listen_pid_name.size(), listen_pid.data() + listen_pid.size(), pid);
  }

  std::string program;
  std::string notify;
  std::string listen_pid;
  std::string listen_count = "LISTEN_FDS=1";
  std::vector<std::string> strings;
  std::vector<char*> arguments;
  std::vector<char*> environment;
};

// SIGHUP stays ignored where it was from birth, as under nohup.
void restore_signals() {
  const bool keeps_hangup = hangup_is_ignored();
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    if (signal != SIGHUP || !keeps_hangup) ::sigaction(signal, &by_default, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Async-signal-safe calls alone: other threads may have held any lock when the process was forked.
[[noreturn]] void become(Image& image, const Launch& launch, pid_t starter, int input, int output, int listen,
                         int failure) {
  ::prctl(PR_SET_PDEATHSIG, launch.orphan_signal);
  if (::getppid() != starter) ::_exit(1);  // it ended before the line above
  ::setpgid(0, 0);
  restore_signals();
  image.set_listen_pid(::getpid());
  const bool hands_over = listen >= 0;
  if (::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
      (!hands_over || ::dup2(listen, first_listen_fd) >= 0)) {
    // What we were born with, too.
    ::close_range(static_cast<unsigned>(first_listen_fd + (hands_over ? 1 : 0)), ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(image.program.c_str(), image.arguments.data(), image.environment.data());
  }
  const int why = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &why, sizeof why);
  ::_exit(127);
}

// A copy that dup2() cannot meet as 0 to 3.
int high_copy(int fd) { return ::fcntl(fd, F_DUPFD_CLOEXEC, first_listen_fd + 1); }

}  // namespace

bool ProcessEnd::refused() const {
  return is(static_cast<int>(Exit::usage)) || is(static_cast<int>(Exit::bad_input));
}

std::string ProcessEnd::text() const {
  return signal != 0 ? "was killed by signal " + std::to_string(signal)
                     : "ended with status " + std::to_string(status);
}

Child::Child(const Launch& launch, int input, int output) {
  Image image(launch);
  std::array<int, 2> failure{-1, -1};
  const int in = high_copy(input);
  const int out = high_copy(output);
  const int listen = launch.listen_fd >= 0 ? high_copy(launch.listen_fd) : -1;
  const pid_t starter = ::getpid();
  // The child writes down a failure through a descriptor that dup2() does not meet either.
  const bool has_copies = in >= 0 && out >= 0 && (launch.listen_fd < 0 || listen >= 0);
  if (has_copies && ::pipe2(failure.data(), O_CLOEXEC) == 0) {
    const int high = high_copy(failure[1]);
    ::close(failure[1]);
    failure[1] = high;
    if (high >= 0) pid_ = ::fork();
  }
  if (pid_ == 0) become(image, launch, starter, in, out, listen, failure[1]);
  int why = pid_ < 0 ? errno : 0;
  for (const int fd : {in, out, listen, failure[1]}) {
    if (fd >= 0) ::close(fd);
  }
  if (pid_ > 0) {
    // Closed by exec(): nothing to read where that went well.
    [[maybe_unused]] const ssize_t count = ::read(failure[0], &why, sizeof why);
    // glibc 2.36 declares pidfd_open() without C linkage.
    fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (fd_ < 0 && why == 0) why = errno;
  }
  if (failure[0] >= 0) ::close(failure[0]);
  if (why == 0) return;
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    if (fd_ >= 0) ::close(fd_);
  }
  throw Error(Exit::environment, "cannot start " + image.program + ": " + std::strerror(why));
}

Child::~Child() {
  if (!outcome()) {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
    }
  }
  ::close(fd_);
}

void Child::send(int signal) const {
  if (outcome_) return;
  ::kill(pid_, signal);
  ::kill(pid_, SIGCONT);
}

std::optional<ProcessEnd> Child::outcome() {
  if (outcome_) return outcome_;
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return {};
  outcome_ = info.si_code == CLD_EXITED ? ProcessEnd{info.si_status, 0} : ProcessEnd{0, info.si_status};
  return outcome_;
}

bool Child::hold() {
  if (outcome()) return false;
  ::kill(pid_, SIGSTOP);
  const double until_s = monotonic_s() + stops_within_s;
  while (monotonic_s() < until_s) {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT);
    if (info.si_pid != 0) return info.si_code == CLD_STOPPED;
    pollfd ended{fd_, POLLIN, 0};
    ::poll(&ended, 1, 1);
  }
  go_on();
  return false;
}

void Child::go_on() const { ::kill(pid_, SIGCONT); }

}  // namespace auralis
