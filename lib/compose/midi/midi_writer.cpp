// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compose/midi/midi_chunks.h"
#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "compose/midi/midi_tuning.h"
#include "compose/theory/scale.h"
#include "model/control.h"
#include "model/layer.h"
#include "model/music.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr double midi_bpm = 120.0;     // of a file that states no tempo
constexpr double bend_range_st = 2.0;  // what General MIDI starts with
constexpr int glide_steps = 8;
constexpr size_t channels = 15;
constexpr int full_volume = 100;  // so does this
constexpr int full_expression = 127;

// A layer of any other name sounds like a pad.
int program_of(std::string_view layer) { return info_of(find_layer(layer).value_or(Layer::pad)).program; }

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
  Writer(std::span<const Event> events, MidiTuning tuning) : bends_(tuning == MidiTuning::bends) {
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
    uint64_t id;
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
    if (!e.key || bends_) return;
    retune(e.t, *e.key, e.pitch, 0.0);
    key_of_[e.id] = *e.key;
  }
  void prepare(const BendEvent& e) {
    bent_.insert(e.id);
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
    const int64_t on = tempo_.tick(e.t);
    Layer& layer = bends_ ? voice_of(e, on) : layer_of(e.layer);
    end_until(layer, on);
    if (layer.sounding.empty()) place(layer, on, e);
    const double bent_st = bend_range_st * (layer.bend - 8192) / 8192.0;
    const int key =
        e.key && !bends_ ? *e.key : static_cast<int>(std::clamp(std::round(e.pitch - bent_st), 0.0, 127.0));
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
    layer.sounding.push_back({key, std::max(on + 1, tempo_.tick(off_s)), e.id});
  }
  // A note that is bent has its channel alone.
  void add(const BendEvent& e) {
    if (!bends_) return;
    for (Layer& layer : layers_) {
      for (const Sounding& note : layer.sounding) {
        if (note.id == e.id) bend(layer, note, e);
      }
    }
  }
  template <typename Other>
  void add(const Other&) {}

  // Bend and position act on a whole channel, so they move only while nothing sounds on it.
  void place(Layer& layer, int64_t tick, const NoteEvent& e) {
    if (const int bend = e.key && !bends_ ? 8192 : bend_of(e.pitch); bend != layer.bend) {
      layer.track.put(tick, Track::setting, channel_event(0xe0, layer.channel, bend & 0x7f, bend >> 7));
      layer.bend = bend;
    }
    const int pan = 64 + static_cast<int>(std::lround(e.pan * 63.0));
    if (pan != layer.pan) {
      layer.track.put(tick, Track::setting, channel_event(0xb0, layer.channel, 10, pan));
      layer.pan = pan;
    }
  }

  static int bend_above(double off_key_st) {
    const double steps = std::round(off_key_st / bend_range_st * 8192.0);
    return static_cast<int>(std::clamp(8192.0 + steps, 0.0, 16383.0));
  }
  // Of a note on the key nearest its pitch.
  static int bend_of(double pitch) { return bend_above(pitch - std::clamp(std::round(pitch), 0.0, 127.0)); }

  void bend(Layer& layer, const Sounding& note, const BendEvent& e) {
    const int from = layer.bend;
    const int to = bend_above(e.pitch - note.key);
    const int steps = e.glide > 0.0 ? glide_steps : 1;
    for (int i = 1; i <= steps; ++i) {
      const int64_t tick = tempo_.tick(e.t + e.glide * i / steps);
      if (tick >= note.end) break;
      layer.bend = from + (to - from) * i / steps;
      layer.track.put(tick, Track::setting,
                      channel_event(0xe0, layer.channel, layer.bend & 0x7f, layer.bend >> 7));
    }
  }

  void end_until(Layer& layer, int64_t tick) {
    std::erase_if(layer.sounding, [&](const Sounding& note) {
      if (note.end > tick) return false;
      end_note(layer, note, note.end);
      return true;
    });
  }

  // A track of the layer's in which nothing sounds, or only what is bent alike and stays so; a new one where there is none.
  Layer& voice_of(const NoteEvent& e, int64_t tick) {
    const bool stays = !bent_.contains(e.id);
    for (Layer& layer : layers_) {
      if (layer.name != e.layer) continue;
      end_until(layer, tick);
      const bool all_stay = std::none_of(layer.sounding.begin(), layer.sounding.end(),
                                         [&](const Sounding& note) { return bent_.contains(note.id); });
      if (layer.sounding.empty() || (stays && all_stay && layer.bend == bend_of(e.pitch))) return layer;
    }
    return new_layer(e.layer);
  }

  void retune(double t, int key, double pitch, double glide_s) {
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
    return new_layer(name);
  }

  // All channels but percussion's; past fifteen they are those of the next port, or shared where channels are not bent.
  Layer& new_layer(const std::string& name) {
    const int nth = static_cast<int>(layers_.size() % channels);
    const auto port = static_cast<char>(std::min<size_t>(layers_.size() / channels, most_midi_ports - 1));
    Layer& layer = layers_.emplace_back();
    layer.name = name;
    layer.channel = nth < 9 ? nth : nth + 1;
    if (bends_ && port > 0) layer.track.put(0, Track::setup, meta(0x21, {&port, 1}));
    layer.track.put(0, Track::setup, meta(0x03, name));
    layer.track.put(0, Track::setup,
                    {static_cast<char>(0xc0 | layer.channel), static_cast<char>(program_of(name))});
    for (const auto& [number, value] :
         tunings_.empty() ? std::array<std::array<int, 2>, 8>{} : choose_tuning_program()) {
      if (number != 0) layer.track.put(0, Track::setup, channel_event(0xb0, layer.channel, number, value));
    }
    return layer;
  }

  bool bends_;
  std::unordered_set<uint64_t> bent_;  // notes that are
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

std::string midi_from_events(std::span<const Event> events, MidiTuning tuning) {
  return Writer(events, tuning).file();
}

}  // namespace auralis
