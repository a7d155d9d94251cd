// SPDX-License-Identifier: MIT
#include "base/atomic_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"

namespace auralis {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = ".auralis-";
constexpr size_t mark_digits = 6;
constexpr std::string_view kept_mark = "-kept";  // behind the digits
constexpr size_t longest_stem = 180;             // so that a name with all that is added is one
constexpr int most_links = 40;
constexpr int ask_for_reader_ms = 50;
constexpr int most_partials = 1000;

Error failed(const std::string& doing, const fs::path& path, int error) {
  return {Exit::environment, "cannot " + doing + " " + path.string() + ": " + std::strerror(error)};
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : "."; }

std::string short_stem(const fs::path& path) {
  return std::string(first_bytes(path.stem().string(), longest_stem));
}

// Where a chain of symbolic links leads, be there something or not.
fs::path followed(fs::path path) {
  std::error_code none;
  for (int links = 0; fs::is_symlink(path, none); ++links) {
    if (links == most_links) throw failed("create", path, ELOOP);
    const fs::path to = fs::read_symlink(path, none);
    path = to.is_absolute() ? to : folder_of(path) / to;
  }
  return path;
}

std::string random_mark() {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<unsigned char, mark_digits> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw Error(Exit::environment, "no random numbers to be had");
  }
  std::string text(mark);
  for (const unsigned char byte : random) text += letters[byte % letters.size()];
  return text;
}

// Of .STEM.auralis-XXXXXX, with an extension or without.
struct Temporary {
  std::string target;
  AfterKill after_kill = AfterKill::removed;
};

std::optional<Temporary> read_temporary(std::string_view name) {
  const size_t at = name.rfind(mark);
  if (name[0] != '.' || at == std::string_view::npos) return std::nullopt;
  std::string_view rest = name.substr(at + mark.size());
  if (rest.size() < mark_digits || !std::all_of(rest.begin(), rest.begin() + mark_digits,
                                                [](unsigned char c) { return std::isalnum(c) != 0; }))
    return std::nullopt;
  rest.remove_prefix(mark_digits);
  const bool kept = rest.starts_with(kept_mark);
  if (kept) rest.remove_prefix(kept_mark.size());
  if (!rest.empty() && rest[0] != '.') return std::nullopt;
  return Temporary{std::string(name.substr(1, at - 1)).append(rest),
                   kept ? AfterKill::kept : AfterKill::removed};
}

// 0, or the errno of what failed.
int copy(int from, int to) {
  std::vector<char> buffer(size_t{1} << 20);
  off_t at = 0;
  while (true) {
    const ssize_t count = ::pread(from, buffer.data(), buffer.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return 0;
    if (const Written written = try_write(to, {buffer.data(), static_cast<size_t>(count)});
        written.error != 0)
      return written.error;
    at += count;
  }
}

// 0 where the disk has it, or cannot be asked.
int flush(int fd) { return ::fsync(fd) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno; }

// Whether there is no room for so many bytes; where the file system cannot say, there is.
bool lacks_room(int fd, off_t bytes) {
  return bytes > 0 && ::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, bytes) != 0 &&
         (errno == ENOSPC || errno == EDQUOT || errno == EFBIG);
}

// The bytes of `from` under a name, over what is there, which stays where there is no room; 0 or an errno. With O_EXCL in
// `how` nothing may be there, not even a link.
int copy_to(int from, const fs::path& target, int how = 0) {
  struct stat info {};
  if (::fstat(from, &info) != 0) return errno;
  const int to = ::open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
  if (to < 0) return errno;
  int error = lacks_room(to, info.st_size) ? ENOSPC : copy(from, to);
  if (error == 0 && ::ftruncate(to, info.st_size) != 0) error = errno;
  if (error == 0) error = flush(to);
  ::close(to);
  return error;
}

