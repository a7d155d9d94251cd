// SPDX-License-Identifier: MIT
#include "base/session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace auralis {
namespace {

std::string mode_text(mode_t mode) {
  std::string digits;
  for (const int shift : {9, 6, 3, 0}) digits += static_cast<char>('0' + ((mode >> shift) & 7));
  return digits;
}

Error not_ours(const std::filesystem::path& folder, const std::string& what) {
  return {Exit::environment,
          folder.string() + " " + what +
              ", expected a folder of this user's that nobody else can write to; set XDG_RUNTIME_DIR"};
}

// A link would lead to where somebody else may change it; only the runtime folder itself may be one.
void check_ours(const std::filesystem::path& folder, bool may_be_link) {
  struct stat info {};
  const int status = may_be_link ? ::stat(folder.c_str(), &info) : ::lstat(folder.c_str(), &info);
  if (status != 0)
    throw Error(Exit::environment,
                "cannot look at the session folder " + folder.string() + ": " + std::strerror(errno));
  if (!S_ISDIR(info.st_mode))
    throw not_ours(folder, S_ISLNK(info.st_mode) ? "is a symbolic link" : "is no folder");
  if (info.st_uid != ::geteuid()) throw not_ours(folder, "belongs to user " + std::to_string(info.st_uid));
  if ((info.st_mode & 022) != 0) throw not_ours(folder, "has mode " + mode_text(info.st_mode & 07777));
}

void make_private(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error(Exit::environment,
                "cannot make the session folder " + folder.string() + ": " + std::strerror(errno));
  }
  // Its owner alone can change its mode: where that fails, the check says whose it is.
  struct stat info {};
  if (::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && (info.st_mode & 077) != 0)
    ::chmod(folder.c_str(), 0700);
  check_ours(folder, false);
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
  std::error_code unknown;
  if (runtime_folder() && std::filesystem::exists(base, unknown)) {
    check_ours(base, true);
  } else {
    make_private(base);
  }
  make_private(folder.parent_path());
  make_private(folder);
  return folder;
}

std::optional<std::filesystem::path> find_session(const std::string& name) {
  std::filesystem::path folder = session_path(name);
  const std::filesystem::path all = folder.parent_path();
  std::error_code unknown;
  if (!std::filesystem::exists(all.parent_path(), unknown)) return std::nullopt;
  check_ours(all.parent_path(), runtime_folder().has_value());
  for (const std::filesystem::path& part : {all, folder}) {
    if (!std::filesystem::exists(std::filesystem::symlink_status(part, unknown))) return std::nullopt;
    check_ours(part, false);
  }
  return folder;
}

}  // namespace auralis
