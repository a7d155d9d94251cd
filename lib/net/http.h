// SPDX-License-Identifier: MIT
// Requests and responses as plain data, apart from the libraries that read and carry them; the client's files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auralis {

struct HttpRequest {
  std::string method;  // GET, POST, …; HEAD is answered as GET without the body
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
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = false;
  bool awaits_go_ahead = false;  // Expect: 100-continue
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";  // "": there is no content
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

HttpResponse json_response(int status, const nlohmann::json& body);
// {type: error, code, message, recoverable, field?} with the status' meaning.
HttpResponse http_error(int status, std::string_view code, const std::string& message,
                        const std::string& field = {});

HttpResponse wrong_method(std::string_view allowed);
// Only a WebSocket is spoken there, and only of the version that is in use.
HttpResponse upgrade_required(const std::string& message, const std::string& field = {});

// Status line and headers up to the empty line. A body of unknown length goes on until the connection closes.
std::string response_head(const HttpResponse& response, std::optional<size_t> length, bool keep_alive);

// A file of the web client: "/" is index.html; hidden files and paths that leave the folder are not found.
HttpResponse client_file(const std::filesystem::path& folder, const HttpRequest& request);

// {type: error, code, message, recoverable} and, where one is at fault, field.
nlohmann::json error_message(std::string_view code, const std::string& message, bool recoverable,
                             const std::string& field = {});

// JSON text; bytes that are not UTF-8 are replaced, since what a stranger sent may be in it.
std::string json_text(const nlohmann::json& value);

inline constexpr std::string_view bearer = "Bearer ";  // before the token in an Authorization header

// Equal, in a time that does not tell how much of it is.
bool same_secret(std::string_view a, std::string_view b);

// "http://host:port" for a page whose Host header this is; "" if that is not a host.
std::string page_origin(bool tls, const std::string& host);
// The address is 127.0.0.0/8, ::1 or the name localhost; with or without a port.
bool is_loopback(std::string_view host);

}  // namespace auralis
