// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <queue>
#include <utility>

#include "base/error.h"
#include "compose/midi/midi_clock.h"
#include "compose/midi/midi_container.h"
#include "compose/midi/midi_faults.h"
#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "compose/midi/midi_player.h"
#include "compose/midi/midi_track.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr size_t chunk_head = 8;
constexpr size_t least_header = 6;
constexpr uint32_t first_tempo = 500'000;  // microseconds a quarter, where a file sets none

// A file on its way to being a song: first its tracks are found, then they are played together.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  MidiSong read() {
    if (bytes_.size() > most_midi_bytes) {
      throw wrong(most_midi_bytes,
                  "more than " + std::to_string(most_midi_bytes >> 20) + " MiB, expected a shorter file");
    }
    find_tracks();
    song_.notes.reserve(std::min(note_ons_, most_midi_notes));
    play();
    if (song_.notes.empty()) {
      throw faults_.any() ? Error(Exit::bad_input, name_ + ": " + faults_.first() + ", and no notes are left")
                          : wrong(bytes_.size(), "no notes, expected at least one");
    }
    end_song();
    if (faults_.any()) song_.warnings.push_back(faults_.warning(name_));
    return std::move(song_);
  }

 private:
  struct Extent {
    size_t begin, declared_end;
  };
  // A track under way, with the event that it plays next.
  struct Voice {
    MidiTrack track;
    MidiMessage next;
  };

  Error wrong(size_t byte, const std::string& what) const {
    return {Exit::bad_input, name_ + ": byte " + std::to_string(byte) + ": " + what};
  }
  uint32_t number(size_t at, size_t count) const {
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
    return value;
  }

  // ---- tracks ----

  void find_tracks() {
    if (std::optional<std::string> before = undo_line_ends(bytes_)) {
      faults_.add(MidiFault::line_ends, bytes_.find("\r\n"));
      undone_ = std::move(*before);
      bytes_ = undone_;
    }
    const std::optional<MidiExtent> extent = find_midi(bytes_);
    if (!extent) throw wrong(0, "not a MIDI file, expected \"MThd\"");
    bytes_ = bytes_.substr(0, extent->end);  // offsets stay those of the file
    size_t at = read_header(extent->begin);
    const size_t header = extent->begin;
    while (at < bytes_.size()) at = read_chunk(at);
    if (tracks_.empty()) throw wrong(at, "no track, expected \"MTrk\"");
    if (tracks_.size() != tracks_announced_) faults_.add(MidiFault::track_count, header + 10);
    if (type_ == 0 && tracks_.size() > 1) type_ = 1;
  }

  // Answers where the first chunk begins.
  size_t read_header(size_t header) {
    if (bytes_.size() - header < chunk_head + least_header)
      throw wrong(bytes_.size(), "the header is cut off, expected 14 bytes");
    const size_t length = number(header + 4, 4);
    type_ = number(header + 8, 2);
    tracks_announced_ = number(header + 10, 2);
    const uint32_t division = number(header + 12, 2);
    if (division == 0) throw wrong(header + 12, "0 ticks a quarter note, expected at least 1");
    const std::optional<MidiDivision> known = midi_division(division);
    if (!known) {
      throw wrong(header + 12, "an SMPTE division of " + std::to_string(256 - (division >> 8)) +
                                   " frames and " + std::to_string(division & 0xff) +
                                   " ticks, expected 24, 25, 29 or 30 frames");
    }
    division_ = *known;
    if (type_ > 2) {
      faults_.add(MidiFault::type, header + 8);
      type_ = 1;
    }
    const size_t end = header + chunk_head + length;
    if (length == least_header ||
        (length > least_header && (end >= bytes_.size() || is_midi_chunk(bytes_, end))))
      return std::min(end, bytes_.size());
    faults_.add(MidiFault::header, header + 4);
    return std::min(bytes_.find("MTrk", header + chunk_head), bytes_.size());
  }

  // Returns where the next may begin. Where no chunk begins, only as many tracks are looked for as the header announces.
  size_t read_chunk(size_t at) {
    if (!is_midi_chunk(bytes_, at)) {
      if (tracks_.size() >= tracks_announced_) return bytes_.size();
      const size_t next = bytes_.find("MTrk", at + 1);
      if (next != std::string_view::npos) faults_.add(MidiFault::between_tracks, at);
      return std::min(next, bytes_.size());
    }
    const size_t begin = at + chunk_head;
    const size_t end = begin + number(at + 4, 4);
    if (bytes_.substr(at, 4) != "MTrk") return end;
    MidiTrack track(bytes_, begin, end, static_cast<int>(tracks_.size()), &faults_);
    tracks_.push_back({begin, end});
    song_.track_names.emplace_back();
    MidiMessage m;
    while (track.next(m)) note_ons_ += (m.status & 0xf0) == 0x90 && m.second > 0 ? 1 : 0;
    return after_track(track, at, end);
  }

  // The chunk's length is believed where it is right or something begins there; else what the events say.
  size_t after_track(const MidiTrack& track, size_t chunk, size_t declared_end) {
    const size_t end = track.offset();
    if (end == declared_end) return end;
    const bool track_follows = bytes_.compare(end, 4, "MTrk") == 0;
    const bool fits = declared_end == bytes_.size() || is_midi_chunk(bytes_, declared_end);
    if (fits && declared_end > end && !(track.end_of_track() && track_follows)) return declared_end;
    faults_.add(MidiFault::track_length, chunk + 4);
    return end;
  }

  // ---- playing ----

  void play() {
    MidiPlayer player(song_);
    if (type_ != 2) {
      end_s_ = play_together(player, 0, tracks_.size(), 0.0);
      end_s_ = std::min(end_s_, last_channel_s_ + longest_silent_end_s);
      player.finish(end_s_);
      return;
    }
    // Patterns, each with a time of its own.
    for (size_t i = 0; i < tracks_.size(); ++i) {
      end_s_ = play_together(player, i, i + 1, end_s_);
      player.reset(end_s_);
    }
  }

  // These tracks in order of time, from a second on; answers when the last of them ends.
  double play_together(MidiPlayer& player, size_t first, size_t last, double from_s) {
    const auto later = [](const Voice& a, const Voice& b) {
      return a.next.tick != b.next.tick ? a.next.tick > b.next.tick : a.next.track > b.next.track;
    };
    std::priority_queue<Voice, std::vector<Voice>, decltype(later)> voices(later);
    uint64_t last_tick = 0;
    const auto go_on = [&](Voice&& voice) {
      if (voice.track.next(voice.next)) {
        voices.push(std::move(voice));
      } else {
        last_tick = std::max(last_tick, voice.track.tick());
      }
    };
    for (size_t i = first; i < last; ++i) {
      const auto [begin, end] = tracks_[i];
      go_on({MidiTrack(bytes_, begin, end, static_cast<int>(i), nullptr), {}});
    }
    MidiClock clock(division_, from_s, tempo_);
    MidiBars bars(song_.bar_lines, division_);
    double last_s = from_s;
    while (!voices.empty()) {
      Voice voice = voices.top();
      voices.pop();
      const MidiMessage& m = voice.next;
      const double t = clock.seconds(m.tick);
      behind_fault_ |= voice.track.faulty();
      if (t > longest_midi_s || is_too_silent(t)) {
        faults_.add(MidiFault::too_late, m.offset);
        return last_s;
      }
      if (m.status < 0xf0) hear(t);
      bars.advance(m.tick, clock);
      last_s = t;
      take(m, t, player, clock, bars);
      go_on(std::move(voice));
    }
    const double end_s = std::max(last_s, clock.seconds(last_tick));
    if (end_s > longest_midi_s) return last_s;
    bars.advance(last_tick, clock);
    return end_s;
  }

  // Of the silence that ends at t, where it counts as one that was not meant.
  double silence_behind_fault_s(double t) const {
    const double silence_s = t - last_channel_s_;
    return behind_fault_ && silence_s >= least_silence_s ? silence_s : 0.0;
  }
  bool is_too_silent(double t) const {
    return silence_behind_fault_s_ + silence_behind_fault_s(t) > longest_silence_behind_fault_s;
  }
  void hear(double t) {
    silence_behind_fault_s_ += silence_behind_fault_s(t);
    last_channel_s_ = std::max(last_channel_s_, t);
  }

  void take(const MidiMessage& m, double t, MidiPlayer& player, MidiClock& clock, MidiBars& bars) {
    if (m.status != 0xff) {
      if (!player.play(m, port_of(m.track), t)) {
        throw wrong(m.offset, "more than " + std::to_string(most_midi_notes) + " notes, expected fewer");
      }
    } else if (m.first == 0x58 && m.data.size() == 4 && m.data[0] > 0 && m.data[1] >= 0 && m.data[1] < 8) {
      bars.set_metre(m.tick, m.data[0], m.data[1]);
      bars.advance(m.tick, clock);
    } else {
      read_meta(m, t, clock);
    }
  }

  int port_of(int track) const { return ports_.empty() ? 0 : ports_[static_cast<size_t>(track)]; }

  void read_meta(const MidiMessage& m, double t, MidiClock& clock) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(m.data[i]); };
    switch (m.first) {
      case 0x03:
        if (std::string& track = song_.track_names[static_cast<size_t>(m.track)]; track.empty())
          track = m.data;
        break;
      case 0x06:
        song_.markers.push_back({t, std::string(m.data)});
        break;
      case 0x21:
        if (m.data.size() == 1) set_port(m, byte(0));
        break;
      case 0x51: {
        uint32_t tempo = 0;
        for (size_t i = 0; m.data.size() == 3 && i < 3; ++i) tempo = tempo << 8 | byte(i);
        if (tempo == 0) {
          faults_.add(MidiFault::tempo, m.offset);
          break;
        }
        clock.move_to(m.tick);
        clock.set_tempo(tempo);
        tempo_ = tempo;
        if (!std::exchange(tempo_known_, true)) song_.bpm = 6e7 / tempo;
        break;
      }
      case 0x59: {
        if (m.data.size() != 2 || song_.key) break;
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

  void set_port(const MidiMessage& m, int port) {
    if (port >= most_midi_ports) faults_.add(MidiFault::port, m.offset);
    ports_.resize(tracks_.size());
    ports_[static_cast<size_t>(m.track)] = std::min(port, most_midi_ports - 1);
  }

  // Tempos, or an end of track, an hour behind the last note are no hour of silence.
  void end_song() {
    double sounds_until_s = song_.markers.empty() ? 0.0 : song_.markers.back().t;
    for (const MidiNote& note : song_.notes) sounds_until_s = std::max(sounds_until_s, note.t + note.dur);
    song_.duration_s = std::min(end_s_, sounds_until_s + longest_silent_end_s);
    std::vector<double>& bars = song_.bar_lines;
    while (bars.size() > 1 && bars.back() > song_.duration_s) bars.pop_back();
  }

  std::string_view bytes_;
  std::string undone_;  // bytes_, where they had to be mended
  const std::string& name_;
  MidiSong song_;
  MidiFaults faults_;
  MidiDivision division_;
  uint32_t type_ = 0;
  uint32_t tracks_announced_ = 0;
  std::vector<Extent> tracks_;
  std::vector<int> ports_;  // by track; empty where there is one
  size_t note_ons_ = 0;
  double last_channel_s_ = 0.0;
  double silence_behind_fault_s_ = 0.0;
  bool behind_fault_ = false;
  uint32_t tempo_ = first_tempo;  // a pattern goes on with that of the one before
  double end_s_ = 0.0;
  bool tempo_known_ = false;
};

}  // namespace

bool is_midi(std::string_view bytes) { return begins_midi(bytes).value_or(false); }

MidiSong read_midi(std::string_view bytes, const std::string& name) { return Reader(bytes, name).read(); }

}  // namespace auralis
