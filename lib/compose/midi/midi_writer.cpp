// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/midi/midi_tuning.h"
#include "compose/theory/scale.h"
#include "model/control.h"
#include "model/layer.h"
#include "model/music.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr int ticks_per_quarter = 480;
constexpr double midi_bpm = 120.0;     // of a file that states no tempo
constexpr double bend_range_st = 2.0;  // what General MIDI starts with
constexpr int full_volume = 100;       // so does this
constexpr int full_expression = 127;

// A layer of any other name sounds like a pad.
int program_of(std::string_view layer) { return info_of(find_layer(layer).value_or(Layer::pad)).program; }

void put_number(std::string& out, uint64_t value, int bytes) {
  while (bytes-- > 0) out += static_cast<char>((value >> (8 * bytes)) & 0xff);
}

void put_length(std::string& out, uint64_t value) {
  value = std::min<uint64_t>(value, 0x0fffffff);
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift != 0) out += static_cast<char>(0x80 | ((value >> shift) & 0x7f));
  }
  out += static_cast<char>(value & 0x7f);
}

std::string meta(int type, std::string_view data) {
  std::string out{'\xff', static_cast<char>(type)};
  put_length(out, data.size());
  return out + std::string(data);
}

std::string channel_event(int status, int channel, int first, int second) {
  return {static_cast<char>(status | channel), static_cast<char>(first), static_cast<char>(second)};
}

// Messages at ticks, in any order; at one tick those of a lower rank come first.
class Track {
 public:
  enum Rank { setup, note_off, setting, note_on };

  void put(int64_t tick, Rank rank, std::string message) {
    messages_.push_back({tick, rank, std::move(message)});
  }

  std::string chunk(int64_t end_tick) {
    std::stable_sort(messages_.begin(), messages_.end(), [](const Message& a, const Message& b) {
      return a.tick != b.tick ? a.tick < b.tick : a.rank < b.rank;
    });
    std::string body;
    int64_t now = 0;
    for (const Message& message : messages_) {
      put_length(body, static_cast<uint64_t>(message.tick - now));
      body += message.bytes;
      now = message.tick;
    }
    put_length(body, static_cast<uint64_t>(std::max<int64_t>(0, end_tick - now)));
    body += meta(0x2f, {});
    std::string out = "MTrk";
    put_number(out, body.size(), 4);
    return out + body;
  }

 private:
  struct Message {
    int64_t tick;
    Rank rank;
    std::string bytes;
  };
  std::vector<Message> messages_;
};

// Seconds to ticks, by the tempos the file can state (whole microseconds a quarter), so that nothing drifts.
class TempoMap {
 public:
  // From t on, later than every change before; answers the meta event.
  std::string change(double t, double bpm) {
    const auto us = static_cast<uint64_t>(std::llround(6e7 / bpm));
    const auto from_tick = changes_.empty() ? 0.0 : static_cast<double>(tick(t));
    changes_.push_back({t, from_tick, ticks_per_quarter * 1e6 / static_cast<double>(us)});
    std::string data;
    put_number(data, us, 3);
    return meta(0x51, data);
  }
  int64_t tick(double t) const {
    const auto after = std::upper_bound(changes_.begin() + 1, changes_.end(), t,
                                        [](double time, const Change& change) { return time < change.t; });
    const Change& change = *(after - 1);
    return std::llround(change.tick + (t - change.t) * change.ticks_per_s);
  }

 private:
  struct Change {
    double t;
    double tick;
    double ticks_per_s;
  };
  std::vector<Change> changes_;
};

std::string key_signature_meta(const std::string& key, const std::string& mode) {
  const Mode* known = find_mode(mode);
  const Scale scale{key_pitch_class(key).value_or(0), known != nullptr ? known : &modes().front()};
  const KeySignature signature = key_signature(scale);
  return meta(0x59,
              std::string{static_cast<char>(signature.sharps), static_cast<char>(signature.minor ? 1 : 0)});
}

// A level along the piece, in steps of a controller's fineness: what a layer's gain and trim, or the master's gain, differ
// from the first of them.
class LevelLine {
 public:
  struct Point {
    double t, db;
  };

  void begin(double db) { base_db_ = base_db_.value_or(db); }
  // Over a time that a later move may cut short.
  void move(double t, double db, double glide_s) {
    while (!points_.empty() && points_.back().t > t) points_.pop_back();
    const double from = points_.empty() ? 0.0 : points_.back().db;
    const double to = db - base_db_.value_or(0.0);
    const auto steps = static_cast<int>(std::clamp(glide_s / step_s, 1.0, most_steps));
    for (int i = 1; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      points_.push_back({t + glide_s * share, from + (to - from) * share});
    }
  }
  const std::vector<Point>& points() const { return points_; }

 private:
  static constexpr double step_s = 0.05;
  static constexpr double most_steps = 100.0;
  std::optional<double> base_db_;
  std::vector<Point> points_;
};

struct LayerLevel {
  double gain_db = 0.0;
  double trim_db = 0.0;
  LevelLine line{};

  double db() const { return trim_db <= silence_db ? 2.0 * silence_db : gain_db + trim_db; }
};