// 0, or an errno: EEXIST where something has the name already.
int rename_unless_taken(int folder, const std::string& from, const std::string& to) {
  if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system that cannot promise it, as over a network.
  if (::faccessat(folder, to.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(folder, from.c_str(), folder, to.c_str()) == 0 ? 0 : errno;
}

// What an earlier run left keeps its name: x.partial.wav, then x.partial-2.wav and so on. `put` gives the file a name, or
// returns an errno. Empty where none can be had.
template <typename Put>
fs::path put_partial(const fs::path& folder, const fs::path& target, const Put& put) {
  for (int n = 1; n <= most_partials; ++n) {
    const std::string name = short_stem(target) + ".partial" + (n == 1 ? "" : "-" + std::to_string(n)) +
                             target.extension().string();
    const int error = put(folder / name);
    if (error == 0) return folder / name;
    if (error != EEXIST) break;
  }
  return {};
}

// One that is this user's and that whoever made it holds no more.
void tidy_abandoned(int folder, const fs::path& path, const char* name, const Temporary& temporary) {
  const int fd = ::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  struct stat info {};
  const bool ours = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == ::geteuid();
  const bool abandoned = ours && ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  if (abandoned && temporary.after_kill == AfterKill::kept && info.st_size > 0) {
    const fs::path kept = put_partial(path, temporary.target, [&](const fs::path& to) {
      return rename_unless_taken(folder, name, to.filename());
    });
    if (!kept.empty())
      log_info("kept " + kept.string() + ", which a run that was killed had left unfinished");
  } else if (abandoned && ::unlinkat(folder, name, 0) == 0) {
    log_info("removed " + std::string(name) + ", which a run that was killed had left unfinished");
  }
  ::close(fd);
}

// Once in a process for every folder that it writes to.
void sweep(const fs::path& path, int folder) {
  static std::mutex mutex;
  static std::set<fs::path> swept;
  {
    const std::lock_guard lock(mutex);
    if (!swept.insert(path).second) return;
  }
  const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(fd), ::closedir);
  if (!entries) {
    ::close(fd);
    return;
  }
  while (const dirent* entry = ::readdir(entries.get())) {
    if (const std::optional<Temporary> temporary = read_temporary(entry->d_name))
      tidy_abandoned(folder, path, entry->d_name, *temporary);
  }
}

}  // namespace

fs::path only_name(const fs::path& path) {
  std::error_code error;
  const fs::path known = fs::weakly_canonical(followed(fs::absolute(path, error)), error);
  return error ? path : known;
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code none;
  if (fs::exists(a, none) && !fs::is_regular_file(a, none)) return false;
  return only_name(a) == only_name(b);
}

AtomicFile::AtomicFile(fs::path target, AfterKill after_kill)
    : target_(std::move(target)), after_kill_(after_kill) {
  struct stat info {};
  const bool there = ::stat(target_.c_str(), &info) == 0;
  if (there && S_ISDIR(info.st_mode)) {
    throw Error(Exit::environment, "cannot create " + target_.string() + ": it is a folder");
  }
  if (there && S_ISSOCK(info.st_mode)) throw failed("open", target_, ENXIO);
  if (there && !S_ISREG(info.st_mode)) {
    open_stream();
  } else {
    target_ = followed(target_);
    open_temporary();
  }
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  if (!is_stream()) ::unlinkat(folder_fd_, temporary_.c_str(), 0);
  close();
}

void AtomicFile::close() {
  ::close(fd_);
  if (folder_fd_ >= 0) ::close(folder_fd_);
  fd_ = folder_fd_ = -1;
}

// The reader of a FIFO is awaited without closing the ears to a stop.
void AtomicFile::open_stream() {
  while ((fd_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK)) < 0) {
    if (errno != ENXIO && errno != EINTR) throw failed("open", target_, errno);
    if (stop_requested()) {
      throw Error(Exit::interrupted, "interrupted before anybody read " + target_.string());
    }
    pollfd stop{stop_fd(), POLLIN, 0};
    ::poll(&stop, 1, ask_for_reader_ms);
  }
}

void AtomicFile::open_temporary() {
  folder_ = folder_of(target_);
  if (create_temporary()) return;
  const int error = errno;
  // A file of one's own in a folder that is not.
  copies_ = (error == EACCES || error == EROFS || error == EPERM) && ::access(target_.c_str(), W_OK) == 0;
  std::error_code none;
  folder_ = fs::temp_directory_path(none);
  if (!copies_ || !create_temporary()) throw failed("create", target_, error);
}

