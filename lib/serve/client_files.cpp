// SPDX-License-Identifier: MIT
#include "serve/client_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "net/web_address.h"
#include "serve/limits.h"
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

bool is_plain_path(std::string_view path) {
  if (path.find('\\') != std::string_view::npos || path.find('\0') != std::string_view::npos) return false;
  // Behind a second slash a path would begin anew, at the root.
  return path.starts_with('/') && path.find("/.") == std::string_view::npos &&
         path.find("//") == std::string_view::npos;
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

// A descriptor of its own, or none.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// The plain file at that path below the folder, which alone may be reached by a link; nullopt where there is none. It is
// opened folder by folder, so that nothing can be changed between looking and opening.
std::optional<std::string> read_below(const std::filesystem::path& folder, std::string_view path) {
  Descriptor at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::string relative(path.substr(1));
  if (path.ends_with('/')) relative += page;
  for (size_t slash = 0; (slash = relative.find('/')) != std::string::npos; relative.erase(0, slash + 1)) {
    const std::string name = relative.substr(0, slash);
    at = Descriptor(::openat(at.fd(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  // Non-blocking: a FIFO waits for a writer when it is opened.
  const Descriptor file(::openat(at.fd(), relative.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (file.fd() < 0 || ::fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<uint64_t>(info.st_size) > limits::file_bytes)
    return std::nullopt;
  std::string body(static_cast<size_t>(info.st_size), '\0');
  for (size_t read = 0; read < body.size();) {
    const ssize_t count = ::read(file.fd(), body.data() + read, body.size() - read);
    if (count <= 0) return std::nullopt;  // it has become shorter, or the disk fails
    read += static_cast<size_t>(count);
  }
  return body;
}

}  // namespace

ClientFiles::ClientFiles(std::filesystem::path folder, std::filesystem::path engine)
    : folder_(std::move(folder)), engine_(std::move(engine)) {
  if (folder_.empty()) return;
  const std::optional<std::string> index = read_below(folder_, "/");
  if (index && index->find(page_marker) != std::string::npos) return;
  throw Error(Exit::usage,
              folder_.string() + (index ? "/index.html is not the page of Auralis" : " has no index.html") +
                  ", expected the folder of the web client (its page has " + std::string(page_marker) + ")");
}

std::variant<HttpResponse, Refusal> ClientFiles::get(const HttpRequest& request,
                                                     std::string_view path) const {
  if (empty()) return refusals::no_client();
  if (!is_plain_path(path)) return refusals::not_found(path);
  std::optional<std::string> found = read_below(folder_, path);
  if (!found && !engine_.empty() && path.starts_with(engine_path))
    found = read_below(engine_, path.substr(engine_path.size() - 1));
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
