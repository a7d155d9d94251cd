// SPDX-License-Identifier: MIT
#include "serve/http.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "serve/protocol.h"

namespace auralis {
namespace {

std::string_view reason(int status) {
  static const std::map<int, std::string_view> reasons{{200, "OK"},
                                                       {204, "No Content"},
                                                       {304, "Not Modified"},
                                                       {400, "Bad Request"},
                                                       {401, "Unauthorized"},
                                                       {403, "Forbidden"},
                                                       {404, "Not Found"},
                                                       {405, "Method Not Allowed"},
                                                       {411, "Length Required"},
                                                       {413, "Content Too Large"},
                                                       {431, "Request Header Fields Too Large"},
                                                       {426, "Upgrade Required"},
                                                       {429, "Too Many Requests"},
                                                       {500, "Internal Server Error"},
                                                       {503, "Service Unavailable"},
                                                       {504, "Gateway Timeout"}};
  const auto found = reasons.find(status);
  return found == reasons.end() ? "Unknown" : found->second;
}

std::string_view media_type(const std::filesystem::path& file) {
  static const std::map<std::string, std::string_view> types{{".html", "text/html; charset=utf-8"},
                                                             {".css", "text/css; charset=utf-8"},
                                                             {".js", "text/javascript; charset=utf-8"},
                                                             {".mjs", "text/javascript; charset=utf-8"},
                                                             {".json", "application/json"},
                                                             {".webmanifest", "application/manifest+json"},
                                                             {".svg", "image/svg+xml"},
                                                             {".png", "image/png"},
                                                             {".ico", "image/x-icon"},
                                                             {".webp", "image/webp"},
                                                             {".woff2", "font/woff2"},
                                                             {".wasm", "application/wasm"},
                                                             {".wav", "audio/wav"},
                                                             {".m3u", "audio/x-mpegurl"},
                                                             {".m3u8", "application/vnd.apple.mpegurl"},
                                                             {".txt", "text/plain; charset=utf-8"}};
  const auto found = types.find(file.extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

bool plain_path(std::string_view path) {
  if (path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos) return false;
  return path.starts_with('/') && path.find("/.") == std::string_view::npos;
}

// Of a head as it came: what this header says, in small letters; "" where there is none, or not yet.
std::string header_of(std::string_view begun, std::string_view name) {
  std::string head(begun.substr(0, begun.find("\r\n\r\n")));
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string start = "\r\n" + std::string(name) + ":";
  const size_t at = head.find(start);
  if (at == head.npos) return "";
  const size_t first = std::min(head.find_first_not_of(" \t", at + start.size()), head.size());
  const size_t line_end = head.find_first_of("\r\n", first);
  if (line_end == head.npos && head.size() == begun.size()) return "";  // the rest is on its way
  const size_t end = std::min(line_end, head.size());
  const size_t last = head.find_last_not_of(" \t", end - 1);
  return last == head.npos || last < first ? "" : head.substr(first, last + 1 - first);
}

}  // namespace

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpResponse json_response(int status, const nlohmann::json& body) {
  return {status, "application/json", json_text(body) + "\n", {{"Cache-Control", "no-store"}}};
}

HttpResponse http_error(int status, std::string_view code, const std::string& message,
                        const std::string& field) {
  const bool recoverable = status == 429 || status == 503 || status == 504;
  HttpResponse response = json_response(status, error_message(code, message, recoverable, field));
  if (recoverable) response.headers.emplace_back("Retry-After", "1");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"auralis\"");
  return response;
}

std::optional<HttpResponse> refuse_head(std::string_view begun, size_t largest) {
  if (begun.size() > largest && begun.find("\r\n\r\n") > largest) {
    return http_error(431, "head_too_large",
                      "expected at most " + std::to_string(largest) +
                          " bytes of address and headers; this host may have set too many cookies");
  }
  if (const std::string upgrade = header_of(begun, "upgrade"); !upgrade.empty() && upgrade != "websocket")
    return http_error(400, "bad_request", "expected an upgrade to websocket, or none", "Upgrade");
  const std::string_view line = begun.substr(0, begun.find_first_of("\r\n"));
  const size_t address_at = line.find(' ') + 1;
  const size_t address_end = line.rfind(" HTTP/");
  if (address_at == 0 || address_end == line.npos || address_end < address_at) return std::nullopt;
  const std::string_view address = line.substr(address_at, address_end - address_at);
  if (!address.starts_with('/')) {
    return http_error(400, "bad_request",
                      "the address is " + std::string(address) + ", expected a path such as /health");
  }
  const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  for (size_t at = address.find('%'); at != address.npos; at = address.find('%', at + 1)) {
    const std::string_view escape = address.substr(at, 3);
    if (escape.size() == 3 && is_hex(escape[1]) && is_hex(escape[2]) && escape != "%00") continue;
    return http_error(400, "bad_request",
                      "the address has \"" + std::string(escape) +
                          "\", expected two hexadecimal digits after %, not both 0");
  }
  return std::nullopt;
}

std::string response_head(const HttpResponse& response, std::optional<size_t> length, bool keep_alive) {
  std::string head =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason(response.status)) + "\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Content-Type", response.type);
  if (length) add("Content-Length", std::to_string(*length));
  if (!keep_alive) add("Connection", "close");
  // An isolated page may use SharedArrayBuffer.
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Embedder-Policy", "require-corp");
  add("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) add(name, value);
  return head + "\r\n";
}

HttpResponse client_file(const std::filesystem::path& folder, const HttpRequest& request) {
  HttpResponse missing = http_error(404, "not_found", "nothing is at " + request.path.substr(0, 200));
  if (!plain_path(request.path)) return missing;
  const std::filesystem::path file =
      folder / (request.path.ends_with('/') ? request.path.substr(1) + "index.html" : request.path.substr(1));
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return missing;
  std::ifstream stream(file, std::ios::binary);
  std::string body{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream) return missing;

  const std::string tag = "\"" + std::to_string(std::hash<std::string>()(body)) + "\"";
  HttpResponse response{
      200, std::string(media_type(file)), std::move(body), {{"Cache-Control", "no-cache"}, {"ETag", tag}}};
  if (request.if_none_match.find(tag) != std::string::npos) {
    response.status = 304;
    response.body.clear();
  }
  if (response.type.starts_with("text/html")) {
    // Nothing the page asks for may leave its origin; older browsers do not count ws: as such.
    const std::string host =
        page_origin(false, request.host).empty() ? "" : " ws://" + request.host + " wss://" + request.host;
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'self'; connect-src 'self'" + host +
            "; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
            "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'self'; object-src 'none'");
  }
  return response;
}

bool same_secret(std::string_view a, std::string_view b) {
  size_t different = a.size() ^ b.size();
  for (size_t i = 0; i < a.size(); ++i)
    different |= static_cast<size_t>(a[i] ^ (b.empty() ? '\0' : b[i % b.size()]));
  return different == 0;
}

std::string page_origin(bool tls, const std::string& host) {
  const bool plain =
      !host.empty() && host.size() < 256 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
      });
  return plain ? (tls ? "https://" : "http://") + host : "";
}

bool is_loopback(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') == std::string_view::npos ? host.size() : host.find(']') - 1);
  } else if (std::count(host.begin(), host.end(), ':') == 1) {
    host = host.substr(0, host.find(':'));
  }
  if (host == "localhost" || host == "::1" || host.ends_with(".localhost")) return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace auralis
