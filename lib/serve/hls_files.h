// SPDX-License-Identifier: MIT
// The files of HLS that a sink leaves in a folder (radio/av/hls_sink.cpp), as listeners and caches are to take them: lists for a second,
// since a segment lasts two; segments for as long as lists name them, since none is ever changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace auralis {

inline constexpr std::string_view hls_list_path = "/listen.m3u8";

// That list, or what is below /hls/.
bool is_hls_path(std::string_view path);
// nullopt where there is none of that path, or not yet.
std::optional<HttpResponse> hls_file(const std::filesystem::path& folder, std::string_view path);

}  // namespace auralis
