// SPDX-License-Identifier: MIT
// Channel messages in order of time become notes, and moves of what sounds: keys, pedals, controllers, bends.
//   work   of a message is that of the notes it ends, however many are held
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/midi/midi_track.h"
#include "compose/midi/midi_tuning.h"

namespace auralis {

class MidiPlayer {
 public:
  explicit MidiPlayer(MidiSong& song) : song_(song) {}

  // A channel message or a sysex. False where there are more notes than a file may have.
  bool play(const MidiMessage& m, int port, double t);

  // Whatever still sounds ends.
  void finish(double t);
  // And all channels are as at first: the end of a pattern.
  void reset(double t);

 private:
  static constexpr int full_master_volume = 0x3fff;

  struct Master {
    int volume = full_master_volume;
    double fine_st = 0.0;
    double coarse_st = 0.0;
  };
  // The notes of one key, oldest first; of those that are down, from `first` on.
  struct Key {
    std::vector<size_t> down;
    size_t first = 0;
    std::vector<size_t> sustained;  // the key is up and only the pedal holds them
    std::vector<size_t> captured;   // and only the sostenuto pedal
  };
  struct Struck {
    int key;
    int velocity;
  };
  struct Channel {
    int port = 0;
    int number = 0;
    int program = 0;
    bool percussion = false;  // a drum part
    int bank = -1;            // its upper byte, taken up with the next program; none told
    bool drum_bank = false;   // which made it a drum part
    int volume = 100;
    int expression = 127;
    int pan = 64;
    int modulation = 0;
    int bend = 8192;
    int rpn = 0x3fff;                       // none selected
    std::array<int, 2> bend_range{2, 0};    // semitones, cents
    std::array<int, 2> fine_tuning{64, 0};  // of 16384 steps of 1/8192 semitone
    int coarse_tuning = 64;                 // semitones above −64
    int tuning_program = 0;
    int tuning_bank = 0;
    std::array<int, 2> modulation_range{0, 64};  // semitones, 1/128 of one
    bool pedal = false;
    bool sostenuto = false;
    size_t captured_before = 0;  // notes older than this, and down all the while, are the sostenuto pedal's
    bool mono = false;
    std::vector<Struck> struck{};  // mono: keys down, the one that sounds last
    std::array<Key, 128> keys{};
    std::array<double, 4> moved{};  // by MidiMove::Kind, as last told
  };

  Channel& channel(int port, int number);
  void set_percussion(int port, int number, bool percussion, double t);
  void take_bank(Channel& c, double t);
  void note_on(Channel& c, int key, int velocity, int track, double t);
  void begin(Channel& c, int key, int velocity, int track, double t);
  void note_off(Channel& c, int key, int track, double t);
  void lift(Channel& c, Key& key, double t);
  void lift_all(Channel& c, double t);
  void end_all(Channel& c, double t);
  void end(std::vector<size_t>& notes, double t);
  void controller(Channel& c, int number, int value, double t);
  void data_entry(Channel& c, size_t part, int value);
  void set_pedal(Channel& c, bool down, double t);
  void set_sostenuto(Channel& c, bool down, double t);
  void reset_controllers(Channel& c, double t);
  void control_device(int what, int fine, int coarse, double t);
  void sysex(std::string_view data, int port, double t);
  void part_mode(std::string_view data, int port, double t);
  void tell_moves(Channel& c, double t);
  void move(Channel& c, MidiMove::Kind kind, double value, double t);
  double tune_st(const Channel& c) const;
  double key_st(const Channel& c, int key) const;
  void retune(Channel& c, double t);
  void retune_all(double t);

  MidiSong& song_;
  std::map<int, Channel> channels_;  // by part
  bool gs_ = false;                  // the file is for GS instruments, which have no banks of drums
  Master master_;
  MidiTunings tunings_;
  size_t retunings_ = 0;  // of what sounds, so far
};

}  // namespace auralis
