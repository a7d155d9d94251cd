// SPDX-License-Identifier: MIT
#include "base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/stop.h"

namespace auralis {
namespace {

constexpr int patience_ms = 1000;  // with a reader who takes nothing, once a stop was requested

std::string reason() { return std::strerror(errno); }

// Waits until the descriptor takes more; an errno where it is not worth it.
int await_room(int fd) noexcept {
  while (true) {
    std::array<pollfd, 2> ready{{{fd, POLLOUT, 0}, {stop_fd(), POLLIN, 0}}};
    const bool stopping = stop_requested();
    const int count = ::poll(ready.data(), stopping ? 1 : 2, stopping ? patience_ms : -1);
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0 && ready[0].revents != 0) return 0;
    if (count == 0) return ECANCELED;
  }
}

// What has a reader who may stand still. A write that waits hears no stop (the signal may come to another thread), so it
// must not wait: a pipe that is ready takes PIPE_BUF bytes at once.
bool has_reader(int fd) noexcept {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

}  // namespace

void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest that is free is this one. The wrong way round, so that using it fails as if it were closed.
    [[maybe_unused]] const int opened = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

Written try_write(int fd, std::string_view bytes) noexcept {
  const bool in_pieces = has_reader(fd);
  Written done;
  while (!bytes.empty()) {
    if (in_pieces) {
      if (const int error = await_room(fd); error != 0) return {done.bytes, error};
    }
    const ssize_t count =
        ::write(fd, bytes.data(), in_pieces ? std::min<size_t>(bytes.size(), PIPE_BUF) : bytes.size());
    if (count > 0) {
      done.bytes += static_cast<size_t>(count);
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (const int error = await_room(fd); error != 0) return {done.bytes, error};
    } else {
      return {done.bytes, count < 0 ? errno : EIO};
    }
  }
  return done;
}

void write_all(int fd, std::string_view bytes, const std::string& name) {
  if (const Written written = try_write(fd, bytes); written.error != 0)
    throw_write_error(written.error, name);
}

void throw_write_error(int error, const std::string& name) {
  if (error == EPIPE) throw ClosedPipe();
  if (error == ECANCELED) {
    throw Error(Exit::interrupted, "interrupted, and whoever reads " + name + " takes nothing any more");
  }
  throw Error(Exit::environment, "cannot write " + name + ": " + std::strerror(error));
}

long read_some(int fd, std::span<char> buffer, const std::string& name) {
  while (true) {
    std::array<pollfd, 2> ready{{{fd, POLLIN, 0}, {reading_stop_fd(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
      throw Error(Exit::environment, "cannot wait for " + name + ": " + reason());
    }
    if (reading_stopped()) return -1;
    if (ready[0].revents == 0) continue;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0) return count;
    if (errno != EINTR && errno != EAGAIN)
      throw Error(Exit::environment, "cannot read " + name + ": " + reason());
  }
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    throw Error(Exit::environment, "cannot make the folder " + folder.string() + ": " + failed.message());
}

void write_file(const std::filesystem::path& target, std::string_view bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

std::string read_file(const std::filesystem::path& path, size_t most_bytes, std::string_view what) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Error(Exit::environment, "cannot open " + path.string() + ": " + reason());
  std::string bytes;
  std::array<char, 65536> buffer;
  ssize_t count = 0;
  while (bytes.size() <= most_bytes && (count = ::read(fd, buffer.data(), buffer.size())) > 0)
    bytes.append(buffer.data(), static_cast<size_t>(count));
  const int failed = count < 0 ? errno : 0;
  ::close(fd);
  errno = failed;
  if (failed != 0) throw Error(Exit::environment, "cannot read " + path.string() + ": " + reason());
  if (bytes.size() > most_bytes) {
    throw Error(Exit::bad_input, path.string() + ": larger than " + std::to_string(most_bytes) +
                                     " bytes, expected " + std::string(what));
  }
  return bytes;
}

}  // namespace auralis
