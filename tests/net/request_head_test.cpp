// SPDX-License-Identifier: MIT
#include "net/request_head.h"

#include <doctest/doctest.h>

#include <string>

namespace auralis {
namespace {

constexpr size_t largest = 16384;

HttpRequest request_of(const std::string& head) {
  const auto read = read_head(head, largest);
  REQUIRE(read);
  REQUIRE(std::holds_alternative<HttpRequest>(read->request));
  return std::get<HttpRequest>(read->request);
}

// 0: more has to come; 200: a request.
int status_of(const std::string& begun, size_t most = largest) {
  const auto read = read_head(begun, most);
  if (!read) return 0;
  const auto* refusal = std::get_if<Refusal>(&read->request);
  return refusal == nullptr ? 200 : refusal->status;
}

std::string field_of(const std::string& head) {
  const auto read = read_head(head, largest);
  REQUIRE(read);
  return std::get<Refusal>(read->request).field;
}

const std::string handshake =
    "GET /ws/stream?codec=pcm&a+b=%20c%3D HTTP/1.1\r\nHost: a:80\r\nCookie: x\r\nUpgrade:  WebSocket "
    "\r\nConnection: "
    "keep-alive\r\nConnection: Upgrade\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n";

}  // namespace

TEST_CASE("A request is read when its head is whole, not before, and what follows is left") {
  for (size_t size = 0; size < handshake.size(); ++size) {
    CAPTURE(size);
    CHECK(status_of(handshake.substr(0, size)) == 0);
  }
  const auto read = read_head(handshake + "more", largest);
  REQUIRE(read);
  CHECK(read->bytes == handshake.size());
  const HttpRequest request = request_of(handshake);
  CHECK(request.method == "GET");
  CHECK(request.path == "/ws/stream");
  CHECK(request.query == std::map<std::string, std::string>{{"codec", "pcm"}, {"a b", " c="}});
  CHECK(request.host == "a:80");
  CHECK(lists(request.upgrade, "websocket"));
  CHECK(lists(request.connection, "upgrade"));
  CHECK(request.socket_key == "k");
  CHECK(request.socket_version == "13");
  CHECK_FALSE(request.content_length);
  CHECK(request.keep_alive);
}

TEST_CASE("Empty lines before a request are passed over") {
  const auto read = read_head("\r\n\r\n\r\n" + handshake, largest);
  REQUIRE(read);
  CHECK(read->bytes == handshake.size() + 6);
  CHECK(status_of("\r\n\r\n") == 0);
}

TEST_CASE("An address is a path whose escapes can be decoded") {
  for (const char* target : {"/%zz", "/a?b=%4", "/a?%", "/%00", "elsewhere", "*", "http:///health",
                             "http://?b", "ftp://a/b", "a:80"}) {
    CAPTURE(target);
    CHECK(status_of(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  }
  const HttpRequest request = request_of("GET /caf%C3%A9&;?%20=%25&&c HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(request.path == "/caf\xC3\xA9&;");
  CHECK(request.target == "/caf%C3%A9&;?%20=%25&&c");
  CHECK(request.query == std::map<std::string, std::string>{{" ", "%"}, {"", ""}, {"c", ""}});
  const HttpRequest without_path = request_of("GET http://b?c HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(without_path.host == "b");
  CHECK(without_path.target == "/?c");
  CHECK(request_of("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path == "*");
}

TEST_CASE(
    "A request for HTTP/1.1 has one host; an older one may have none and is not kept waiting for another") {
  CHECK(field_of("GET / HTTP/1.1\r\n\r\n") == "Host");
  CHECK(field_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == "Host");
  CHECK_FALSE(request_of("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK_FALSE(request_of("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keep_alive);
}

TEST_CASE("A length is a number, and one") {
  const auto head = [](const std::string& fields) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  };
  CHECK(request_of(head("Content-Length: 12\r\n")).content_length == 12U);
  CHECK(request_of(head("Content-Length: 999999999999999\r\n")).content_length == 999999999999999U);
  CHECK(request_of(head("Content-Length: 0\r\n")).content_length == 0U);
  CHECK(request_of(head("Transfer-Encoding: chunked\r\n")).chunked);
  CHECK(request_of(head("Expect: 100-continue\r\nContent-Length: 3\r\n")).awaits_go_ahead);
  for (const char* wrong : {"chunked\r\nTransfer-Encoding: chunked", "chunked\r\nContent-Length: 3"}) {
    CAPTURE(wrong);
    CHECK(status_of(head("Transfer-Encoding: " + std::string(wrong) + "\r\n")) == 400);
  }
  for (const char* wrong : {"-5", "99999999999999999999999", "5\r\nContent-Length: 6", "x", ""}) {
    CAPTURE(wrong);
    CHECK(field_of(head("Content-Length: " + std::string(wrong) + "\r\n")) == "Content-Length");
  }
}

TEST_CASE("What no request begins with is refused at once, the rest when its head is whole") {
  CHECK(status_of(std::string(1, '\0')) == 400);
  CHECK(status_of("\x16\x03\x01\x02") == 400);
  CHECK(status_of("{") == 400);
  CHECK(status_of("GET / HTTP/1.1\nHost: a\n\n") == 400);
  CHECK(status_of("GET\r\n") == 0);
  for (const char* head :
       {"GET\r\n\r\n", "nonsense\r\n\r\n", "BREW / HTCPCP/1.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: y\nZ: w\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\rZ: w\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n", "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        "GET / HTTP/0.9\r\nHost: a\r\n\r\n"}) {
    CAPTURE(head);
    CHECK(status_of(head) == 400);
  }
}

TEST_CASE("A head may be as long as is allowed, its body longer, and one byte more is 431") {
  const auto head_of = [](size_t size) {
    const std::string begun = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    return begun + std::string(size - begun.size(), 'y');
  };
  CHECK(status_of(head_of(100) + "\r\n\r\n" + std::string(1000, 'b'), 100) == 200);
  CHECK(status_of(head_of(100) + "\r\n\r", 100) == 0);
  CHECK(status_of(head_of(101) + "\r\n\r\n", 100) == 431);
  CHECK(status_of(head_of(1000), 100) == 431);
}

TEST_CASE("A connection's requests and bodies are read one after the other, in whatever pieces they come") {
  RequestReader reader(largest);
  const std::string post = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
  for (const char byte : post + "\r\n" + handshake + "frames") reader.add({&byte, 1});
  const auto first = reader.take_head();
  REQUIRE(first);
  CHECK(std::get<HttpRequest>(first->request).path == "/x");
  CHECK_FALSE(reader.take_body(1000));
  CHECK(reader.take_body(4) == "body");
  const auto second = reader.take_head();
  REQUIRE(second);
  CHECK(std::get<HttpRequest>(second->request).path == "/ws/stream");
  CHECK_FALSE(reader.is_idle());
  CHECK(reader.take_rest() == "frames");
  CHECK(reader.empty());
  reader.add("\r\n");
  CHECK(reader.is_idle());
  CHECK_FALSE(reader.empty());
}

}  // namespace auralis
