// SPDX-License-Identifier: MIT
// A process that this one started, watched through a descriptor.
//   start     in a process group of its own, so that Ctrl-C at a terminal reaches the starter alone; with two descriptors
//             as its standard input and output, our standard error, a socket where one is handed over, every signal as it is by
//             default, and nothing else
//   orphans   it gets `orphan_signal` from the kernel once the thread that started it has ended, however that came
//   end       killed and reaped with its owner
//   errors    Error{environment} where it cannot be started
#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace auralis {

// Secrets are handed on in these, and only to whom they are meant for.
inline constexpr const char* token_variable = "AURALIS_TOKEN";
inline constexpr const char* icecast_password_variable = "AURALIS_ICECAST_PASSWORD";

struct Launch {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  int orphan_signal = SIGKILL;
  std::string notify_socket;  // its NOTIFY_SOCKET; empty: none, whatever ours is
  int listen_fd = -1;  // a listening socket that is kept here and handed over (base/listen_fds.h); −1: none
  bool gets_secrets = false;
};

// How a process ended.
struct ProcessEnd {
  int status = 0;  // what it returned
  int signal = 0;  // or what killed it

  bool is(int returned) const { return signal == 0 && status == returned; }
  // It did not take its options or its input: started again, it would not either.
  bool refused() const;
  // As a shell has it: 128 + the signal.
  int exit_status() const { return signal != 0 ? 128 + signal : status; }
  std::string text() const;  // "ended with status 1", "was killed by signal 9"
};

class Child {
 public:
  Child(const Launch& launch, int input, int output);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Readable once it has ended.
  int fd() const { return fd_; }
  // Where it is stopped, it goes on to hear it. Nothing where it has ended.
  void send(int signal) const;
  // How it ended, once it has.
  std::optional<ProcessEnd> outcome();
  // Whether outcome() has returned one.
  bool is_over() const { return outcome_.has_value(); }

  // Stops it where it stands and waits until it does; false where it has ended, or does not stop in time.
  bool hold();
  void go_on() const;

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
  std::optional<ProcessEnd> outcome_;
};

}  // namespace auralis
