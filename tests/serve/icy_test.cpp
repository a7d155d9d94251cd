// SPDX-License-Identifier: MIT
#include "serve/icy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

namespace auralis {
namespace {

// The stream as a player takes it apart: what sounds, and the titles in the order in which they came.
struct Heard {
  std::string sound;
  std::vector<std::string> titles;
};

Heard heard(std::string_view stream) {
  Heard all;
  while (stream.size() >= icy_interval) {
    all.sound += stream.substr(0, icy_interval);
    stream.remove_prefix(icy_interval);
    if (stream.empty()) break;
    const size_t bytes = 16 * static_cast<size_t>(static_cast<unsigned char>(stream[0]));
    const std::string_view block = stream.substr(1, bytes);
    if (bytes > 0) {
      REQUIRE(block.starts_with("StreamTitle='"));
      const size_t end = block.find("';");
      REQUIRE(end != std::string_view::npos);
      CHECK(block.substr(end + 2).find_first_not_of('\0') == std::string_view::npos);
      all.titles.emplace_back(block.substr(13, end - 13));
    }
    stream.remove_prefix(1 + bytes);
  }
  all.sound += stream;
  return all;
}

std::string some_sound(size_t bytes) {
  std::string sound(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) sound[i] = static_cast<char>(i * 7 + i / 251);
  return sound;
}

}  // namespace

TEST_CASE("Without its blocks the stream is what it was, however it is cut into packets") {
  const std::string sound = some_sound(5 * icy_interval + 123);
  for (const size_t packet : {size_t{1}, size_t{417}, icy_interval, 3 * icy_interval + 1, sound.size()}) {
    CAPTURE(packet);
    IcyBlocks blocks;
    std::string stream;
    for (size_t at = 0; at < sound.size(); at += packet)
      stream += blocks.with_blocks(std::string_view(sound).substr(at, packet), "focus, Dm9");
    const Heard back = heard(stream);
    CHECK(back.sound == sound);
    CHECK(back.titles == std::vector<std::string>{"focus, Dm9"});
  }
}

TEST_CASE("A title comes once, when it is new") {
  IcyBlocks blocks;
  std::string stream;
  for (const char* title : {"one", "one", "two", "two", "one"})
    stream += blocks.with_blocks(some_sound(icy_interval), title);
  CHECK(heard(stream).titles == std::vector<std::string>{"one", "two", "one"});
}

TEST_CASE("No title ends its own block early or makes it longer than it may be") {
  for (const std::string& title : {std::string("it's'; StreamUrl='http://x"), std::string(10000, 'a'),
                                   std::string("\u00e9") + std::string(5000, 'b')}) {
    IcyBlocks blocks;
    const Heard back = heard(blocks.with_blocks(some_sound(icy_interval + 10), title));
    CHECK(back.sound == some_sound(icy_interval + 10));
    REQUIRE(back.titles.size() == 1);
    CHECK(back.titles[0].size() == std::min<size_t>(title.size(), 255 * 16 - 15));
  }
}

TEST_CASE("The headers carry what there is of name, genre and description") {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  CHECK(icy_headers({"Night", "Drone", ""}, false) == Headers{{"icy-name", "Night"}, {"icy-genre", "Drone"}});
  CHECK(icy_headers({"", "", "All of it"}, true) ==
        Headers{{"icy-description", "All of it"}, {"icy-metaint", std::to_string(icy_interval)}});
}

TEST_CASE("What no block falls into leaves as it is, and is counted") {
  IcyBlocks blocks;
  CHECK(blocks.pass(icy_interval - 1));
  CHECK_FALSE(blocks.pass(1));
  CHECK(blocks.with_blocks("x", "Night") ==
        "x" + IcyBlocks().with_blocks(some_sound(icy_interval), "Night").substr(icy_interval));
  CHECK(blocks.pass(icy_interval - 1));
}

}  // namespace auralis
