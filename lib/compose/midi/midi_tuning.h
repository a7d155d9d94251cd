// SPDX-License-Identifier: MIT
// The MIDI Tuning Standard, both ways: keys of a file that do not sound where equal temperament has them.
//   reading   dumps of a whole tuning (with a bank and without), changes of single keys (real time or not), and tunings of an
//             octave, of one byte and of two; by channel the tuning program and bank chosen, at first 0
//   writing   changes of single keys, in real time, of program 0
//   steps     of 2^-14 semitone: 0.006 cent
//   source    MIDI Tuning Messages, CA-020, CA-021 and RP-020
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "compose/midi/midi_file.h"

namespace auralis {

class MidiTunings {
 public:
  // A sysex without its first byte and its last. False where it tunes nothing.
  bool take(std::string_view sysex);
  // How far a key lies above itself, in semitones.
  double above_key_st(int channel, int key, int bank, int program) const;
  bool empty() const { return programs_.empty() && !octaves_used_; }

 private:
  using Program = std::array<double, 128>;

  bool take_dump(std::string_view data, size_t at, int bank);
  bool take_keys(std::string_view data, size_t at, int bank);
  bool take_octave(std::string_view data, size_t step_bytes);

  std::map<std::pair<int, int>, Program> programs_;  // by bank and program
  std::array<std::array<double, 12>, midi_channels> octaves_{};
  bool octaves_used_ = false;
};

// The sysex event of a file: keys and the pitches they sound at from now on, at most 127.
inline constexpr size_t most_keys_retuned = 127;
std::string retune_event(std::span<const std::pair<int, double>> keys);
// What chooses program 0 of bank 0 for a channel: controllers and their values, in order.
std::array<std::array<int, 2>, 8> choose_tuning_program();

}  // namespace auralis
