// SPDX-License-Identifier: MIT
// A reader of foreign bytes, for fuzzing: tests/fuzz/READER.cpp holds one target each, which calls what the commands call.
//   answers    returning, and an Error of bad input (or a ControlError) that says something
//   findings   any other exception, a claim that does not hold, a report of a sanitizer, a signal, and more time or memory
//              than scripts/fuzz allows
//   run by     libFuzzer, as a program for each reader (scripts/fuzz); and with files that are kept, all readers in one
//              program, by any compiler (replay.cpp)
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auralis::fuzz {

struct Target {
  const char* name;
  void (*read)(std::string_view bytes);
};
// Those that are part of this program, by name.
std::vector<Target> targets();

// Reads the bytes as the target does, and swallows what counts as an answer.
void run(const Target& target, std::string_view bytes);

// Says what was claimed of the bytes and aborts.
[[noreturn]] void claim_failed(const char* claim, const char* file, int line);

struct Registration {
  Registration(const char* name, void (*read)(std::string_view));
};

// The bytes in pieces of this size, as a connection or a pipe brings them; the last may be shorter.
std::vector<std::string_view> in_pieces(std::string_view bytes, size_t size);
inline constexpr size_t most_at_once = 8192;  // that a connection brings
// A size of pieces for these bytes, 1 to 64, that libFuzzer may choose.
size_t small_size(std::string_view bytes);

// The bytes as a file in memory, for readers that open one.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int fd() const { return fd_; }  // at the first byte
  std::string path() const;

 private:
  int fd_;
};

}  // namespace auralis::fuzz

// AURALIS_FUZZ_TARGET(chart) { ... bytes ... }
#define AURALIS_FUZZ_TARGET(name)                                                    \
  static void read_##name(std::string_view bytes);                                   \
  static const ::auralis::fuzz::Registration registered_##name(#name, &read_##name); \
  static void read_##name([[maybe_unused]] std::string_view bytes)

#define AURALIS_CLAIM(...) \
  (static_cast<bool>(__VA_ARGS__) ? void() : ::auralis::fuzz::claim_failed(#__VA_ARGS__, __FILE__, __LINE__))
