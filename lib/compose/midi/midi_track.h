// SPDX-License-Identifier: MIT
// One track of a MIDI file as events, one after the other, before anything is played.
//   tolerance   what an ordinary player plays is read: data bytes above 127 are taken as 127 (an event whose key or
//               controller is one is left out), system bytes that no file may hold are passed over, running status goes
//               on after metas and sysex, and where no event begins reading goes on at the next byte that begins one
//   end         at the end of track; without one at the end the chunk's length tells, where something can begin there
//   faults      are counted
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "compose/midi/midi_faults.h"

namespace auralis {

struct MidiMessage {
  uint64_t tick = 0;
  size_t offset = 0;
  int track = 0;
  int status = 0;  // channel status, 0xf0 for sysex or 0xff for a meta
  int first = 0;   // first data byte, or the meta's type
  int second = 0;
  std::string_view data;  // of a meta or sysex
};

// Whether a chunk may begin at a byte of the file: "MTrk", or any other name of four letters and digits with a length that
// fits.
bool is_midi_chunk(std::string_view file, size_t at);

class MidiTrack {
 public:
  // The chunk's bytes are begin … declared_end, if its length is right. faults: nullptr where they are counted already.
  MidiTrack(std::string_view file, size_t begin, size_t declared_end, int track, MidiFaults* faults);

  // False at the end.
  bool next(MidiMessage& message);

  size_t offset() const { return at_; }
  uint64_t tick() const { return tick_; }
  bool faulty() const { return faulty_; }  // so far
  bool end_of_track() const { return end_of_track_; }

 private:
  bool stops_here() const;
  bool read_event(MidiMessage& m);
  bool read_channel_event(MidiMessage& m);
  bool read_meta(MidiMessage& m);
  bool read_sysex(MidiMessage& m);
  void pass_system_byte(int status);
  // Whether behind so many data bytes a delta time and a status byte come.
  bool status_follows(size_t data);
  // A variable-length quantity, or nothing where it is none; at_ stays there.
  std::optional<uint32_t> number();
  std::optional<std::string_view> sized_data();
  void find_event(size_t from);
  bool may_begin(size_t at) const;
  bool cut_off(size_t at);
  void fault(MidiFault fault, size_t byte);
  int byte_at(size_t at) const { return static_cast<unsigned char>(file_[at]); }

  std::string_view file_;
  size_t at_;
  size_t begin_;
  size_t declared_end_;
  size_t bound_;  // no event goes beyond
  int track_;
  MidiFaults* faults_;
  uint64_t tick_ = 0;
  int running_ = 0;
  bool without_delta_ = false;  // reading goes on at a status byte
  bool end_of_track_ = false;
  bool ended_ = false;
  bool faulty_ = false;
};

// Ticks, as the header counts them.
struct MidiDivision {
  double ticks_per_quarter = 0.0;  // 0 with SMPTE time
  double ticks_per_second = 0.0;   // with SMPTE time
};
std::optional<MidiDivision> midi_division(uint32_t word);

}  // namespace auralis
