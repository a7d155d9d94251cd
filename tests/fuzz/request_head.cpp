// SPDX-License-Identifier: MIT
// Requests of a connection, one after the other: auralis-serve. Whichever pieces they come in, they are the same. What proxies
// say in them of the client becomes an address and a host, or nothing.
#include "net/request_head.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/harness/target.h"
#include "net/proxies.h"
#include "net/web_address.h"

namespace auralis {
namespace {

constexpr size_t largest_head = 2048;  // smaller than the server's, so that the fuzzer gets beyond it
constexpr size_t largest_body = 1024;

std::string summary(const HttpRequest& request) {
  std::string all = request.method + ' ' + request.target + ' ' + request.path + ' ' + request.host + ' ' +
                    request.connection + ' ' + request.upgrade + ' ' + request.socket_key;
  for (const auto& [name, value] : request.query) all += ' ' + name + '=' + value;
  return all;
}

void check_sender(const HttpRequest& request) {
  static const Proxies proxies({*AddressRange::parse("127.0.0.0/8"), *AddressRange::parse("fd00::/8")});
  const Sender sender = proxies.sender_of(request, "127.0.0.1", false);
  AURALIS_CLAIM(parse_address(sender.address));
  AURALIS_CLAIM(sender.host == request.host || (sender.believed && !host_name(sender.host).empty()));
  const Sender stranger = proxies.sender_of(request, "192.0.2.7", false);
  AURALIS_CLAIM(stranger.address == "192.0.2.7" && stranger.host == request.host && !stranger.believed);
  if (const auto page = parse_web_address(request.origin)) {
    const auto again = parse_web_address(page->text());
    AURALIS_CLAIM(again && again->text() == page->text());
  }
}

// What a connection hears of these bytes, to the first refusal.
std::vector<std::string> hear(std::string_view bytes, size_t size) {
  std::vector<std::string> heard;
  RequestReader reader(largest_head);
  size_t body = 0;  // the length of the one that comes
  for (const std::string_view piece : fuzz::in_pieces(bytes, size)) {
    reader.add(piece);
    while (true) {
      if (body > 0) {
        const auto whole = reader.take_body(body);
        if (!whole) break;
        heard.push_back("body " + *whole);
        body = 0;
      }
      const auto head = reader.take_head();
      if (!head) break;
      if (const auto* refusal = std::get_if<Refusal>(&head->request)) {
        AURALIS_CLAIM(refusal->status >= 400 && refusal->status < 500);
        heard.push_back("refused " + std::to_string(refusal->status));
        return heard;
      }
      const auto& request = std::get<HttpRequest>(head->request);
      AURALIS_CLAIM(request.path.starts_with('/') || request.path == "*");
      AURALIS_CLAIM(request.path.find('\0') == std::string::npos);
      AURALIS_CLAIM(request.host.find_first_of("\r\n") == std::string::npos);
      check_sender(request);
      heard.push_back(summary(request));
      if (request.content_length.value_or(0) > largest_body) return heard;
      if (request.has_body()) body = request.content_length.value_or(0);
    }
  }
  return heard;
}

}  // namespace

AURALIS_FUZZ_TARGET(request_head) {
  // A head that is refused before its end is refused with the code that is certain by then.
  const auto whole = hear(bytes, fuzz::most_at_once);
  const auto pieced = hear(bytes, fuzz::small_size(bytes));
  AURALIS_CLAIM(whole.size() == pieced.size());
  for (size_t i = 0; i < whole.size(); ++i)
    AURALIS_CLAIM(whole[i] == pieced[i] ||
                  (whole[i].starts_with("refused") && pieced[i].starts_with("refused")));
}

}  // namespace auralis
