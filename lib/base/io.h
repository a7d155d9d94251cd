// SPDX-License-Identifier: MIT
// Bytes in and out that keep the promises of every command: quiet when the reader has gone, and never deaf to a stop.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/atomic_file.h"

namespace auralis {

// 0, 1 and 2 are open from here on, so that no file of ours takes their place. What was closed fails as if it still were:
// EBADF.
void open_standard_streams();

struct Written {
  size_t bytes = 0;
  int error = 0;  // errno; 0 where all were written
};

// Writes all bytes to a descriptor. Once a stop was requested (see stop.h) a reader who takes nothing for a second is not
// waited for any longer: ECANCELED.
Written try_write(int fd, std::string_view bytes) noexcept;

// The same; ClosedPipe on EPIPE, Error{interrupted} for a reader who takes nothing, Error{environment} otherwise, each
// naming `name`.
void write_all(int fd, std::string_view bytes, const std::string& name);
[[noreturn]] void throw_write_error(int error, const std::string& name);

// Up to buffer.size() bytes from a descriptor, 0 at the end, −1 where a signal asked to stop (see stop.h).
// Error{environment} when reading fails.
long read_some(int fd, std::span<char> buffer, const std::string& name);

// A folder with its parents, unless it is there; Error{environment} naming it.
void make_folder(const std::filesystem::path& folder);

// A file by its only name: absolute, and where links lead in the end, be something there or not.
std::filesystem::path only_name(const std::filesystem::path& path);

// Whether two names are one plain file, be it there or not.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

// A whole small file at once, atomically.
void write_file(const std::filesystem::path& target, std::string_view bytes);

// A whole file as bytes. Error{environment} naming it when it cannot be read, Error{bad_input} where it is larger than
// `most_bytes`, of which no more are read: `what` says what was expected.
inline constexpr size_t any_size = ~size_t{0};
std::string read_file(const std::filesystem::path& path, size_t most_bytes = any_size,
                      std::string_view what = "a smaller file");

}  // namespace auralis
