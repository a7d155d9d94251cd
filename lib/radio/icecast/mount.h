// SPDX-License-Identifier: MIT
// A mount of an Icecast server, as an address: http://USER:PASSWORD@HOST:PORT/NAME.opus
//   user       source, where there is none
//   password   the one beside the address, where there is none in it
//   codec      Opus; MP3 where the name ends in .mp3; ?codec=opus or ?codec=mp3 says otherwise
//   errors     Error{usage}
#pragma once

#include <cstdint>
#include <string>

namespace auralis {

enum class MountCodec { opus, mp3 };

struct Mount {
  bool tls = false;
  std::string user = "source";
  std::string password;
  std::string host;
  uint16_t port = 8000;
  std::string path;  // begins with a slash
  MountCodec codec = MountCodec::opus;
};

Mount parse_mount(const std::string& address, const std::string& password = {});
// Without user and password.
std::string shown_mount(const Mount& mount);

}  // namespace auralis
