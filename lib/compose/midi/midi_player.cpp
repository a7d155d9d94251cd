// SPDX-License-Identifier: MIT
#include "compose/midi/midi_player.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compose/midi/midi_limits.h"
#include "model/units.h"

namespace auralis {
namespace {

using Kind = MidiMove::Kind;

// General MIDI's curve: the square of the controller.
double gain_db(double share) {
  return share > 0.0 ? std::max(silence_db, 40.0 * std::log10(share)) : silence_db;
}

}  // namespace

bool MidiPlayer::play(const MidiMessage& m, int port, double t) {
  if (m.status == 0xf0) {
    sysex(m.data, port, t);
    return true;
  }
  Channel& c = channel(port, m.status & 0x0f);
  switch (m.status & 0xf0) {
    case 0x90:
      if (m.second > 0) {
        if (song_.notes.size() >= most_midi_notes) return false;
        note_on(c, m.first, m.second, m.track, t);
        break;
      }
      [[fallthrough]];
    case 0x80:
      note_off(c, m.first, m.track, t);
      break;
    case 0xb0:
      controller(c, m.first, m.second, t);
      if (m.first == 6 && (c.rpn == 3 || c.rpn == 4)) retune(c, t);
      tell_moves(c, t);
      break;
    case 0xc0:
      c.program = m.first;
      take_bank(c, t);
      break;
    case 0xe0:
      c.bend = m.first | (m.second << 7);
      tell_moves(c, t);
      break;
    default:
      break;  // pressure: no layer listens to it
  }
  return true;
}

void MidiPlayer::finish(double t) {
  for (auto& [part, c] : channels_) end_all(c, t);
}

void MidiPlayer::reset(double t) {
  finish(t);
  master_ = {};
  gs_ = false;
  tunings_ = {};
  for (auto& [part, c] : channels_) {
    const auto moved = c.moved;
    c = Channel{
        .port = c.port, .number = c.number, .percussion = c.number == percussion_channel, .moved = moved};
    tell_moves(c, t);
  }
}

MidiPlayer::Channel& MidiPlayer::channel(int port, int number) {
  const auto [found, is_new] = channels_.try_emplace(port * midi_channels + number);
  Channel& c = found->second;
  if (is_new) {
    c.port = port;
    c.number = number;
    c.percussion = number == percussion_channel;
    tell_moves(c, 0.0);
  }
  return c;
}

void MidiPlayer::set_percussion(int port, int number, bool percussion, double t) {
  Channel& c = channel(port, number);
  if (c.percussion == percussion) return;
  end_all(c, t);
  c.percussion = percussion;
  tell_moves(c, t);
}

// General MIDI 2 has its drums in bank 120 and melodies in 121, XG its drums in 126 and 127.
void MidiPlayer::take_bank(Channel& c, double t) {
  if (gs_ || c.bank < 0) return;
  const bool drums = c.bank == 120 || c.bank == 126 || c.bank == 127;
  if (drums || c.bank == 121 || c.drum_bank) {
    set_percussion(c.port, c.number, drums || (c.number == percussion_channel && c.bank != 121), t);
  }
  c.drum_bank = drums;
}

// ---- keys ----

void MidiPlayer::note_on(Channel& c, int key, int velocity, int track, double t) {
  if (c.mono) {
    end_all(c, t);
    std::erase_if(c.struck, [key](const Struck& struck) { return struck.key == key; });
    c.struck.push_back({key, velocity});
  }
  begin(c, key, velocity, track, t);
}

void MidiPlayer::begin(Channel& c, int key, int velocity, int track, double t) {
  Key& held = c.keys[static_cast<size_t>(key)];
  // Struck again under a pedal: the string sounds once.
  end(held.sustained, t);
  end(held.captured, t);
  held.down.push_back(song_.notes.size());
  MidiNote note;
  note.t = t;
  note.track = track;
  note.channel = c.number;
  note.percussion = c.percussion;
  note.port = c.port;
  note.program = c.program;
  note.key = key;
  note.key_st = note.key_end_st = key_st(c, key);
  note.pitch = std::clamp(key + tune_st(c) + note.key_st, 0.0, 127.0);
  note.vel = velocity / 127.0;
  song_.notes.push_back(note);
}

// Of several notes on one key the oldest ends. A single voice goes back to the key that was struck before and is still
// down.
void MidiPlayer::note_off(Channel& c, int key, int track, double t) {
  const bool sounds = c.mono && !c.struck.empty() && c.struck.back().key == key;
  std::erase_if(c.struck, [key](const Struck& struck) { return struck.key == key; });
  if (sounds && !c.struck.empty() && song_.notes.size() < most_midi_notes) {
    const Struck before = c.struck.back();
    end_all(c, t);
    begin(c, before.key, before.velocity, track, t);
    return;
  }
  lift(c, c.keys[static_cast<size_t>(key)], t);
}

void MidiPlayer::lift(Channel& c, Key& key, double t) {
  if (key.first == key.down.size()) return;
  const size_t note = key.down[key.first++];
  if (key.first == key.down.size()) {
    key.down.clear();
    key.first = 0;
  }
  if (c.sostenuto && note < c.captured_before) {
    key.captured.push_back(note);
  } else if (c.pedal) {
    key.sustained.push_back(note);
  } else {
    song_.notes[note].dur = t - song_.notes[note].t;
  }
}

void MidiPlayer::lift_all(Channel& c, double t) {
  for (Key& key : c.keys) {
    while (key.first < key.down.size()) lift(c, key, t);
  }
  c.struck.clear();
}

void MidiPlayer::end_all(Channel& c, double t) {
  for (Key& key : c.keys) {
    for (size_t i = key.first; i < key.down.size(); ++i) {
      song_.notes[key.down[i]].dur = t - song_.notes[key.down[i]].t;
    }
    key.down.clear();
    key.first = 0;
    end(key.sustained, t);
    end(key.captured, t);
  }
}

void MidiPlayer::end(std::vector<size_t>& notes, double t) {
  for (const size_t note : notes) song_.notes[note].dur = t - song_.notes[note].t;
  notes.clear();
}

// ---- what all channels have in common ----

// Device control of all channels at once.
void MidiPlayer::control_device(int what, int fine, int coarse, double t) {
  const int value = coarse << 7 | fine;
  switch (what) {
    case 1:
      master_.volume = value;
      break;
    case 3:
      master_.fine_st = (value - 8192) / 8192.0;
      break;
    case 4:
      master_.coarse_st = coarse - 64;
      break;
    default:
      return;  // balance, and effects
  }
  for (auto& [part, c] : channels_) tell_moves(c, t);
}

// What begins a piece for a General MIDI, GS or XG instrument, and what all channels have in common.
void MidiPlayer::sysex(std::string_view data, int port, double t) {
  if (data.empty() || static_cast<unsigned char>(data.back()) != 0xf7) return;
  data.remove_suffix(1);
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(data[i]); };
  const bool universal = data.size() >= 4 && (byte(0) == 0x7e || byte(0) == 0x7f);
  if (universal && byte(0) == 0x7f && byte(2) == 4 && data.size() == 6) {
    control_device(byte(3), byte(4) & 0x7f, byte(5) & 0x7f, t);
    return;
  }
  if (tunings_.take(data)) return retune_all(t);
  const bool general = universal && byte(0) == 0x7e && byte(2) == 9;
  const bool gs = data.size() == 9 && byte(0) == 0x41 &&
                  data.substr(2, 6) == std::string_view("\x42\x12\x40\x00\x7f\x00", 6);
  const bool xg =
      data.size() == 7 && byte(0) == 0x43 && data.substr(2, 5) == std::string_view("\x4c\x00\x00\x7e\x00", 5);
  if (!general && !gs && !xg) return part_mode(data, port, t);
  reset(t);
  gs_ = gs;
}

