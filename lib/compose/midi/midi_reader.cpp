// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <deque>

#include "base/error.h"
#include "compose/midi/midi_file.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr double longest_song_s = 7.0 * 86400.0;  // beyond it a delta time is broken rather than slow
constexpr int percussion_channel = 9;

// What is wrong and at which byte; the reader adds the file's name.
struct Wrong {
  size_t offset;
  std::string what;
};

std::string at(const std::string& name, const Wrong& wrong) {
  return name + ": byte " + std::to_string(wrong.offset) + ": " + wrong.what;
}

class Bytes {
 public:
  Bytes(std::string_view all, size_t begin, size_t end) : all_(all), at_(begin), end_(end) {}

  size_t offset() const { return at_; }
  bool empty() const { return at_ >= end_; }
  int peek() const {
    if (empty()) throw Wrong{at_, "the data ends here, expected more of the event"};
    return static_cast<unsigned char>(all_[at_]);
  }
  int byte() {
    const int value = peek();
    ++at_;
    return value;
  }
  uint32_t number(int bytes) {
    uint32_t value = 0;
    while (bytes-- > 0) value = (value << 8) | static_cast<uint32_t>(byte());
    return value;
  }
  // A variable-length quantity: at most four bytes, seven bits each.
  uint32_t length() {
    const size_t start = at_;
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const int next = byte();
      value = (value << 7) | static_cast<uint32_t>(next & 0x7f);
      if ((next & 0x80) == 0) return value;
    }
    throw Wrong{start, "a number longer than four bytes, expected a variable-length quantity"};
  }
  std::string_view take(size_t count) {
    if (count > end_ - at_) {
      throw Wrong{at_, "an event of " + std::to_string(count) + " bytes with " + std::to_string(end_ - at_) +
                           " left"};
    }
    at_ += count;
    return all_.substr(at_ - count, count);
  }
  int data() {
    if ((peek() & 0x80) != 0) throw Wrong{at_, "a status byte, expected a data byte below 128"};
    return byte();
  }

 private:
  std::string_view all_;
  size_t at_;
  size_t end_;
};

struct Message {
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
uint64_t read_track(Bytes& in, int track, std::vector<Message>& messages) {
  uint64_t tick = 0;
  int running = 0;
  while (!in.empty()) {
    tick += in.length();
    Message message{tick, in.offset(), track, in.peek(), 0, 0, {}};
    if (message.status >= 0x80) {
      in.byte();
    } else if (running != 0) {
      message.status = running;
    } else {
      throw Wrong{in.offset(), "a data byte with no status before it, expected an event"};
    }
    if (message.status < 0xf0) {
      // Metas and sysex should end running status; files in the wild go on with it, and no other reading is possible.
      running = message.status;
      message.first = in.data();
      const int kind = message.status & 0xf0;
      if (kind != 0xc0 && kind != 0xd0) message.second = in.data();
    } else if (message.status == 0xff) {
      message.first = in.byte();
      message.meta = in.take(in.length());
      if (message.first == 0x2f) return tick;
    } else if (message.status == 0xf0 || message.status == 0xf7) {
      in.take(in.length());
      continue;
    } else {
      throw Wrong{message.offset,
                  "a status byte that no file may hold, expected a channel event, sysex or meta"};
    }
    messages.push_back(message);
  }
  return tick;
}

struct Division {
  double ticks_per_quarter = 0.0;  // 0 with SMPTE time
  double ticks_per_second = 0.0;   // with SMPTE time
};

Division read_division(uint32_t word, size_t offset) {
  if ((word & 0x8000) == 0) {
    if (word == 0) throw Wrong{offset, "0 ticks a quarter note, expected at least 1"};
    return {static_cast<double>(word), 0.0};
  }
  const int frames = 256 - static_cast<int>(word >> 8);
  const int ticks = static_cast<int>(word & 0xff);
  if ((frames != 24 && frames != 25 && frames != 29 && frames != 30) || ticks == 0) {
    throw Wrong{offset, "an SMPTE division of " + std::to_string(frames) + " frames and " +
                            std::to_string(ticks) + " ticks, expected 24, 25, 29 or 30 frames"};
  }
  return {0.0, (frames == 29 ? 30000.0 / 1001.0 : frames) * ticks};
}

// Ticks to seconds, followed forward in time.
class Clock {
 public:
  explicit Clock(const Division& division) : division_(division) { set_tempo(500000); }

