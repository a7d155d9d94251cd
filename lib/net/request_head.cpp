// SPDX-License-Identifier: MIT
#include "net/request_head.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <cctype>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace auralis {
namespace {

namespace beast = boost::beast::http;

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

HttpResponse bad_request(const std::string& message, const std::string& field = {}) {
  return http_error(400, "bad_request", message, field);
}

// RFC 9110, section 5.6.2: what a method is made of.
bool is_token_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// RFC 3986, section 2.1; nullopt and the escape at fault where it is none.
std::optional<std::string> decode(std::string_view text, std::string& fault) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const std::string_view escape = text.substr(at, 3);
    const char* end = escape.data() + escape.size();
    uint8_t byte = 0;
    if (escape.size() < 3 || std::from_chars(escape.data() + 1, end, byte, 16).ptr != end || byte == 0) {
      fault = escape;
      return std::nullopt;
    }
    out += static_cast<char>(byte);
    at += 2;
  }
  return out;
}

std::optional<HttpResponse> read_target(std::string_view target, HttpRequest& request) {
  // RFC 9112, section 3.2.2: as it is asked of a proxy.
  const std::string whole(target);
  std::string rooted;
  for (const std::string_view scheme : {"http://", "https://"}) {
    const std::string_view begun = target.substr(0, scheme.size());
    if (!boost::beast::iequals({begun.data(), begun.size()}, {scheme.data(), scheme.size()})) continue;
    target.remove_prefix(scheme.size());
    request.host = target.substr(0, target.find_first_of("/?"));
    target.remove_prefix(request.host.size());
    if (!target.starts_with('/')) target = rooted = std::string("/").append(target);
    if (request.host.empty()) target = {};
    break;
  }
  const bool is_of_the_server = target == "*" && request.method == "OPTIONS";
  if (!target.starts_with('/') && !is_of_the_server)
    return bad_request("the address is " + whole + ", expected a path such as /health");
  request.target = target;
  std::string fault;
  const auto decoded = [&fault](std::string_view text) { return decode(text, fault).value_or(""); };
  const size_t question = std::min(target.find('?'), target.size());
  request.path = decoded(target.substr(0, question));
  std::string query(target.substr(std::min(question + 1, target.size())));
  std::replace(query.begin(), query.end(), '+', ' ');
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view argument = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(argument.size() + 1, rest.size()));
    const size_t equals = std::min(argument.find('='), argument.size());
    std::string name = decoded(argument.substr(0, equals));
    request.query[std::move(name)] = decoded(argument.substr(std::min(equals + 1, argument.size())));
  }
  if (fault.empty()) return std::nullopt;
  return bad_request("the address has \"" + fault +
                     "\", expected two hexadecimal digits after %, not both 0");
}

std::variant<HttpRequest, HttpResponse> parse(std::string_view head) {
  beast::request_parser<beast::empty_body> parser;
  parser.header_limit(std::numeric_limits<uint32_t>::max());  // it has been measured
  parser.body_limit(std::numeric_limits<uint64_t>::max());    // it is not read here
  boost::system::error_code error;
  parser.put(boost::asio::buffer(head), error);
  // Nothing but the head is given; of a body that would follow it only says that there is more to come.
  if (error && !parser.is_header_done()) {
    if (error == beast::error::bad_content_length)
      return bad_request("expected one length, in digits, and no Transfer-Encoding beside it",
                         "Content-Length");
    if (error == beast::error::bad_transfer_encoding)
      return bad_request("expected one Transfer-Encoding, and no Content-Length beside it",
                         "Transfer-Encoding");
    return bad_request("expected an HTTP/1.1 request: " + error.message());
  }
  const auto& fields = parser.get();
  const auto all = [&fields](beast::field name) {
    std::string joined;
    const auto [first, last] = fields.equal_range(name);
    for (auto field = first; field != last; ++field) {
      if (field != first) joined += ", ";
      joined += std::string_view(field->value().data(), field->value().size());
    }
    return joined;
  };

  HttpRequest request;
  request.method = std::string(fields.method_string().data(), fields.method_string().size());
  if (std::optional<HttpResponse> refusal =
          read_target({fields.target().data(), fields.target().size()}, request)) {
    return std::move(*refusal);
  }
  const size_t hosts = fields.count(beast::field::host);
  if (hosts > 1 || (hosts == 0 && fields.version() >= 11))
    return bad_request("expected a Host header, and one", "Host");
  if (request.host.empty()) request.host = all(beast::field::host);
  request.origin = all(beast::field::origin);
  request.authorization = all(beast::field::authorization);
  request.if_none_match = all(beast::field::if_none_match);
  request.connection = all(beast::field::connection);
  request.subprotocols = all(beast::field::sec_websocket_protocol);
  request.socket_key = all(beast::field::sec_websocket_key);
  request.socket_version = all(beast::field::sec_websocket_version);
  request.chunked = fields.count(beast::field::transfer_encoding) > 0;
  if (fields.count(beast::field::content_length) > 0 && parser.content_length())
    request.content_length = *parser.content_length();
  if (fields.version() >= 11) {  // HTTP/1.0 knows none of these
    request.upgrade = all(beast::field::upgrade);
    request.keep_alive = parser.keep_alive();
    request.awaits_go_ahead = lists(all(beast::field::expect), "100-continue");
  }
  return request;
}

}  // namespace

std::optional<RequestHead> read_head(std::string_view begun, size_t largest) {
  // RFC 9112, section 2.2: an empty line before a request is passed over.
  const size_t start = std::min(begun.find_first_not_of(line_end), begun.size());
  const std::string_view head = begun.substr(start, largest + head_end.size());
  const size_t end = head.find(head_end);
  if (end != head.npos && end <= largest) {
    const size_t bytes = end + head_end.size();
    return RequestHead{start + bytes, parse(head.substr(0, bytes))};
  }
  const auto refusal = [&begun](HttpResponse response) {
    return RequestHead{begun.size(), std::move(response)};
  };
  if (begun.size() > largest + head_end.size()) {
    return refusal(http_error(431, "head_too_large",
                              "expected at most " + std::to_string(largest) +
                                  " bytes of address and headers; this host may have set too many cookies"));
  }
  if (!head.empty() && !is_token_character(head.front()))
    return refusal(bad_request("expected an HTTP/1.1 request, which begins with a method such as GET"));
  if (const size_t line = head.find('\n'); line != head.npos && head[line - 1] != '\r')
    return refusal(bad_request("expected an HTTP/1.1 request, whose lines end with CR LF"));
  return std::nullopt;
}

bool lists(std::string_view list, std::string_view wanted) {
  return beast::token_list({list.data(), list.size()}).exists({wanted.data(), wanted.size()});
}

bool lists_exactly(std::string_view list, std::string_view wanted) {
  const beast::token_list members({list.data(), list.size()});
  return std::any_of(members.begin(), members.end(), [&wanted](const auto& member) {
    return std::string_view(member.data(), member.size()) == wanted;
  });
}

}  // namespace auralis
