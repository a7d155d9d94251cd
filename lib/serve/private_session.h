// SPDX-License-Identifier: MIT
// The session folder of a private station, for as long as it plays: made and held by the server, removed with its end.
//   held    by a lock on a file in it, which the kernel lets go when the server is killed; so any server can tell what
//           one that was killed has left, and touches nothing else
//   errors  Error{environment} where the folder cannot be had, or is held
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace auralis {

// Private stations and their sessions are called so, and nothing else may be.
inline constexpr std::string_view private_prefix = "private-";

class PrivateSession {
 public:
  explicit PrivateSession(const std::string& name);
  ~PrivateSession();
  PrivateSession(const PrivateSession&) = delete;
  PrivateSession& operator=(const PrivateSession&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_;
};

// Removes what servers that were killed have left.
void sweep_private_sessions();

}  // namespace auralis
