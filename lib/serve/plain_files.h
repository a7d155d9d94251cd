// SPDX-License-Identifier: MIT
// Files below a folder, as a request may ask for them: plain ones alone, by a path that does not leave the folder, and through no
// symbolic link but the folder itself.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auralis {

// Begins with a slash, and has no hidden, empty or upward step in it.
bool is_plain_path(std::string_view path);

// nullopt where there is none, or it is larger than limits::file_bytes. It is opened folder by folder, so that nothing can be
// changed between looking and opening.
std::optional<std::string> read_plain_file(const std::filesystem::path& folder, std::string_view path);

}  // namespace auralis
