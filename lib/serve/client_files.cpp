// SPDX-License-Identifier: MIT
#include "serve/client_files.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "net/web_address.h"
#include "serve/plain_files.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

constexpr std::string_view page = "index.html";
constexpr std::string_view engine_path = "/engine/";
constexpr std::string_view page_marker = "<title>Auralis";

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

// Nothing the page asks for may leave its origin; older browsers do not count ws: as such. Its scripts compile the engine.
std::string content_security_policy(const HttpRequest& request) {
  const std::string& host = request.sender.host;
  const std::string sockets = page_origin(false, host).empty() ? "" : " ws://" + host + " wss://" + host;
  return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" + sockets +
         "; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
         "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'self'; object-src 'none'";
}

}  // namespace

ClientFiles::ClientFiles(std::filesystem::path folder, std::filesystem::path engine)
    : folder_(std::move(folder)), engine_(std::move(engine)) {
  if (folder_.empty()) return;
  const std::optional<std::string> index = read_plain_file(folder_, "/index.html");
  if (index && index->find(page_marker) != std::string::npos) return;
  throw Error(Exit::usage,
              folder_.string() + (index ? "/index.html is not the page of Auralis" : " has no index.html") +
                  ", expected the folder of the web client (its page has " + std::string(page_marker) + ")");
}

std::variant<HttpResponse, Refusal> ClientFiles::get(const HttpRequest& request,
                                                     std::string_view path) const {
  if (empty()) return refusals::no_client();
  if (!is_plain_path(path)) return refusals::not_found(path);
  const std::string named = std::string(path) + std::string(path.ends_with('/') ? page : "");
  std::optional<std::string> found = read_plain_file(folder_, named);
  if (!found && !engine_.empty() && path.starts_with(engine_path))
    found = read_plain_file(engine_, path.substr(engine_path.size() - 1));
  if (!found) return refusals::not_found(path);
  std::string body = std::move(*found);

  const std::string tag = "\"" + std::to_string(std::hash<std::string>()(body)) + "\"";
  HttpResponse response{200,
                        std::string(media_type(path.ends_with('/') ? page : path)),
                        std::move(body),
                        {{"Cache-Control", "no-cache"}, {"ETag", tag}}};
  if (request.if_none_match == "*" || request.if_none_match.find(tag) != std::string::npos) {
    response.status = 304;
    response.body.clear();
  }
  if (response.type.starts_with("text/html"))
    response.headers.emplace_back("Content-Security-Policy", content_security_policy(request));
  return response;
}

}  // namespace auralis
