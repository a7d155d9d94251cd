// SPDX-License-Identifier: MIT
// Writing that keeps the promises of every command: whole or not at all, quiet when the reader has gone.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace auralis {

// Writes all bytes to a file descriptor. ClosedPipe on EPIPE, Error{environment} otherwise, naming `name`.
void write_all(int fd, std::string_view bytes, const std::string& name);

// Up to buffer.size() bytes from a descriptor, 0 at the end, −1 where a signal asked to stop (see stop.h).
// Error{environment} when reading fails.
long read_some(int fd, std::span<char> buffer, const std::string& name);

// A file that appears under its final name only when committed, and not at all otherwise. A link keeps pointing: what
// it points to is replaced. What is no plain file (a FIFO, /dev/null) is written straight through.
// Missing parent folders are an error, as with any shell redirection.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  int fd() const { return fd_; }
  // The temporary name, beside the target and with its extension.
  const std::filesystem::path& path() const { return plain_ ? temporary_ : target_; }
  void write(std::string_view bytes) { write_all(fd_, bytes, target_.string()); }
  // Flushes to disk and renames onto the target, or onto another name in the same folder.
  void commit() { commit_as(target_); }
  void commit_as(const std::filesystem::path& target);

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool plain_ = true;
  int fd_ = -1;
};

// A folder with its parents, unless it is there; Error{environment} naming it.
void make_folder(const std::filesystem::path& folder);

// A whole small file at once, atomically.
void write_file(const std::filesystem::path& target, std::string_view bytes);

// A whole file as bytes; Error{environment} naming it when it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace auralis