// False with errno where the folder takes none.
bool AtomicFile::create_temporary() {
  const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  sweep(folder_, folder);
  while (true) {
    // The extension stays last, since people and programs tell the kind of a file by it.
    temporary_ = "." + short_stem(target_) + random_mark();
    if (after_kill_ == AfterKill::kept) temporary_ += kept_mark;
    temporary_ += target_.extension().string();
    fd_ = ::openat(folder, temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ < 0 && errno == EEXIST) continue;
    if (fd_ < 0) break;
    // Whoever sweeps at this moment may have had the lock first.
    struct stat info {};
    ::flock(fd_, LOCK_EX);
    if (::fstat(fd_, &info) == 0 && info.st_nlink > 0) break;
    ::close(fd_);
  }
  if (fd_ < 0) {
    const int error = errno;
    ::close(folder);
    errno = error;
    return false;
  }
  folder_fd_ = folder;
  take_over_mode();
  return true;
}

void AtomicFile::take_over_mode() const {
  struct stat old {};
  if (::stat(target_.c_str(), &old) != 0) return;
  if (old.st_uid != ::geteuid() || old.st_gid != ::getegid()) {
    [[maybe_unused]] const int given = ::fchown(fd_, old.st_uid, old.st_gid);  // who may not, need not
  }
  ::fchmod(fd_, old.st_mode & 0777);
}

void AtomicFile::write(std::string_view bytes) {
  const Written written = try_write(fd_, bytes);
  if (written.error == 0) return;
  const off_t end = ::lseek(fd_, 0, SEEK_CUR);
  const off_t before = end - static_cast<off_t>(written.bytes);
  if (!is_stream() && end >= 0 && ::ftruncate(fd_, before) == 0) ::lseek(fd_, before, SEEK_SET);
  throw_write_error(written.error, target_.string());
}

// Gives the file a name in the target's folder; 0, or the errno for which it still has none.
int AtomicFile::put(const fs::path& target) {
  if (!copies_ && ::renameat(folder_fd_, temporary_.c_str(), folder_fd_, target.filename().c_str()) == 0)
    return 0;
  const int error = copies_ ? 0 : errno;
  std::error_code none;
  if (error == ENOENT) fs::create_directories(folder_of(target), none);
  if (const int not_copied = copy_to(fd_, target); not_copied != 0) return error != 0 ? error : not_copied;
  ::unlinkat(folder_fd_, temporary_.c_str(), 0);
  return 0;
}

// Under another name, which nothing has yet: beside the target or, where that cannot be, among temporary files. Empty where
// there is no place for it at all.
fs::path AtomicFile::rescue() {
  const fs::path beside = target_.parent_path();
  const fs::path renamed = put_partial(copies_ ? folder_ : beside, target_, [this](const fs::path& path) {
    return rename_unless_taken(folder_fd_, temporary_, path.filename());
  });
  if (!renamed.empty()) return renamed;
  const auto copied = [this](const fs::path& path) {
    const int error = copy_to(fd_, path, O_EXCL);
    if (error == 0) ::unlinkat(folder_fd_, temporary_.c_str(), 0);
    return error;
  };
  std::error_code none;
  if (!copies_ && !beside.empty() && fs::create_directories(beside, none)) {  // it was removed
    if (const fs::path again = put_partial(beside, target_, copied); !again.empty()) return again;
  }
  return put_partial(fs::temp_directory_path(none), target_, copied);
}

void AtomicFile::commit() {
  int error = flush(fd_);
  if (error == 0 && !is_stream()) error = put(target_);
  if (error != 0) {
    const fs::path kept = is_stream() ? fs::path() : rescue();
    close();
    throw Error(Exit::environment, "cannot finish " + target_.string() + ": " + std::strerror(error) +
                                       (kept.empty() ? "" : "; what was made is in " + kept.string()));
  }
  close();
}

fs::path AtomicFile::commit_partial() {
  flush(fd_);
  if (is_stream()) {
    close();
    return target_;
  }
  const fs::path kept = rescue();
  close();
  if (kept.empty()) throw Error(Exit::environment, "cannot keep what was made of " + target_.string());
  return kept;
}

}  // namespace auralis
