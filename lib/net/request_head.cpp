// SPDX-License-Identifier: MIT
#include "net/request_head.h"

#include <http_parser.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace auralis {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

Refusal bad_request(const std::string& message, const std::string& field = {}) {
  return {400, "bad_request", message, field};
}

Refusal not_http(const std::string& what) { return bad_request("expected an HTTP/1.1 request" + what); }

Refusal bad_target(std::string_view target) {
  return bad_request("the address is " + std::string(target) + ", expected a path such as /health");
}

Refusal bad_length() {
  return bad_request("expected one length, in digits, and no Transfer-Encoding beside it", "Content-Length");
}

Refusal bad_encoding() {
  return bad_request("expected one Transfer-Encoding, and no Content-Length beside it", "Transfer-Encoding");
}

Refusal head_too_large(size_t largest) {
  return {431, "head_too_large",
          "expected at most " + std::to_string(largest) +
              " bytes of address and headers; this host may have set too many cookies",
          ""};
}

// RFC 9110, section 5.6.2: what methods and the names of headers are made of.
bool is_token_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// What the parser finds, as it finds it: pieces of the target and of names and values.
struct Found {
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  bool in_value = true;
  bool whole = false;
  bool keep_alive = false;

  size_t count(std::string_view name) const {
    return static_cast<size_t>(std::count_if(headers.begin(), headers.end(), [name](const auto& header) {
      return same_letters(header.first, name);
    }));
  }
  // The values of all that have this name, as one list.
  std::string all(std::string_view name) const {
    std::string joined;
    bool first = true;
    for (const auto& [key, value] : headers) {
      if (!same_letters(key, name)) continue;
      joined += (std::exchange(first, false) ? "" : ", ") + value;
    }
    return joined;
  }
};

Found& found_by(http_parser* parser) { return *static_cast<Found*>(parser->data); }

http_parser_settings callbacks() {
  http_parser_settings settings;
  ::http_parser_settings_init(&settings);
  settings.on_url = [](http_parser* parser, const char* at, size_t length) {
    found_by(parser).target.append(at, length);
    return 0;
  };
  settings.on_header_field = [](http_parser* parser, const char* at, size_t length) {
    Found& found = found_by(parser);
    if (std::exchange(found.in_value, false)) found.headers.emplace_back();
    found.headers.back().first.append(at, length);
    return 0;
  };
  settings.on_header_value = [](http_parser* parser, const char* at, size_t length) {
    Found& found = found_by(parser);
    found.in_value = true;
    found.headers.back().second.append(at, length);
    return 0;
  };
  settings.on_headers_complete = [](http_parser* parser) {
    Found& found = found_by(parser);
    found.whole = true;
    found.keep_alive = ::http_should_keep_alive(parser) != 0;
    return 1;  // its body is not read here
  };
  return settings;
}

// RFC 3986, section 2.1; where an escape is none, `fault` is it.
std::string decode(std::string_view text, std::string& fault) {
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
      return {};
    }
    out += static_cast<char>(byte);
    at += 2;
  }
  return out;
}

std::map<std::string, std::string> read_query(std::string query, std::string& fault) {
  std::map<std::string, std::string> arguments;
  std::replace(query.begin(), query.end(), '+', ' ');
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view argument = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(argument.size() + 1, rest.size()));
    const size_t equals = std::min(argument.find('='), argument.size());
    std::string name = decode(argument.substr(0, equals), fault);
    arguments[std::move(name)] = decode(argument.substr(std::min(equals + 1, argument.size())), fault);
  }
  return arguments;
}

std::optional<Refusal> read_target(std::string_view target, HttpRequest& request) {
  // RFC 9112, section 3.2.2: as it is asked of a proxy.
  const std::string whole(target);
  std::string rooted;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_letters(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    request.host = target.substr(0, target.find_first_of("/?"));
    target.remove_prefix(request.host.size());
    if (!target.starts_with('/')) target = rooted = std::string("/").append(target);
    if (request.host.empty()) target = {};
    break;
  }
  const bool is_of_the_server = target == "*" && request.method == "OPTIONS";
  if (!target.starts_with('/') && !is_of_the_server) return bad_target(whole);
  request.target = target;
  std::string fault;
  const size_t question = std::min(target.find('?'), target.size());
  request.path = decode(target.substr(0, question), fault);
  request.query = read_query(std::string(target.substr(std::min(question + 1, target.size()))), fault);
  if (fault.empty()) return std::nullopt;
  return bad_request("the address has \"" + fault +
                     "\", expected two hexadecimal digits after %, not both 0");
}

// A line that continues the one before is obsolete, and read differently by different readers (RFC 9112, section 5.2).
std::optional<Refusal> refuse_lines(std::string_view head) {
  for (size_t at = head.find_first_of("\r\n"); at != head.npos; at = head.find_first_of("\r\n", at + 2)) {
    if (!head.substr(at).starts_with(line_end)) return not_http(", whose lines end with CR LF");
    if (at + 2 < head.size() && (head[at + 2] == ' ' || head[at + 2] == '\t'))
      return not_http(", with each header in one line");
  }
  return std::nullopt;
}

