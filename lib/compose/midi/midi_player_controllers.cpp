// SPDX-License-Identifier: MIT
#include <utility>

#include "compose/midi/midi_player.h"

namespace auralis {

void MidiPlayer::controller(Channel& c, int number, int value, double t) {
  constexpr int on = 64;
  switch (number) {
    case 0:
      c.bank = value;
      break;
    case 1:
      c.modulation = value;
      break;
    case 6:
      data_entry(c, 0, value);
      break;
    case 7:
      c.volume = value;
      break;
    case 10:
      c.pan = value;
      break;
    case 11:
      c.expression = value;
      break;
    case 38:
      data_entry(c, 1, value);
      break;
    case 64:
      set_pedal(c, value >= on, t);
      break;
    case 66:
      set_sostenuto(c, value >= on, t);
      break;
    case 98:
    case 99:
      c.rpn = 0x3fff;
      break;  // a non-registered parameter is selected instead
    case 100:
      c.rpn = (c.rpn & 0x3f80) | value;
      break;
    case 101:
      c.rpn = (c.rpn & 0x7f) | (value << 7);
      break;
    case 120:  // all sound off
      end_all(c, t);
      c.struck.clear();
      song_.moves.push_back({t, c.port * midi_channels + c.number, MidiMove::Kind::silence, 0.0});
      break;
    case 121:
      reset_controllers(c, t);
      break;
    case 123:  // all notes off, and what means it too: omni off and on, mono, poly
    case 124:
    case 125:
    case 126:
    case 127:
      lift_all(c, t);
      if (number >= 126) c.mono = number == 126;
      break;
    default:
      break;
  }
}

// part: 0 for the coarse byte, 1 for the fine one
void MidiPlayer::data_entry(Channel& c, size_t part, int value) {
  switch (c.rpn) {
    case 0:
      c.bend_range[part] = value;
      break;
    case 1:
      c.fine_tuning[part] = value;
      break;
    case 2:
      if (part == 0) c.coarse_tuning = value;
      break;
    case 3:
      if (part == 0) c.tuning_program = value;
      break;
    case 4:
      if (part == 0) c.tuning_bank = value;
      break;
    case 5:
      c.modulation_range[part] = value;
      break;
    default:
      break;
  }
}

void MidiPlayer::set_pedal(Channel& c, bool down, double t) {
  const bool was_down = std::exchange(c.pedal, down);
  if (down || !was_down) return;
  for (Key& key : c.keys) end(key.sustained, t);
}

// Holds what is down when it goes down; what the other pedal holds then is that pedal's.
void MidiPlayer::set_sostenuto(Channel& c, bool down, double t) {
  const bool was_down = std::exchange(c.sostenuto, down);
  if (down && !was_down) c.captured_before = song_.notes.size();
  if (down || !was_down) return;
  for (Key& key : c.keys) {
    if (!c.pedal) {
      end(key.captured, t);
      continue;
    }
    key.sustained.insert(key.sustained.end(), key.captured.begin(), key.captured.end());
    key.captured.clear();
  }
}

// As RP-015 has it: volume, pan, program, tuning and the bend's range stay.
void MidiPlayer::reset_controllers(Channel& c, double t) {
  c.modulation = 0;
  c.expression = 127;
  c.bend = 8192;
  c.rpn = 0x3fff;
  set_pedal(c, false, t);
  set_sostenuto(c, false, t);
}

}  // namespace auralis
