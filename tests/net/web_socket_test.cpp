// SPDX-License-Identifier: MIT
#include "net/web_socket.h"

#include <doctest/doctest.h>

#include <string>

namespace auralis {
namespace {

constexpr size_t largest = 16384;
constexpr unsigned char fin = 0x80;

// A client's frame: masked, its length in the shortest form.
std::string frame(unsigned char first, const std::string& payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xFF);
  }
  const std::string mask = "\x12\x34\x56\x78";
  out += mask;
  for (size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

// What is heard of these bytes, in pieces of so many, up to the code of the close that they earn.
struct Heard {
  std::vector<std::string> messages;
  std::string replies;
  int broken = 0;
  bool closed = false;
};

Heard hear(const std::string& bytes, size_t piece) {
  WebSocket socket(largest);
  Heard heard;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    for (WebSocket::Message& message : socket.receive(std::string_view(bytes).substr(at, piece)))
      heard.messages.push_back((message.is_text ? "text " : "binary ") + message.data);
    heard.replies += socket.take_replies();
  }
  heard.broken = socket.broken().value_or(0);
  heard.closed = socket.closed_by_peer();
  return heard;
}

}  // namespace

TEST_CASE("A handshake is answered as in RFC 6455, section 1.3") {
  CHECK(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("A server's frame is whole, not masked, and its length has the shortest form") {
  CHECK(web_socket_frame(FrameKind::text, "Hello") == std::string("\x81\x05Hello"));
  CHECK(web_socket_frame(FrameKind::ping, "") == std::string("\x89\0", 2));
  CHECK(web_socket_frame(FrameKind::binary, std::string(126, 'x')) ==
        "\x82\x7E" + std::string("\0\x7E", 2) + std::string(126, 'x'));
  const std::string large(70000, 'x');
  CHECK(web_socket_frame(FrameKind::binary, large) ==
        std::string("\x82\x7F\0\0\0\0\0\x01\x11\x70", 10) + large);
  CHECK(web_socket_close({1009, "too much"}) == std::string("\x88\x0A\x03\xF1too much"));
}

TEST_CASE(
    "Messages are heard whole, whichever frames and pieces they come in, and pings are answered between "
    "them") {
  const std::string text = frame(0x01, "one ") + frame(fin | 0x09, "p") + frame(0x00, "") +
                           frame(fin | 0x00, "message") + frame(fin | 0x02, std::string(300, '\xff')) +
                           frame(fin | 0x0A, "unasked") + frame(fin | 0x01, "");
  for (size_t piece : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, text.size()}) {
    CAPTURE(piece);
    const Heard heard = hear(text, piece);
    CHECK(heard.messages ==
          std::vector<std::string>{"text one message", "binary " + std::string(300, '\xff'), "text "});
    CHECK(heard.replies == std::string("\x8A\x01p"));
    CHECK(heard.broken == 0);
  }
}

TEST_CASE("A close is answered with the same code, and nothing is heard after it") {
  const Heard heard = hear(frame(fin | 0x08,
                                 "\x03\xE8"
                                 "bye") +
                               frame(fin | 0x01, "late"),
                           1000);
  CHECK(heard.closed);
  CHECK(heard.messages.empty());
  CHECK(heard.replies == std::string("\x88\x05\x03\xE8"
                                     "bye"));
}

TEST_CASE("Frames that break the protocol earn their code, and what came before them was heard") {
  const std::string good = frame(fin | 0x01, "good");
  const std::string long_ping = frame(fin | 0x09, std::string(126, 'x'));
  struct Case {
    const char* name;
    std::string frames;
    int code;
  };
  for (const Case& one : std::vector<Case>{
           {"not masked", std::string("\x81\x02hi"), 1002},
           {"ping that is not masked", std::string("\x89\0", 2), 1002},
           {"reserved opcode", frame(fin | 0x03, ""), 1002},
           {"reserved control opcode", frame(fin | 0x0B, ""), 1002},
           {"reserved bit", frame(fin | 0x41, "x"), 1002},
           {"continuation of nothing", frame(fin | 0x00, "x"), 1002},
           {"a message within another", frame(0x01, "a") + frame(fin | 0x01, "b"), 1002},
           {"ping in parts", frame(0x09, "x"), 1002},
           {"ping that is too long", long_ping, 1002},
           {"length in too long a form", std::string("\x81\xFE\0\x05\0\0\0\0hello", 13), 1002},
           {"absurd length", "\x82\xFF" + std::string(12, '\xFF'), 1002},
           {"close with half a code", frame(fin | 0x08, "\x03"), 1002},
           {"close with a code that is none", frame(fin | 0x08, "\x03\xED"), 1002},
           {"not UTF-8", frame(fin | 0x01, "\xFF\xFE"), 1007},
           {"half a character", frame(fin | 0x01, "\xC3"), 1007},
           {"one byte too many", frame(fin | 0x01, std::string(largest + 1, 'x')), 1009},
           {"too many in parts", frame(0x01, std::string(largest, 'x')) + frame(fin | 0x00, "x"), 1009},
       }) {
    for (size_t piece : {size_t{1}, size_t{1000000}}) {
      CAPTURE(one.name);
      CAPTURE(piece);
      const Heard heard = hear(good + one.frames + good, piece);
      CHECK(heard.broken == one.code);
      CHECK(heard.messages == std::vector<std::string>{"text good"});
      CHECK(heard.replies == "");  // the close is said with a reason, by who knows it
    }
  }
  CHECK(hear(frame(fin | 0x01, std::string(largest, 'x')), 1000).broken == 0);
  CHECK(hear(frame(0x01, std::string(largest - 1, 'x')) + frame(fin | 0x00, "x"), 1000).messages.size() == 1);
}

}  // namespace auralis
