// SPDX-License-Identifier: MIT
// What the bytes of a MIDI file say, event by event, before anything is played.
//   errors   Wrong, at the byte at which it is wrong; the reader adds the file's name
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auralis {

struct Wrong {
  size_t offset;
  std::string what;
};

class Bytes {
 public:
  Bytes(std::string_view all, size_t begin, size_t end) : all_(all), at_(begin), end_(end) {}

  size_t offset() const { return at_; }
  bool empty() const { return at_ >= end_; }
  int peek() const;
  int byte();
  // Big-endian.
  uint32_t number(int bytes);
  // A variable-length quantity: at most four bytes, seven bits each.
  uint32_t length();
  std::string_view take(size_t count);
  // A byte below 128.
  int data();

 private:
  std::string_view all_;
  size_t at_;
  size_t end_;
};

struct MidiMessage {
  uint64_t tick = 0;
  size_t offset = 0;
  int track = 0;
  int status = 0;  // channel status, or 0xff
  int first = 0;   // first data byte, or the meta's type
  int second = 0;
  std::string_view meta;
};

// Reads one track until its end, appending to messages; stops with Wrong at what it cannot read.
// Answers the tick of the end of track.
uint64_t read_track(Bytes& in, int track, std::vector<MidiMessage>& messages);

// Ticks, as the header counts them.
struct MidiDivision {
  double ticks_per_quarter = 0.0;  // 0 with SMPTE time
  double ticks_per_second = 0.0;   // with SMPTE time
};
MidiDivision read_division(uint32_t word, size_t offset);

}  // namespace auralis
