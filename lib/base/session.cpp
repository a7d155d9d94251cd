// SPDX-License-Identifier: MIT
#include "base/session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/error.h"

namespace auralis {
namespace {

void make_private(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error(Exit::environment,
                "cannot make the session folder " + folder.string() + ": " + std::strerror(errno));
  }
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != ::getuid()) {
    throw Error(Exit::environment, "the session folder " + folder.string() +
                                       " is not a folder of this user; set XDG_RUNTIME_DIR");
  }
  if ((info.st_mode & 077) != 0) ::chmod(folder.c_str(), 0700);
}

std::optional<std::string> runtime_folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && *runtime != '\0' ? std::optional<std::string>(runtime) : std::nullopt;
}

}  // namespace

std::filesystem::path session_path(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= 64 && name[0] != '.' &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
                     });
  if (!plain)
    throw Error(Exit::usage, "session is \"" + name + "\", expected letters, digits, '.', '_' or '-'");
  const std::optional<std::string> runtime = runtime_folder();
  const std::filesystem::path base = runtime.value_or("/tmp/auralis-" + std::to_string(::getuid()));
  return base / "auralis" / name;
}

std::filesystem::path open_session(const std::string& name) {
  std::filesystem::path folder = session_path(name);
  const std::filesystem::path base = folder.parent_path().parent_path();
  if (!runtime_folder() || !std::filesystem::exists(base)) make_private(base);
  make_private(folder.parent_path());
  make_private(folder);
  return folder;
}

}  // namespace auralis
