// SPDX-License-Identifier: MIT
#include "serve/private_session.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "base/error.h"
#include "base/session.h"

namespace auralis {
namespace {

constexpr const char* lock_name = "private.lock";

// −1 where there is none, or somebody holds it.
int hold(const std::filesystem::path& folder, int flags) {
  const int fd = ::open((folder / lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  if (fd < 0) return fd;
  // One that was swept away meanwhile has no name any more.
  struct stat info {};
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::fstat(fd, &info) == 0 && info.st_nlink > 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

PrivateSession::PrivateSession(const std::string& name)
    : path_(open_session(name)), lock_(hold(path_, O_CREAT)) {
  if (lock_ < 0)
    throw Error(Exit::environment,
                "cannot hold " + (path_ / lock_name).string() + ", expected that no other server does");
}

PrivateSession::~PrivateSession() {
  std::error_code none;
  std::filesystem::remove_all(path_, none);
  ::close(lock_);
}

void sweep_private_sessions() {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(session_path("any").parent_path(), none)) {
    if (!entry.path().filename().string().starts_with(private_prefix)) continue;
    const int lock = hold(entry.path(), 0);
    if (lock < 0) continue;
    std::filesystem::remove_all(entry.path(), none);
    ::close(lock);
  }
}

}  // namespace auralis