// The controller whose square is the gain: `full` is 0 dB.
int controller_of(double db, double full) {
  if (db <= silence_db) return 0;
  return static_cast<int>(std::clamp(std::round(full * std::pow(10.0, db / 40.0)), 1.0, 127.0));
}

class Writer {
 public:
  explicit Writer(std::span<const Event> events) {
    for (const Event& event : events) std::visit([this](const auto& e) { prepare(e); }, event);
    for (const Event& event : events) std::visit([this](const auto& e) { add(e); }, event);
  }

  std::string file() {
    const int64_t end = tempo_.tick(end_s_);
    put_tunings();
    for (Layer& layer : layers_) {
      for (const Sounding& note : layer.sounding) end_note(layer, note, std::min(note.end, end));
      put_levels(layer, 7, full_volume, levels_[layer.name].line);
      put_levels(layer, 11, full_expression, master_);
    }
    std::string out = "MThd";
    put_number(out, 6, 4);
    put_number(out, 1, 2);
    put_number(out, 1 + layers_.size(), 2);
    put_number(out, ticks_per_quarter, 2);
    out += conductor_.chunk(end);
    for (Layer& layer : layers_) out += layer.track.chunk(end);
    return out;
  }

 private:
  struct Sounding {
    int key;
    int64_t end;
  };
  struct Layer {
    std::string name;
    int channel;
    Track track;
    std::vector<Sounding> sounding;
    int bend = 8192;
    int pan = 64;
  };

  // First what a note's end depends on: releases, tempo, the end; and with it the whole conductor track.
  void prepare(const StartEvent& e) {
    key_ = e.key;
    mode_ = e.mode;
    conductor_.put(0, Track::setup, meta(0x03, e.preset));
    conductor_.put(0, Track::setup,
                   meta(0x01, "Auralis " + e.version + ", seed " + e.seed + ", " + e.key + " " + e.mode));
    conductor_.put(0, Track::setup, meta(0x58, std::string{4, 2, 24, 8}));
    conductor_.put(0, Track::setup, tempo_.change(0.0, e.bpm.value_or(midi_bpm)));
    conductor_.put(0, Track::setup, key_signature_meta(key_, mode_));
  }
  void prepare(const ChordEvent& e) { conductor_.put(tempo_.tick(e.t), Track::setting, meta(0x06, e.name)); }
  void prepare(const ControlEvent& e) {
    const Control& applied = e.applied;
    const int64_t tick = tempo_.tick(e.t);
    if (const double* bpm = applied.number(ControlId::bpm))
      conductor_.put(tick, Track::setting, tempo_.change(e.t, *bpm));
    const std::string* key = applied.text(ControlId::key);
    const std::string* mode = applied.text(ControlId::mode);
    if (key == nullptr && mode == nullptr) return;
    if (key != nullptr) key_ = *key;
    if (mode != nullptr) mode_ = *mode;
    conductor_.put(tick, Track::setting, key_signature_meta(key_, mode_));
  }
  // A tuning has one pitch for each key: a key's first holds from the beginning on.
  void prepare(const NoteEvent& e) {
    if (e.key) retune(e.t, *e.key, e.pitch, 0.0);
    if (e.key) key_of_[e.id] = *e.key;
  }
  void prepare(const BendEvent& e) {
    if (const auto key = key_of_.find(e.id); key != key_of_.end()) retune(e.t, key->second, e.pitch, e.glide);
  }
  void prepare(const ReleaseEvent& e) { released_.emplace(e.id, e.t); }
  void prepare(const PatchEvent& e) {
    if (const auto* master = std::get_if<MasterPatch>(&e.params)) {
      const auto gain = static_cast<double>((*master)[MasterParam::gain_db]);
      master_.begin(gain);
      master_.move(e.t, gain, 0.0);
      return;
    }
    const auto& patch = std::get<Patch>(e.params);
    LayerLevel& level = levels_[e.layer];
    level.gain_db = static_cast<double>(patch[VoiceParam::gain_db]);
    level.trim_db = static_cast<double>(patch[VoiceParam::trim_db]);
    level.line.begin(level.gain_db);
    level.line.move(e.t, level.db(), 0.0);
  }
  void prepare(const ChangeEvent& e) {
    if (const auto* param = std::get_if<MasterParam>(&e.param)) {
      if (*param == MasterParam::gain_db) master_.move(e.t, e.value, e.glide);
      return;
    }
    const auto param = std::get<VoiceParam>(e.param);
    if (param != VoiceParam::gain_db && param != VoiceParam::trim_db) return;
    LayerLevel& level = levels_[e.layer];
    (param == VoiceParam::gain_db ? level.gain_db : level.trim_db) = e.value;
    level.line.move(e.t, level.db(), e.glide);
  }
  void prepare(const EndEvent& e) { end_s_ = e.t; }
  template <typename Other>
  void prepare(const Other&) {}

