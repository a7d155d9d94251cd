// SPDX-License-Identifier: MIT
#include "compose/midi/midi_player.h"

#include <algorithm>
#include <cmath>

namespace auralis {
namespace {

constexpr int percussion_channel = 9;

}  // namespace

template <typename Condition>
void MidiPlayer::end_if(Channel& channel, double t, Condition condition) {
  std::erase_if(channel.held, [&](const Channel::Held& h) {
    if (!condition(h)) return false;
    song_.notes[h.note].dur = t - song_.notes[h.note].t;
    return true;
  });
}

void MidiPlayer::play(const MidiMessage& m, double t) {
  Channel& channel = channels_[static_cast<size_t>(m.status & 0x0f)];
  switch (m.status & 0xf0) {
    case 0x90:
      if (m.second > 0) {
        note_on(channel, m, t);
      } else {
        note_off(channel, m.first, t);
      }
      break;
    case 0x80:
      note_off(channel, m.first, t);
      break;
    case 0xb0:
      controller(channel, m.first, m.second, t);
      break;
    case 0xc0:
      channel.program = m.first;
      break;
    case 0xe0:
      channel.bend = m.first | (m.second << 7);
      break;
    default:
      break;  // pressure: no layer listens to it
  }
}

void MidiPlayer::finish(double t) {
  for (Channel& channel : channels_) end_all(channel, t);
}

void MidiPlayer::note_on(Channel& channel, const MidiMessage& m, double t) {
  MidiNote note;
  note.t = t;
  note.track = m.track;
  note.channel = m.status & 0x0f;
  note.program = channel.program;
  note.key = m.first;
  const double bend_st = channel.bend_range_st * (channel.bend - 8192) / 8192.0;
  note.pitch = std::clamp(m.first + (note.channel == percussion_channel ? 0.0 : bend_st), 0.0, 127.0);
  note.vel = std::clamp(m.second / 127.0 * channel.volume / 100.0 * channel.expression / 127.0, 0.0, 1.0);
  note.pan = std::clamp((channel.pan - 64) / 63.0, -1.0, 1.0);
  // Struck again under the pedal: the string sounds once.
  end_if(channel, t, [&](const Channel::Held& h) { return h.pedal && song_.notes[h.note].key == m.first; });
  channel.held.push_back({song_.notes.size(), false});
  song_.notes.push_back(note);
}

// Of several notes on one key the oldest ends.
void MidiPlayer::note_off(Channel& channel, int key, double t) {
  const auto found = std::find_if(channel.held.begin(), channel.held.end(), [&](const Channel::Held& h) {
    return !h.pedal && song_.notes[h.note].key == key;
  });
  if (found == channel.held.end()) return;
  if (channel.pedal) {
    found->pedal = true;
  } else {
    song_.notes[found->note].dur = t - song_.notes[found->note].t;
    channel.held.erase(found);
  }
}

void MidiPlayer::controller(Channel& channel, int number, int value, double t) {
  switch (number) {
    case 6:
      if (channel.rpn == 0) channel.bend_range_st = value;
      break;
    case 7:
      channel.volume = value;
      break;
    case 10:
      channel.pan = value;
      break;
    case 11:
      channel.expression = value;
      break;
    case 38:
      if (channel.rpn == 0) channel.bend_range_st = std::floor(channel.bend_range_st) + value / 100.0;
      break;
    case 64:
      channel.pedal = value >= 64;
      if (!channel.pedal) end_if(channel, t, [](const Channel::Held& h) { return h.pedal; });
      break;
    case 98:
    case 99:
      channel.rpn = 0x3fff;
      break;  // a non-registered parameter is selected instead
    case 100:
      channel.rpn = (channel.rpn & 0x3f80) | value;
      break;
    case 101:
      channel.rpn = (channel.rpn & 0x7f) | (value << 7);
      break;
    case 121:
      channel.bend = 8192;
      channel.expression = 127;
      channel.rpn = 0x3fff;
      controller(channel, 64, 0, t);
      break;
    case 120:
    case 123:
      end_all(channel, t);
      break;
    default:
      break;
  }
}

void MidiPlayer::end_all(Channel& channel, double t) {
  end_if(channel, t, [](const Channel::Held&) { return true; });
}

}  // namespace auralis
