// SPDX-License-Identifier: MIT
// WebSocket frames of a listener: auralis-serve. Whichever pieces they come in, they say the same.
#include "net/web_socket.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/harness/target.h"

namespace auralis {
namespace {

constexpr size_t largest_message = 1024;  // smaller than the server's, so that the fuzzer gets beyond it
constexpr size_t most_at_once = 8192;     // of a connection

struct Heard {
  std::vector<std::string> messages;
  int broken = 0;
  bool closed = false;
};

Heard hear(std::string_view bytes, size_t piece) {
  WebSocket socket(largest_message);
  Heard heard;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    for (const WebSocket::Message& message : socket.receive(bytes.substr(at, piece))) {
      AURALIS_CLAIM(message.data.size() <= largest_message);
      heard.messages.push_back((message.is_text ? "text " : "binary ") + message.data);
    }
    AURALIS_CLAIM(socket.take_replies().size() <= 2 * std::min(piece, bytes.size()) + 256);
  }
  heard.broken = socket.broken().value_or(0);
  heard.closed = socket.closed_by_peer();
  return heard;
}

}  // namespace

AURALIS_FUZZ_TARGET(web_socket) {
  const size_t piece = bytes.empty() ? 1 : 1 + static_cast<unsigned char>(bytes.back()) % 64;
  const Heard whole = hear(bytes, most_at_once);
  const Heard pieced = hear(bytes, piece);
  AURALIS_CLAIM(whole.messages == pieced.messages);
  // wslay does not look at the first two bytes of each piece of a close's reason: those who close with a reason that is
  // not UTF-8 may or may not be told so.
  const auto complains = [](const Heard& heard) { return heard.broken == not_utf8; };
  AURALIS_CLAIM((whole.broken == pieced.broken && whole.closed == pieced.closed) || complains(whole) ||
                complains(pieced));
}

}  // namespace auralis
