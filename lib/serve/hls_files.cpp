// SPDX-License-Identifier: MIT
#include "serve/hls_files.h"

#include <string>
#include <utility>

#include "serve/plain_files.h"

namespace auralis {
namespace {

constexpr std::string_view hls_folder = "/hls/";
constexpr const char* list_is_kept = "public, max-age=1";
constexpr const char* segment_is_kept = "public, max-age=30, immutable";

}  // namespace

bool is_hls_path(std::string_view path) { return path == hls_list_path || path.starts_with(hls_folder); }

std::optional<HttpResponse> hls_file(const std::filesystem::path& folder, std::string_view path) {
  const bool is_list = path.ends_with(".m3u8");
  const bool is_segment = path.ends_with(".m4s");
  if (!is_plain_path(path) || (!is_list && !is_segment && !path.ends_with(".mp4"))) return std::nullopt;
  std::optional<std::string> body = read_plain_file(folder, path);
  if (!body) return std::nullopt;
  return HttpResponse{200,
                      is_list      ? "application/vnd.apple.mpegurl"
                      : is_segment ? "audio/iso.segment"
                                   : "audio/mp4",
                      std::move(*body),
                      {{"Cache-Control", is_segment ? segment_is_kept : list_is_kept}}};
}

}  // namespace auralis
