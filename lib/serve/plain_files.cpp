// SPDX-License-Identifier: MIT
#include "serve/plain_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "serve/limits.h"

namespace auralis {
namespace {

// A descriptor of its own, or none.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

bool is_plain_path(std::string_view path) {
  if (path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos) return false;
  // Behind a second slash a path would begin anew, at the root.
  return path.starts_with('/') && path.find("/.") == std::string_view::npos &&
         path.find("//") == std::string_view::npos;
}

std::optional<std::string> read_plain_file(const std::filesystem::path& folder, std::string_view path) {
  Descriptor at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::string relative(path.substr(1));
  for (size_t slash = 0; (slash = relative.find('/')) != std::string::npos; relative.erase(0, slash + 1)) {
    const std::string name = relative.substr(0, slash);
    at = Descriptor(::openat(at.fd(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  // Non-blocking: a FIFO waits for a writer when it is opened.
  const Descriptor file(::openat(at.fd(), relative.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (file.fd() < 0 || ::fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<uint64_t>(info.st_size) > limits::file_bytes)
    return std::nullopt;
  std::string body(static_cast<size_t>(info.st_size), '\0');
  for (size_t read = 0; read < body.size();) {
    const ssize_t count = ::read(file.fd(), body.data() + read, body.size() - read);
    if (count <= 0) return std::nullopt;  // it has become shorter, or the disk fails
    read += static_cast<size_t>(count);
  }
  return body;
}

}  // namespace auralis