// Which channel a drum part is on. GS numbers its parts 10, 1 … 9, 11 … 16.
void MidiPlayer::part_mode(std::string_view data, int port, double t) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(data[i]); };
  if (data.size() == 9 && byte(0) == 0x41 && data.substr(2, 3) == std::string_view("\x42\x12\x40", 3) &&
      (byte(5) & 0xf0) == 0x10 && byte(6) == 0x15) {
    const int part = byte(5) & 0x0f;
    const int number = part == 0 ? percussion_channel : part <= percussion_channel ? part - 1 : part;
    set_percussion(port, number, byte(7) != 0, t);
  }
  if (data.size() == 7 && byte(0) == 0x43 && data.substr(2, 2) == std::string_view("\x4c\x08", 2) &&
      byte(4) < midi_channels && byte(5) == 0x07) {
    set_percussion(port, byte(4), byte(6) != 0, t);
  }
}

// ---- what moves ----

double MidiPlayer::tune_st(const Channel& c) const {
  if (c.percussion) return 0.0;
  const double range_st = c.bend_range[0] + c.bend_range[1] / 100.0;
  const double fine_st = ((c.fine_tuning[0] << 7 | c.fine_tuning[1]) - 8192) / 8192.0;
  // The largest bend is a whole range up, as the smallest is one down.
  const int up = c.bend - 8192;
  const double bend_st = range_st * (up > 0 ? up / 8191.0 : up / 8192.0);
  return bend_st + fine_st + (c.coarse_tuning - 64) + master_.fine_st + master_.coarse_st;
}