  double seconds(uint64_t tick) const { return from_s_ + static_cast<double>(tick - from_tick_) * tick_s_; }
  // With SMPTE time tempo means nothing.
  void set_tempo(uint32_t us_per_quarter) {
    tick_s_ = division_.ticks_per_quarter > 0.0 ? us_per_quarter * 1e-6 / division_.ticks_per_quarter
                                                : 1.0 / division_.ticks_per_second;
  }
  void move_to(uint64_t tick) {
    from_s_ = seconds(tick);
    from_tick_ = tick;
  }

 private:
  Division division_;
  uint64_t from_tick_ = 0;
  double from_s_ = 0.0;
  double tick_s_ = 0.0;
};

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

// Plays the messages of all tracks in order of time into notes.
class Player {
 public:
  explicit Player(MidiSong& song) : song_(song) {}

  void play(const Message& m, double t) {
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

  // Whatever still sounds ends with the song.
  void finish(double t) {
    for (Channel& channel : channels_) end_all(channel, t);
  }

 private:
  void note_on(Channel& channel, const Message& m, double t) {
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
  void note_off(Channel& channel, int key, double t) {
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

  void controller(Channel& channel, int number, int value, double t) {
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

  template <typename Condition>
  void end_if(Channel& channel, double t, Condition condition) {
    std::erase_if(channel.held, [&](const Channel::Held& h) {
      if (!condition(h)) return false;
      song_.notes[h.note].dur = t - song_.notes[h.note].t;
      return true;
    });
  }
  void end_all(Channel& channel, double t) {
    end_if(channel, t, [](const Channel::Held&) { return true; });
  }

  MidiSong& song_;
  std::array<Channel, 16> channels_;
};

// Bar lines while time passes, in quarters, whatever the tempo does.
class Bars {
 public:
  Bars(MidiSong& song, const Division& division)
      : song_(song),
        ticks_per_quarter_(division.ticks_per_quarter > 0.0 ? division.ticks_per_quarter
                                                            : division.ticks_per_second / 2.0) {}

  void advance(uint64_t tick, const Clock& clock) {
    // A broken delta time must not fill the memory with bars.
    for (; next_ <= static_cast<double>(tick) && song_.bar_lines.size() < 200'000; next_ += bar_ticks()) {
      last_ = next_;
      song_.bar_lines.push_back(clock.seconds(static_cast<uint64_t>(std::llround(next_))));
    }
  }
  // A new metre begins a bar; advance has been called for its tick.
  void set_metre(uint64_t tick, int numerator, int power) {
    quarters_ = numerator * 4.0 / std::exp2(power);
    const bool line_here = !song_.bar_lines.empty() && last_ == static_cast<double>(tick);
    next_ = static_cast<double>(tick) + (line_here ? bar_ticks() : 0.0);
  }

 private:
  double bar_ticks() const { return std::max(1.0, quarters_ * ticks_per_quarter_); }

  MidiSong& song_;
  double ticks_per_quarter_;
  double quarters_ = 4.0;
  double next_ = 0.0;
  double last_ = -1.0;
};

void read_meta(const Message& m, double t, const std::string& name, MidiSong& song, Clock& clock,
               bool& tempo_known) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(m.meta[i]); };
  switch (m.first) {
    case 0x03:
      if (std::string& track = song.track_names[static_cast<size_t>(m.track)]; track.empty()) track = m.meta;
      break;
    case 0x06:
      song.markers.push_back({t, std::string(m.meta)});
      break;
    case 0x51: {
      const uint32_t tempo = m.meta.size() == 3 ? static_cast<uint32_t>(byte(0) << 16) |
                                                      static_cast<uint32_t>(byte(1) << 8) | byte(2)
                                                : 0;
      if (tempo == 0) {
        song.warnings.push_back(at(name, {m.offset, "a tempo of nothing is passed over"}));
        break;
      }
      clock.move_to(m.tick);
      clock.set_tempo(tempo);
      if (!std::exchange(tempo_known, true)) song.bpm = 6e7 / tempo;
      break;
    }
    case 0x59: {
      if (m.meta.size() != 2 || song.key) break;
      const int sharps = byte(0) < 128 ? byte(0) : byte(0) - 256;
      if (sharps < -7 || sharps > 7) break;
      song.minor = byte(1) == 1;
      song.key = key_name(sharps * 7 + (song.minor ? 9 : 0) + 84);
      break;
    }
    default:
      break;
  }
}

}  // namespace

bool is_midi(std::string_view bytes) { return bytes.substr(0, 4) == "MThd"; }

MidiSong read_midi(std::string_view bytes, const std::string& name) {
  MidiSong song;
  std::vector<Message> messages;
  std::optional<Wrong> first_wrong;
  const auto warn = [&](const Wrong& wrong, const std::string& consequence) {
    if (!first_wrong) first_wrong = wrong;
    song.warnings.push_back(at(name, wrong) + "; " + consequence);
  };
  try {
    Bytes in(bytes, 0, bytes.size());
    if (!is_midi(bytes)) throw Wrong{0, "not a MIDI file, expected \"MThd\""};
    in.take(4);
    const uint32_t header = in.number(4);
    if (header < 6) throw Wrong{4, "a header of " + std::to_string(header) + " bytes, expected 6"};
    const uint32_t type = in.number(2);
    if (type == 2) throw Wrong{8, "a type 2 file (independent patterns), expected type 0 or 1"};
    if (type > 2) throw Wrong{8, "type " + std::to_string(type) + ", expected 0 or 1"};
    const uint32_t tracks_told = in.number(2);
    const Division division = read_division(in.number(2), 12);
    in.take(header - 6);

    uint64_t last_tick = 0;
    int track = 0;
    while (!in.empty()) {
      const size_t chunk = in.offset();
      if (bytes.size() - chunk < 8) {
        warn({chunk, "the file ends inside a chunk's header"}, "it is passed over");
        break;
      }
      const std::string_view kind = in.take(4);
      const size_t length = in.number(4);
      const size_t left = bytes.size() - in.offset();
      if (kind == "MTrk") {
        if (length > left) {
          warn({chunk,
                "a track of " + std::to_string(length) + " bytes with " + std::to_string(left) + " left"},
               "what is there is played");
        }
        Bytes body(bytes, in.offset(), in.offset() + std::min(length, left));
        song.track_names.emplace_back();
        try {
          last_tick = std::max(last_tick, read_track(body, track, messages));
        } catch (const Wrong& wrong) {
          warn(wrong, "the rest of track " + std::to_string(track + 1) + " is left out");
        }
        ++track;
      }
      in.take(std::min(length, left));
    }
    if (track == 0) throw Wrong{in.offset(), "no track, expected \"MTrk\""};
    if (static_cast<uint32_t>(track) < tracks_told) {
      song.warnings.push_back(at(name, {10, std::to_string(tracks_told) + " tracks announced, " +
                                                std::to_string(track) + " found"}));
    }

    std::stable_sort(messages.begin(), messages.end(),
                     [](const Message& a, const Message& b) { return a.tick < b.tick; });
    Clock clock(division);
    Player player(song);
    Bars bars(song, division);
    bool tempo_known = false;
    for (const Message& m : messages) {
      const double t = clock.seconds(m.tick);
      if (t > longest_song_s)
        throw Wrong{m.offset, "an event after more than seven days, expected a shorter piece"};
      bars.advance(m.tick, clock);
      if (m.status != 0xff) {
        player.play(m, t);
      } else if (m.first == 0x58 && m.meta.size() == 4 && m.meta[0] > 0 && m.meta[1] >= 0 && m.meta[1] < 8) {
        bars.set_metre(m.tick, m.meta[0], m.meta[1]);
        bars.advance(m.tick, clock);
      } else {
        read_meta(m, t, name, song, clock, tempo_known);
      }
      last_tick = std::max(last_tick, m.tick);
    }
    song.duration_s = clock.seconds(last_tick);
    if (song.duration_s > longest_song_s) {
      throw Wrong{bytes.size(), "an end after more than seven days, expected a shorter piece"};
    }
    bars.advance(last_tick, clock);
    player.finish(song.duration_s);
    if (song.notes.empty())
      throw first_wrong.value_or(Wrong{bytes.size(), "no notes, expected at least one"});
  } catch (const Wrong& wrong) {
    throw Error(Exit::bad_input, at(name, wrong));
  }
  return song;
}

}  // namespace auralis
