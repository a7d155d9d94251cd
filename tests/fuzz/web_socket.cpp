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

struct Heard {
  std::vector<std::string> messages;
  int broken = 0;
  bool closed = false;
};

Heard hear(std::string_view bytes, size_t size) {
  WebSocket socket(largest_message);
  Heard heard;
  for (const std::string_view piece : fuzz::in_pieces(bytes, size)) {
    for (const WebSocket::Message& message : socket.receive(piece)) {
      AURALIS_CLAIM(message.data.size() <= largest_message);
      heard.messages.push_back((message.is_text ? "text " : "binary ") + message.data);
    }
    AURALIS_CLAIM(socket.take_replies().size() <= 2 * std::min(size, bytes.size()) + 256);
  }
  heard.broken = socket.broken().value_or(0);
  heard.closed = socket.closed_by_peer();
  return heard;
}

}  // namespace

AURALIS_FUZZ_TARGET(web_socket) {
  const Heard whole = hear(bytes, fuzz::most_at_once);
  const Heard pieced = hear(bytes, fuzz::small_size(bytes));
  AURALIS_CLAIM(whole.messages == pieced.messages);
  // wslay does not look at the first two bytes of each piece of a close's reason: those who close with a reason that is
  // not UTF-8 may or may not be told so.
  const auto complains = [](const Heard& heard) { return heard.broken == not_utf8; };
  AURALIS_CLAIM((whole.broken == pieced.broken && whole.closed == pieced.closed) || complains(whole) ||
                complains(pieced));
}

}  // namespace auralis
