// SPDX-License-Identifier: MIT
#include "render/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"

namespace auralis {

Input::Input(const std::string& path, bool hashed) : name_(path == "-" ? "<stdin>" : path) {
  fd_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info {};
  if (fd_ < 0 || ::fstat(fd_, &info) != 0) {
    throw Error(Exit::environment, "cannot open " + name_ + ": " + std::strerror(errno));
  }
  if (S_ISREG(info.st_mode)) size_ = static_cast<double>(info.st_size);
  if (hashed) hash_.emplace();
}

Input::~Input() {
  if (fd_ != STDIN_FILENO) ::close(fd_);
}

std::string_view Input::read() {
  const double began_s = monotonic_s();
  const long count = read_some(fd_, buffer_, name_);
  waited_s_ += monotonic_s() - began_s;
  stopped_ = count < 0;
  if (count <= 0) return {};
  const std::string_view bytes(buffer_.data(), static_cast<size_t>(count));
  if (hash_) hash_->add(bytes);
  read_ += static_cast<double>(count);
  return bytes;
}

std::optional<double> Input::share_read() const {
  if (!size_) return std::nullopt;
  return *size_ > 0.0 ? std::min(1.0, read_ / *size_) : 1.0;
}

}  // namespace auralis
