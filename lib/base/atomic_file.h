// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is whole. Until then it stands beside it, hidden:
// .NAME.auralis-XXXXXX.EXT.
//   links        a symbolic link goes on pointing: what it points to is replaced. A file that is replaced keeps its mode and
//                owner
//   no rename    where the name cannot be moved onto (a file that is a mount of its own), the bytes are copied into it; so
//                they are where its folder takes no new file: then it is made in $TMPDIR or /tmp
//   no folder    one that was moved meanwhile takes the file along, one that was removed is made again
//   streams      what is no plain file (a FIFO, /dev/null) is written straight through, and cannot be gone back in
//   after kill   the hidden file is locked while it is written. Those in the same folder that are of this user and that
//                nobody holds any more are removed before the next is made; what cannot be made again becomes
//                NAME.partial.EXT
//   errors       Error{environment} naming the file; ClosedPipe for a FIFO whose reader has gone. Missing parent folders are
//                an error at the start, as with any shell redirection
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace auralis {

enum class AfterKill { removed, kept };

class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target, AfterKill after_kill = AfterKill::removed);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  int fd() const { return fd_; }
  bool is_stream() const { return temporary_.empty(); }

  // All of it, or after an error nothing of it.
  void write(std::string_view bytes);

  // Flushes to disk and gives the file its name. Where even that fails, what was written is kept under another name, which
  // the error names.
  void commit();
  // For what was broken off: NAME.partial.EXT beside the target, or where that is taken NAME.partial-2.EXT and so on.
  // Returns that name (the target's own for a stream).
  std::filesystem::path commit_partial();

 private:
  void open_stream();
  void open_temporary();
  bool create_temporary();
  void take_over_mode() const;
  int put(const std::filesystem::path& target);
  std::filesystem::path rescue();
  void close();

  std::filesystem::path target_;  // where links lead
  std::filesystem::path folder_;  // of the temporary file
  std::string temporary_;         // its name there; empty for a stream
  AfterKill after_kill_;
  bool copies_ = false;  // the target's own folder takes no new file
  int folder_fd_ = -1;
  int fd_ = -1;
};

}  // namespace auralis
