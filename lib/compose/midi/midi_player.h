// SPDX-License-Identifier: MIT
// Channel messages in order of time become notes: keys, pedal, controllers, bends.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/midi/midi_track.h"

namespace auralis {

class MidiPlayer {
 public:
  explicit MidiPlayer(MidiSong& song) : song_(song) {}

  void play(const MidiMessage& m, double t);

  // Whatever still sounds ends with the song.
  void finish(double t);

 private:
  struct Channel {
    struct Held {
      size_t note;  // index into the song's notes
      bool pedal;   // its key is up and only the pedal holds it
    };
    int program = 0;
    int bend = 8192;
    double bend_range_st = 2.0;
    int rpn = 0x3fff;  // none selected
    int volume = 100;
    int expression = 127;
    int pan = 64;
    bool pedal = false;
    std::vector<Held> held;
  };

  void note_on(Channel& channel, const MidiMessage& m, double t);
  void note_off(Channel& channel, int key, double t);
  void controller(Channel& channel, int number, int value, double t);
  template <typename Condition>
  void end_if(Channel& channel, double t, Condition condition);
  void end_all(Channel& channel, double t);

  MidiSong& song_;
  std::array<Channel, 16> channels_;
};

}  // namespace auralis
