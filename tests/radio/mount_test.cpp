// SPDX-License-Identifier: MIT
#include "radio/icecast/mount.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace auralis {

TEST_CASE("An address of a mount is taken apart, and shown without its password") {
  const Mount mount = parse_mount("http://dj:s:e@cret@radio.example.org:8001/night/live.opus");
  CHECK(mount.user == "dj");
  CHECK(mount.password == "s:e@cret");
  CHECK(mount.host == "radio.example.org");
  CHECK(mount.port == 8001);
  CHECK(mount.path == "/night/live.opus");
  CHECK(mount.codec == MountCodec::opus);
  CHECK_FALSE(mount.tls);
  CHECK(shown_mount(mount) == "http://radio.example.org:8001/night/live.opus");
  const Mount secure = parse_mount("https://:pw@[2001:db8::1]/live");
  CHECK(secure.tls);
  CHECK(secure.port == 443);
  CHECK(secure.host == "2001:db8::1");
  CHECK(shown_mount(secure) == "https://[2001:db8::1]:443/live");
}

TEST_CASE("The codec is what the mount's name says, or what is asked for behind it") {
  const auto codec = [](const std::string& mount) {
    return parse_mount("icecast://a:b@host/" + mount).codec;
  };
  CHECK(codec("live") == MountCodec::opus);
  CHECK(codec("live.ogg") == MountCodec::opus);
  CHECK(codec("live.mp3?codec=opus") == MountCodec::opus);
#ifdef AURALIS_MP3
  CHECK(codec("live.mp3") == MountCodec::mp3);
  CHECK(codec("live?codec=mp3") == MountCodec::mp3);
#endif
}

TEST_CASE("What is no mount is refused with what was expected") {
  for (const char* address :
       {"radio.example.org/live", "ftp://a:b@host/live", "http://a:b@host", "http://a:b@host/",
        "http://a:b@:80/x", "http://a:b@host:0/x", "http://a:b@host:99999/x", "http://host/live.opus",
        "http://a:b@host/live.aac", "http://a:b@host/live?codec=flac"}) {
    CAPTURE(address);
    CHECK_THROWS_AS(parse_mount(address), Error);
  }
}

TEST_CASE("A mount without a password has the one that is given beside it") {
  for (const char* address : {"http://host/live.opus", "http://dj:@host/live.opus"})
    CHECK(parse_mount(address, "hidden").password == "hidden");
  CHECK(parse_mount("http://dj:own@host/live.opus", "hidden").password == "own");
}

}  // namespace auralis
