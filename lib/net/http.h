// SPDX-License-Identifier: MIT
// Requests and responses of HTTP/1.1 as plain data, apart from the bytes they are read from and the sockets that carry
// them. RFC 9110, RFC 9112.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/refusal.h"

namespace auralis {

// Who sent a request, as far as it can be believed: see proxies.h.
struct Sender {
  std::string address;        // the client's
  std::string peer;           // at the other end of the connection: the client, or the last proxy
  std::string host;           // by which the client knows us; without a proxy that of the Host header
  bool encrypted = false;     // on the client's side
  bool proxied = false;       // there are headers of a proxy, whoever wrote them
  bool believed = false;      // and they are a trusted one's
  bool contradicted = false;  // and would be, but they name two clients
};

struct HttpRequest {
  std::string method;  // GET, POST, …; HEAD gets what GET does, without the body
  std::string target;  // path and query as they came
  std::string path;    // decoded, without the query
  std::map<std::string, std::string> query;
  std::string host;
  std::string origin;
  std::string authorization;
  std::string if_none_match;
  std::string connection;
  std::string upgrade;
  std::string subprotocols;
  std::string socket_key;
  std::string socket_version;
  std::string forwarded;
  std::string forwarded_for;
  std::string forwarded_host;
  std::string forwarded_proto;
  std::string via;
  std::string icy_metadata;
  std::string content_type;
  Sender sender;  // filled in by the owner of the connection
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = false;
  bool awaits_go_ahead = false;  // Expect: 100-continue

  bool has_body() const { return content_length.value_or(0) > 0 || chunked; }
  bool is_read() const { return method == "GET" || method == "HEAD"; }
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";  // "": there is no content
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

HttpResponse json_response(int status, const nlohmann::json& body);
// The refusal as JSON, with the headers that its status asks for. `more`: members beside those of every refusal.
HttpResponse refusal_response(const Refusal& refusal, const nlohmann::json& more);
HttpResponse refusal_response(const Refusal& refusal);

// Status line and headers up to the empty line. A body of unknown length goes on until the connection closes.
std::string response_head(const HttpResponse& response, std::optional<size_t> length, bool keep_alive);

// JSON text; bytes that are not UTF-8 are replaced, since what a stranger sent may be in it.
std::string json_text(const nlohmann::json& value);

// In small letters or not, as names of headers and schemes are.
bool same_letters(std::string_view a, std::string_view b);
// Without the spaces and tabs around it.
std::string_view trimmed(std::string_view text);
// The members of a list with commas (RFC 9110, section 5.6.1), each trimmed.
std::vector<std::string_view> list_members(std::string_view list);
// Whether it is a member of such a list, in small letters or not.
bool lists(std::string_view list, std::string_view wanted);
// Letter by letter.
bool lists_exactly(std::string_view list, std::string_view wanted);

}  // namespace auralis