std::optional<Refusal> read_length(const Found& found, HttpRequest& request) {
  request.chunked = found.count("Transfer-Encoding") > 0;
  const size_t lengths = found.count("Content-Length");
  if (found.count("Transfer-Encoding") + lengths > 1) return lengths > 0 ? bad_length() : bad_encoding();
  if (lengths == 0) return std::nullopt;
  const std::string text = found.all("Content-Length");
  uint64_t length = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (status != std::errc() || rest != text.data() + text.size()) return bad_length();
  request.content_length = length;
  return std::nullopt;
}

// Why the parser stopped before the end of the head.
Refusal refusal_of(const http_parser& parser, std::string_view head) {
  const http_errno error = HTTP_PARSER_ERRNO(&parser);
  switch (error) {
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return bad_length();
    case HPE_INVALID_TRANSFER_ENCODING:
      return bad_encoding();
    case HPE_INVALID_URL:
    case HPE_INVALID_HOST:
    case HPE_INVALID_PORT: {
      const std::string_view line = head.substr(0, head.find('\r'));
      const std::string_view rest = line.substr(std::min(line.find(' ') + 1, line.size()));
      return bad_target(rest.substr(0, rest.find(' ')));
    }
    default:
      return not_http(std::string(": ") + ::http_errno_description(error));
  }
}

void read_headers(const Found& found, bool is_http_1_1, HttpRequest& request) {
  if (request.host.empty()) request.host = found.all("Host");
  request.origin = found.all("Origin");
  request.authorization = found.all("Authorization");
  request.if_none_match = found.all("If-None-Match");
  request.connection = found.all("Connection");
  request.subprotocols = found.all("Sec-WebSocket-Protocol");
  request.socket_key = found.all("Sec-WebSocket-Key");
  request.socket_version = found.all("Sec-WebSocket-Version");
  request.forwarded = found.all("Forwarded");
  request.forwarded_for = found.all("X-Forwarded-For");
  request.forwarded_host = found.all("X-Forwarded-Host");
  request.forwarded_proto = found.all("X-Forwarded-Proto");
  request.via = found.all("Via");
  request.icy_metadata = found.all("Icy-MetaData");
  request.content_type = found.all("Content-Type");
  if (!is_http_1_1) return;  // HTTP/1.0 knows none of these
  request.upgrade = found.all("Upgrade");
  request.keep_alive = found.keep_alive;
  request.awaits_go_ahead = lists(found.all("Expect"), "100-continue");
}

std::variant<HttpRequest, Refusal> parse(std::string_view head) {
  if (std::optional<Refusal> refusal = refuse_lines(head)) return std::move(*refusal);
  static const http_parser_settings settings = callbacks();
  Found found;
  http_parser parser;
  ::http_parser_init(&parser, HTTP_REQUEST);
  parser.data = &found;
  ::http_parser_execute(&parser, &settings, head.data(), head.size());
  if (!found.whole) return refusal_of(parser, head);
  const bool is_http_1_1 = parser.http_major == 1 && parser.http_minor == 1;
  if (!is_http_1_1 && !(parser.http_major == 1 && parser.http_minor == 0)) return not_http("");
  for (const auto& [name, value] : found.headers) {
    if (!std::all_of(name.begin(), name.end(), is_token_character))
      return not_http(", whose headers have names of letters, digits and hyphens");
  }

  HttpRequest request;
  request.method = ::http_method_str(static_cast<http_method>(parser.method));
  if (std::optional<Refusal> refusal = read_target(found.target, request)) return std::move(*refusal);
  const size_t hosts = found.count("Host");
  if (hosts > 1 || (hosts == 0 && is_http_1_1)) return bad_request("expected a Host header, and one", "Host");
  if (std::optional<Refusal> refusal = read_length(found, request)) return std::move(*refusal);
  read_headers(found, is_http_1_1, request);
  return request;
}

}  // namespace

std::optional<RequestHead> read_head(std::string_view begun, size_t largest) {
  // RFC 9112, section 2.2: an empty line before a request is passed over.
  const size_t start = std::min(begun.find_first_not_of(line_end), begun.size());
  const std::string_view head = begun.substr(start, largest + head_end.size());
  const bool asks_head_only = head.starts_with("HEAD ");
  const size_t end = head.find(head_end);
  if (end != head.npos && end <= largest) {
    const size_t bytes = end + head_end.size();
    return RequestHead{start + bytes, asks_head_only, parse(head.substr(0, bytes))};
  }
  const auto refuse = [&](Refusal refusal) {
    return RequestHead{begun.size(), asks_head_only, std::move(refusal)};
  };
  if (begun.size() > largest + head_end.size()) return refuse(head_too_large(largest));
  if (!head.empty() && !is_token_character(head.front()))
    return refuse(not_http(", which begins with a method such as GET"));
  if (const size_t line = head.find('\n'); line != head.npos && head[line - 1] != '\r')
    return refuse(not_http(", whose lines end with CR LF"));
  return std::nullopt;
}

std::optional<RequestHead> RequestReader::take_head() {
  std::optional<RequestHead> head = read_head(inbound_, largest_head_);
  if (head) inbound_.erase(0, head->bytes);
  return head;
}

std::optional<std::string> RequestReader::take_body(size_t length) {
  if (inbound_.size() < length) return std::nullopt;
  std::string body = inbound_.substr(0, length);
  inbound_.erase(0, length);
  return body;
}

std::string RequestReader::take_rest() { return std::exchange(inbound_, std::string()); }

}  // namespace auralis
