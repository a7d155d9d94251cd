// SPDX-License-Identifier: MIT
#include "serve/client_files.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "serve/refusals.h"

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

bool is_plain_path(std::string_view path) {
  if (path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos) return false;
  // Behind a second slash a path would begin anew, at the root.
  return path.starts_with('/') && path.find("/.") == std::string_view::npos &&
         path.find("//") == std::string_view::npos;
}

// Nothing the page asks for may leave its origin; older browsers do not count ws: as such.
std::string content_security_policy(const HttpRequest& request) {
  const std::string sockets =
      page_origin(false, request.host).empty() ? "" : " ws://" + request.host + " wss://" + request.host;
  return "default-src 'self'; connect-src 'self'" + sockets +
         "; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
         "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'self'; object-src 'none'";
}

// The file at that path, every symbolic link resolved; "" where it is none, or not in the folder.
std::filesystem::path resolve(const std::filesystem::path& folder, std::string_view path) {
  std::filesystem::path relative(path.substr(1));
  if (path.ends_with('/')) relative /= "index.html";
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(folder / relative, error);
  if (error || !std::filesystem::is_regular_file(file, error)) return {};
  const auto [in_folder, in_file] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return in_folder == folder.end() ? file : std::filesystem::path();
}

}  // namespace

ClientFiles::ClientFiles(const std::filesystem::path& folder) {
  std::error_code error;
  if (!folder.empty() && std::filesystem::is_directory(folder, error))
    folder_ = std::filesystem::canonical(folder, error);
}

std::variant<HttpResponse, Refusal> ClientFiles::get(const HttpRequest& request,
                                                     std::string_view path) const {
  if (empty()) return refusals::no_client();
  if (!is_plain_path(path)) return refusals::not_found(path);
  const std::filesystem::path file = resolve(folder_, path);
  if (file.empty()) return refusals::not_found(path);
  std::ifstream stream(file, std::ios::binary);
  std::string body{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream) return refusals::not_found(path);

  const std::string tag = "\"" + std::to_string(std::hash<std::string>()(body)) + "\"";
  HttpResponse response{
      200, std::string(media_type(file)), std::move(body), {{"Cache-Control", "no-cache"}, {"ETag", tag}}};
  if (request.if_none_match == "*" || request.if_none_match.find(tag) != std::string::npos) {
    response.status = 304;
    response.body.clear();
  }
  if (response.type.starts_with("text/html"))
    response.headers.emplace_back("Content-Security-Policy", content_security_policy(request));
  return response;
}

}  // namespace auralis