double MidiPlayer::key_st(const Channel& c, int key) const {
  if (c.percussion) return 0.0;
  return tunings_.above_key_st(c.number, key, c.tuning_bank, c.tuning_program);
}

// What sounds goes where a tuning has it now.
void MidiPlayer::retune(Channel& c, double t) {
  if (c.percussion || ++retunings_ > most_midi_retunings) return;
  const auto move_note = [&](size_t i) {
    MidiNote& note = song_.notes[i];
    const double st = key_st(c, note.key);
    if (st == note.key_end_st) return;
    note.key_end_st = st;
    song_.retunings.push_back({t, i, st});
  };
  for (Key& key : c.keys) {
    std::for_each(key.down.begin() + static_cast<std::ptrdiff_t>(key.first), key.down.end(), move_note);
    std::ranges::for_each(key.sustained, move_note);
    std::ranges::for_each(key.captured, move_note);
  }
}

void MidiPlayer::retune_all(double t) {
  for (auto& [part, c] : channels_) retune(c, t);
}

void MidiPlayer::tell_moves(Channel& c, double t) {
  const double master_share = static_cast<double>(master_.volume) / full_master_volume;
  const double level = gain_db(c.volume / 100.0 * (c.expression / 127.0) * master_share);
  move(c, Kind::level_db, level, t);
  move(c, Kind::pan, std::clamp((c.pan - 64) / 63.0, -1.0, 1.0), t);
  move(c, Kind::tune_st, tune_st(c), t);
  const double range_cents = 100.0 * (c.modulation_range[0] + c.modulation_range[1] / 128.0);
  move(c, Kind::vibrato_cents, range_cents * c.modulation / 127.0, t);
}

void MidiPlayer::move(Channel& c, Kind kind, double value, double t) {
  double& moved = c.moved[static_cast<size_t>(kind)];
  if (moved == value) return;
  moved = value;
  const int part = c.port * midi_channels + c.number;
  // The bytes of one parameter come one after the other: at one time the last word counts.
  for (auto last = song_.moves.rbegin(); last != song_.moves.rend() && last->t == t && last->part == part;
       ++last) {
    if (last->kind != kind) continue;
    last->value = value;
    return;
  }
  song_.moves.push_back({t, part, kind, value});
}

}  // namespace auralis
