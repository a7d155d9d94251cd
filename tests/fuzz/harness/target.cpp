// SPDX-License-Identifier: MIT
#include "fuzz/harness/target.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "base/io.h"
#include "model/control.h"

namespace auralis::fuzz {
namespace {

std::vector<Target>& registered_targets() {
  static std::vector<Target> all;
  return all;
}

}  // namespace

Registration::Registration(const char* name, void (*read)(std::string_view)) {
  registered_targets().push_back({name, read});
}

std::vector<Target> targets() {
  std::vector<Target> all = registered_targets();
  std::ranges::sort(all, {}, [](const Target& target) { return std::string_view(target.name); });
  return all;
}

void run(const Target& target, std::string_view bytes) {
  try {
    target.read(bytes);
  } catch (const Error& error) {
    AURALIS_CLAIM(error.exit == Exit::bad_input);
    AURALIS_CLAIM(std::string_view(error.what()).size() > 5);
  } catch (const ControlError& error) {
    AURALIS_CLAIM(std::string_view(error.what()).size() > 5);
  }
}

void claim_failed(const char* claim, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
  std::abort();
}

std::vector<std::string_view> in_pieces(std::string_view bytes, size_t size) {
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
  return pieces;
}

size_t small_size(std::string_view bytes) {
  return bytes.empty() ? 1 : 1 + static_cast<unsigned char>(bytes.back()) % 64;
}

MemoryFile::MemoryFile(std::string_view bytes) : fd_(::memfd_create("fuzzed", MFD_CLOEXEC)) {
  if (fd_ < 0) throw std::runtime_error("no file in memory");
  write_all(fd_, bytes, "fuzzed");
  ::lseek(fd_, 0, SEEK_SET);
}

MemoryFile::~MemoryFile() { ::close(fd_); }

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(fd_); }

}  // namespace auralis::fuzz
