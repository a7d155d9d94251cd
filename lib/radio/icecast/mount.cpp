// SPDX-License-Identifier: MIT
#include "radio/icecast/mount.h"

#include <charconv>
#include <string_view>

#include "base/error.h"

namespace auralis {
namespace {

#ifdef AURALIS_MP3
constexpr bool has_mp3 = true;
#else
constexpr bool has_mp3 = false;
#endif

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Exit::usage, what + ", expected http://USER:PASSWORD@HOST:PORT/NAME.opus, or https, or .mp3");
}

// The text in front of the separator, which goes, too; all of it where there is none.
std::string_view take_until(std::string_view& text, std::string_view separator) {
  const size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + separator.size());
  return head;
}

MountCodec codec_of(std::string_view path, std::string_view query) {
  std::string_view name =
      path.substr(path.rfind('.') == std::string_view::npos ? path.size() : path.rfind('.') + 1);
  if (query.starts_with("codec=")) name = query.substr(6);
  if (name == "mp3" && !has_mp3) refuse("this build has no MP3 (scripts/setup --radio)");
  if (name == "mp3") return MountCodec::mp3;
  if (name == "aac") refuse("libshout cannot tell a server of AAC");
  if (query.starts_with("codec=") && name != "opus") refuse("codec is neither opus nor mp3");
  return MountCodec::opus;
}

void read_server(std::string_view server, Mount& mount) {
  const bool is_v6 = server.starts_with('[') && server.find(']') != std::string_view::npos;
  std::string_view port = is_v6 ? server.substr(server.find(']') + 1) : server;
  mount.host =
      is_v6 ? std::string(server.substr(1, server.find(']') - 1)) : std::string(take_until(port, ":"));
  if (is_v6 && port.starts_with(':')) port.remove_prefix(1);
  if (mount.host.empty()) refuse("there is no host");
  if (port.empty()) {
    mount.port = mount.tls ? 443 : 8000;
    return;
  }
  const auto [end, status] = std::from_chars(port.data(), port.data() + port.size(), mount.port);
  if (status != std::errc() || end != port.data() + port.size() || mount.port == 0)
    refuse("the port is no number from 1 to 65535");
}

}  // namespace

Mount parse_mount(const std::string& address, const std::string& password) {
  std::string_view rest = address;
  Mount mount;
  if (rest.find("://") == std::string_view::npos) refuse("there is no scheme");
  const std::string_view scheme = take_until(rest, "://");
  mount.tls = scheme == "https";
  if (!mount.tls && scheme != "http" && scheme != "icecast") refuse("the scheme is neither http nor https");
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash + 1 == rest.size()) refuse("there is no mount");
  std::string_view server = rest.substr(0, slash);
  std::string_view query = rest.substr(slash);
  mount.path = take_until(query, "?");
  if (const size_t at = server.rfind('@'); at != std::string_view::npos) {
    std::string_view login = server.substr(0, at);
    mount.user = take_until(login, ":");
    mount.password = login;
    server.remove_prefix(at + 1);
  }
  if (mount.password.empty()) mount.password = password;
  if (mount.password.empty())
    refuse(
        "there is no password: it stands before the server (source:PASSWORD@), in AURALIS_ICECAST_PASSWORD "
        "or, of a list, in icecast-password-file");
  read_server(server, mount);
  mount.codec = codec_of(mount.path, query);
  return mount;
}

std::string shown_mount(const Mount& mount) {
  const bool is_v6 = mount.host.find(':') != std::string::npos;
  return std::string(mount.tls ? "https" : "http") + "://" + (is_v6 ? "[" + mount.host + "]" : mount.host) +
         ":" + std::to_string(mount.port) + mount.path;
}

}  // namespace auralis
