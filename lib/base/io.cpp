// SPDX-License-Identifier: MIT
#include "base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/stop.h"

namespace auralis {
namespace {

std::string reason() { return std::strerror(errno); }

}  // namespace

void write_all(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno == EPIPE) {
      throw ClosedPipe();
    } else if (errno != EINTR) {
      throw Error(Exit::environment, "cannot write " + name + ": " + reason());
    }
  }
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

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  if (std::filesystem::is_directory(target_)) {
    throw Error(Exit::environment, "cannot create " + target_.string() + ": it is a folder");
  }
  if (std::filesystem::is_symlink(target_)) target_ = std::filesystem::weakly_canonical(target_);
  plain_ = !std::filesystem::exists(target_) || std::filesystem::is_regular_file(target_);
  if (!plain_) {
    fd_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) throw Error(Exit::environment, "cannot open " + target_.string() + ": " + reason());
    return;
  }
  // The extension stays last, since libraries choose a format by it.
  const std::string extension = target_.extension().string();
  const std::string prefix = "." + target_.stem().string() + ".";
  std::string name = (target_.parent_path() / (prefix + "XXXXXX" + extension)).string();
  fd_ = ::mkstemps(name.data(), static_cast<int>(extension.size()));
  if (fd_ < 0) throw Error(Exit::environment, "cannot create " + target_.string() + ": " + reason());
  temporary_ = name;
  // Asked once: to ask is to change it for a moment, for every thread.
  static const mode_t mask = [] {
    const mode_t now = ::umask(0);
    ::umask(now);
    return now;
  }();
  ::fchmod(fd_, 0666 & ~mask);
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  if (plain_) ::unlink(temporary_.c_str());
}

void AtomicFile::commit_as(const std::filesystem::path& target) {
  const bool flushed = ::fsync(fd_) == 0 || errno == EINVAL || errno == EROFS;
  if (!flushed || (plain_ && ::rename(temporary_.c_str(), target.c_str()) != 0)) {
    throw Error(Exit::environment, "cannot finish " + target.string() + ": " + reason());
  }
  ::close(fd_);
  fd_ = -1;
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

std::string read_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Error(Exit::environment, "cannot open " + path.string() + ": " + reason());
  std::string bytes;
  std::array<char, 65536> buffer;
  ssize_t count = 0;
  while ((count = ::read(fd, buffer.data(), buffer.size())) > 0)
    bytes.append(buffer.data(), static_cast<size_t>(count));
  const int failed = count < 0 ? errno : 0;
  ::close(fd);
  errno = failed;
  if (failed != 0) throw Error(Exit::environment, "cannot read " + path.string() + ": " + reason());
  return bytes;
}

}  // namespace auralis
