// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/error.h"
#include "compose/midi/midi_file.h"
#include "compose/midi/midi_player.h"
#include "compose/midi/midi_track.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr double longest_song_s = 7.0 * 86400.0;  // beyond it a delta time is broken rather than slow

std::string at(const std::string& name, const Wrong& wrong) {
  return name + ": byte " + std::to_string(wrong.offset) + ": " + wrong.what;
}

// Ticks to seconds, followed forward in time.
class Clock {
 public:
  explicit Clock(const MidiDivision& division) : division_(division) { set_tempo(500000); }

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
  MidiDivision division_;
  uint64_t from_tick_ = 0;
  double from_s_ = 0.0;
  double tick_s_ = 0.0;
};

// Bar lines while time passes, in quarters, whatever the tempo does.
class Bars {
 public:
  Bars(MidiSong& song, const MidiDivision& division)
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
    quarters_ = numerator * 4.0 / (1 << power);
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

// A file on its way to being a song.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  MidiSong read() {
    try {
      read_chunks();
      play();
      if (song_.notes.empty())
        throw first_wrong_.value_or(Wrong{bytes_.size(), "no notes, expected at least one"});
    } catch (const Wrong& wrong) {
      throw Error(Exit::bad_input, at(name_, wrong));
    }
    return std::move(song_);
  }

 private:
  void warn(const Wrong& wrong, const std::string& consequence) {
    if (!first_wrong_) first_wrong_ = wrong;
    song_.warnings.push_back(at(name_, wrong) + "; " + consequence);
  }

  void read_chunks() {
    Bytes in(bytes_, 0, bytes_.size());
    if (!is_midi(bytes_)) throw Wrong{0, "not a MIDI file, expected \"MThd\""};
    in.take(4);
    const uint32_t header = in.number(4);
    if (header < 6) throw Wrong{4, "a header of " + std::to_string(header) + " bytes, expected 6"};
    const uint32_t type = in.number(2);
    if (type == 2) throw Wrong{8, "a type 2 file (independent patterns), expected type 0 or 1"};
    if (type > 2) throw Wrong{8, "type " + std::to_string(type) + ", expected 0 or 1"};
    const uint32_t tracks_announced = in.number(2);
    division_ = read_division(in.number(2), 12);
    in.take(header - 6);

    while (!in.empty()) {
      if (bytes_.size() - in.offset() < 8) {
        warn({in.offset(), "the file ends inside a chunk's header"}, "it is passed over");
        break;
      }
      read_chunk(in);
    }
    if (tracks_ == 0) throw Wrong{in.offset(), "no track, expected \"MTrk\""};
    if (static_cast<uint32_t>(tracks_) < tracks_announced) {
      song_.warnings.push_back(at(name_, {10, std::to_string(tracks_announced) + " tracks announced, " +
                                                  std::to_string(tracks_) + " found"}));
    }
  }

  void read_chunk(Bytes& in) {
    const size_t chunk = in.offset();
    const std::string_view kind = in.take(4);
    const size_t length = in.number(4);
    const size_t left = bytes_.size() - in.offset();
    if (kind == "MTrk") {
      if (length > left) {
        warn(
            {chunk, "a track of " + std::to_string(length) + " bytes with " + std::to_string(left) + " left"},
            "what is there is played");
      }
      Bytes body(bytes_, in.offset(), in.offset() + std::min(length, left));
      song_.track_names.emplace_back();
      try {
        last_tick_ = std::max(last_tick_, read_track(body, tracks_, messages_));
      } catch (const Wrong& wrong) {
        warn(wrong, "the rest of track " + std::to_string(tracks_ + 1) + " is left out");
      }
      ++tracks_;
    }
    in.take(std::min(length, left));
  }

  // All tracks together, in order of time.
  void play() {
    std::stable_sort(messages_.begin(), messages_.end(),
                     [](const MidiMessage& a, const MidiMessage& b) { return a.tick < b.tick; });
    Clock clock(division_);
    MidiPlayer player(song_);
    Bars bars(song_, division_);
    for (const MidiMessage& m : messages_) {
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
        read_meta(m, t, clock);
      }
      last_tick_ = std::max(last_tick_, m.tick);
    }
    song_.duration_s = clock.seconds(last_tick_);
    if (song_.duration_s > longest_song_s) {
      throw Wrong{bytes_.size(), "an end after more than seven days, expected a shorter piece"};
    }
    bars.advance(last_tick_, clock);
    player.finish(song_.duration_s);
  }

  void read_meta(const MidiMessage& m, double t, Clock& clock) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(m.meta[i]); };
    switch (m.first) {
      case 0x03:
        if (std::string& track = song_.track_names[static_cast<size_t>(m.track)]; track.empty())
          track = m.meta;
        break;
      case 0x06:
        song_.markers.push_back({t, std::string(m.meta)});
        break;
      case 0x51: {
        const uint32_t tempo = m.meta.size() == 3 ? static_cast<uint32_t>(byte(0) << 16) |
                                                        static_cast<uint32_t>(byte(1) << 8) | byte(2)
                                                  : 0;
        if (tempo == 0) {
          song_.warnings.push_back(at(name_, {m.offset, "a tempo of nothing is passed over"}));
          break;
        }
        clock.move_to(m.tick);
        clock.set_tempo(tempo);
        if (!std::exchange(tempo_known_, true)) song_.bpm = 6e7 / tempo;
        break;
      }
      case 0x59: {
        if (m.meta.size() != 2 || song_.key) break;
        const int sharps = byte(0) < 128 ? byte(0) : byte(0) - 256;
        if (sharps < -7 || sharps > 7) break;
        song_.minor = byte(1) == 1;
        song_.key = key_name(sharps * 7 + (song_.minor ? 9 : 0) + 84);
        break;
      }
      default:
        break;
    }
  }

  std::string_view bytes_;
  const std::string& name_;
  MidiSong song_;
  MidiDivision division_;
  std::vector<MidiMessage> messages_;
  std::optional<Wrong> first_wrong_;
  uint64_t last_tick_ = 0;
  int tracks_ = 0;
  bool tempo_known_ = false;
};

}  // namespace

bool is_midi(std::string_view bytes) { return bytes.substr(0, 4) == "MThd"; }

MidiSong read_midi(std::string_view bytes, const std::string& name) { return Reader(bytes, name).read(); }

}  // namespace auralis
