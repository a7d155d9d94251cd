// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <cctype>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

namespace auralis {
namespace {

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

// RFC 9110, section 5.6.7.
std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text.data();
}

bool plain_path(std::string_view path) {
  if (path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos) return false;
  // Behind a second slash a path would begin anew, at the root.
  return path.starts_with('/') && path.find("/.") == std::string_view::npos &&
         path.find("//") == std::string_view::npos;
}

}  // namespace

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json error_message(std::string_view code, const std::string& message, bool recoverable,
                             const std::string& field) {
  nlohmann::json out{{"type", "error"}, {"code", code}, {"message", message}, {"recoverable", recoverable}};
  if (!field.empty()) out["field"] = field;
  return out;
}

HttpResponse json_response(int status, const nlohmann::json& body) {
  return {status, "application/json", json_text(body) + "\n", {{"Cache-Control", "no-store"}}};
}

HttpResponse http_error(int status, std::string_view code, const std::string& message,
                        const std::string& field) {
  const bool recoverable = status == 429 || status == 503;
  HttpResponse response = json_response(status, error_message(code, message, recoverable, field));
  if (recoverable) response.headers.emplace_back("Retry-After", "1");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"auralis\"");
  return response;
}

HttpResponse wrong_method(std::string_view allowed) {
  HttpResponse response = http_error(405, "method_not_allowed", std::string("expected ").append(allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

HttpResponse upgrade_required(const std::string& message, const std::string& field) {
  HttpResponse response = http_error(426, "upgrade_required", message, field);
  response.headers.emplace_back("Upgrade", "websocket");
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  return response;
}

std::string response_head(const HttpResponse& response, std::optional<size_t> length, bool keep_alive) {
  const boost::string_view reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason.data(), reason.size()).append("\r\n");
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  if (!response.type.empty()) add("Content-Type", response.type);
  add("Date", date());
  if (length) add("Content-Length", std::to_string(*length));
  const bool upgrades = std::any_of(response.headers.begin(), response.headers.end(),
                                    [](const auto& header) { return header.first == "Upgrade"; });
  if (upgrades) add("Connection", keep_alive ? "Upgrade" : "Upgrade, close");
  if (!upgrades && !keep_alive) add("Connection", "close");
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
  if (request.if_none_match == "*" || request.if_none_match.find(tag) != std::string::npos) {
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