  void add(const NoteEvent& e) {
    Layer& layer = layer_of(e.layer);
    const int64_t on = tempo_.tick(e.t);
    std::erase_if(layer.sounding, [&](const Sounding& note) {
      if (note.end > on) return false;
      end_note(layer, note, note.end);
      return true;
    });
    if (layer.sounding.empty()) place(layer, on, e);
    const double bent_st = bend_range_st * (layer.bend - 8192) / 8192.0;
    const int key = e.key ? *e.key : static_cast<int>(std::clamp(std::round(e.pitch - bent_st), 0.0, 127.0));
    // One key can sound once: the note before ends where this one begins.
    std::erase_if(layer.sounding, [&](const Sounding& note) {
      if (note.key != key) return false;
      end_note(layer, note, on);
      return true;
    });
    const int velocity = static_cast<int>(std::clamp(std::round(e.vel * 127.0), 1.0, 127.0));
    layer.track.put(on, Track::note_on, channel_event(0x90, layer.channel, key, velocity));
    const auto released = released_.find(e.id);
    const double off_s =
        std::min({e.t + e.dur, released == released_.end() ? end_s_ : released->second, end_s_});
    layer.sounding.push_back({key, std::max(on + 1, tempo_.tick(off_s))});
  }
  template <typename Other>
  void add(const Other&) {}

  // Bend and position act on a whole channel, so they move only while nothing sounds on it.
  void place(Layer& layer, int64_t tick, const NoteEvent& e) {
    const double off_key = e.key ? 0.0 : e.pitch - std::clamp(std::round(e.pitch), 0.0, 127.0);
    const int bend = 8192 + static_cast<int>(std::lround(off_key / bend_range_st * 8192.0));
    if (bend != layer.bend) {
      layer.track.put(tick, Track::setting, channel_event(0xe0, layer.channel, bend & 0x7f, bend >> 7));
      layer.bend = bend;
    }
    const int pan = 64 + static_cast<int>(std::lround(e.pan * 63.0));
    if (pan != layer.pan) {
      layer.track.put(tick, Track::setting, channel_event(0xb0, layer.channel, 10, pan));
      layer.pan = pan;
    }
  }

  void retune(double t, int key, double pitch, double glide_s) {
    constexpr int glide_steps = 8;
    auto& course = tunings_[key];
    if (course.empty()) t = glide_s = 0.0;
    const double from = course.empty() ? pitch : course.rbegin()->second;
    if (from == pitch && !course.empty()) return;
    const int steps = glide_s > 0.0 ? glide_steps : 1;
    for (int i = 1; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      course[tempo_.tick(t + glide_s * share)] = from + (pitch - from) * share;
    }
  }

  void put_tunings() {
    std::map<int64_t, std::vector<std::pair<int, double>>> by_tick;
    for (const auto& [key, course] : tunings_) {
      for (const auto& [tick, pitch] : course) by_tick[tick].emplace_back(key, pitch);
    }
    for (const auto& [tick, keys] : by_tick) {
      for (size_t at = 0; at < keys.size(); at += most_keys_retuned) {
        const size_t count = std::min(most_keys_retuned, keys.size() - at);
        conductor_.put(tick, Track::setting, retune_event(std::span(keys).subspan(at, count)));
      }
    }
  }

  void put_levels(Layer& layer, int controller, int full, const LevelLine& line) {
    int last = full;
    for (const auto& [t, db] : line.points()) {
      const int value = controller_of(db, full);
      if (value == std::exchange(last, value) || t > end_s_) continue;
      layer.track.put(tempo_.tick(t), Track::setting, channel_event(0xb0, layer.channel, controller, value));
    }
  }

  void end_note(Layer& layer, const Sounding& note, int64_t tick) {
    layer.track.put(tick, Track::note_off, channel_event(0x80, layer.channel, note.key, 64));
  }

  Layer& layer_of(const std::string& name) {
    for (Layer& layer : layers_) {
      if (layer.name == name) return layer;
    }
    // All channels but percussion's; past fifteen layers they are shared.
    const int nth = static_cast<int>(layers_.size() % 15);
    Layer& layer = layers_.emplace_back();
    layer.name = name;
    layer.channel = nth < 9 ? nth : nth + 1;
    layer.track.put(0, Track::setup, meta(0x03, name));
    layer.track.put(0, Track::setup,
                    {static_cast<char>(0xc0 | layer.channel), static_cast<char>(program_of(name))});
    for (const auto& [number, value] :
         tunings_.empty() ? std::array<std::array<int, 2>, 8>{} : choose_tuning_program()) {
      if (number != 0) layer.track.put(0, Track::setup, channel_event(0xb0, layer.channel, number, value));
    }
    return layer;
  }

  std::unordered_map<uint64_t, double> released_;
  std::unordered_map<uint64_t, int> key_of_;          // of notes that a tuning moves
  std::map<int, std::map<int64_t, double>> tunings_;  // by key: from a tick on, its pitch
  std::unordered_map<std::string, LayerLevel> levels_;
  LevelLine master_;
  double end_s_ = 0.0;
  TempoMap tempo_;
  std::string key_ = "C";
  std::string mode_ = "ionian";
  Track conductor_;
  std::deque<Layer> layers_;
};

}  // namespace

std::string midi_from_events(std::span<const Event> events) { return Writer(events).file(); }

}  // namespace auralis
