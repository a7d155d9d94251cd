// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "base/log.h"
#include "compose/midi/midi_file.h"
#include "compose/preset/preset.h"
#include "compose/timeline.h"
#include "model/layer.h"
#include "model/limits.h"
#include "model/units.h"

namespace auralis {
namespace {

using Kind = MidiMove::Kind;

constexpr double least_hit_s = 0.25;  // of percussion whose sound is over sooner
constexpr double wheel_hz = 5.5;      // the modulation wheel's vibrato: a preset's own is a slow drift
constexpr double releases_to_silence = 100.0 / 60.0;  // release_s is the time to −60 dB, and silence −100 dB

// Into the range a stream can state, by octaves of tempo, so that beats stay beats.
double stream_bpm(double bpm) {
  const ControlInfo& range = info_of(ControlId::bpm);
  while (bpm > range.max) bpm /= 2.0;
  while (bpm < range.min) bpm *= 2.0;
  return bpm;
}

double value_of(const Patch& patch, VoiceParam param) { return static_cast<double>(patch[param]); }

void set_within(Patch& patch, VoiceParam param, double value) {
  const ParamInfo& info = voice_params[static_cast<size_t>(param)];
  patch[param] = static_cast<float>(std::clamp(value, info.min, info.max));
}

// A channel's hand on a patch.
void apply(Patch& patch, const Patch& own, const MidiMove& move) {
  using enum VoiceParam;
  switch (move.kind) {
    case Kind::level_db: {
      const bool silent = move.value <= silence_db;
      set_within(patch, trim_db, silent ? silence_db : value_of(own, trim_db) + move.value);
      break;
    }
    case Kind::pan:
      set_within(patch, pan, value_of(own, pan) + move.value);
      break;
    case Kind::tune_st:
      set_within(patch, tune_st, value_of(own, tune_st) + move.value);
      break;
    case Kind::vibrato_cents:
      set_within(patch, vibrato_cents, std::max(value_of(own, vibrato_cents), move.value));
      set_within(patch, vibrato_hz, move.value > 0.0 ? wheel_hz : value_of(own, vibrato_hz));
      break;
    case Kind::silence:
      break;
  }
}

// What one channel plays of one layer of the preset: a layer of the stream.
struct Strip {
  Layer layer = Layer::pad;
  int part = 0;
  std::string name{};
  bool begun = false;
  Patch own{};                                       // the preset's
  Patch initial{};                                   // as its first note finds it
  Patch patch{};                                     // as the channel has moved it so far
  std::vector<std::pair<uint64_t, double>> uncut{};  // notes: id, when they are over at the latest
};

// Of channels beyond limits::layers: they share a layer for each of the preset's, and their controllers do not act.
constexpr int shared_part = -1;

class Import {
 public:
  Import(const MidiSong& song, const Preset& preset) : song_(song), preset_(preset) {
    for (const MidiNote& note : song.notes) strip_of_.push_back(find_strip(note));
    name_strips();
    cuts_ = std::any_of(song.moves.begin(), song.moves.end(),
                        [](const MidiMove& move) { return move.kind == Kind::silence; });
  }

  std::vector<Event> events() {
    size_t next = 0;
    size_t next_retuning = 0;
    const auto move_until = [&](double t) {
      for (; next < song_.moves.size() && song_.moves[next].t <= t; ++next) {
        retune_until(next_retuning, song_.moves[next].t);
        take(song_.moves[next]);
      }
      retune_until(next_retuning, t);
    };
    for (size_t i = 0; i < song_.notes.size(); ++i) {
      move_until(song_.notes[i].t);
      take(song_.notes[i], strips_[strip_of_[i]]);
    }
    const double reverb_s = value_of_master(MasterParam::reverb_time_s);
    const double end_s = std::max(song_.duration_s, last_sound_s_ + reverb_s);
    move_until(end_s);
    std::vector<Event> all = heads();
    for (Event& event : timeline_) append(all, std::move(event));
    append(all, EndEvent{whole_us(end_s)});
    return all;
  }

 private:
  // With what a stream needs in a rest longer than it may pass over.
  static void append(std::vector<Event>& all, Event&& event) {
    const double t = event_time(event);
    for (double to = event_time(all.back()); t - to > limits::silence_s;) {
      to += limits::silence_s;
      all.emplace_back(AdvanceEvent{to});
    }
    all.push_back(std::move(event));
  }

  double value_of_master(MasterParam param) const { return static_cast<double>(preset_.master[param]); }

  size_t find_strip(const MidiNote& note) {
    const std::string name = preset_.midi.layer_of(note, song_.track_names[static_cast<size_t>(note.track)]);
    const Layer layer = find_layer(name).value_or(Layer::pad);
    auto found = by_part_.find(std::pair(note.part(), layer));
    if (found != by_part_.end()) return found->second;
    const int part = strips_.size() + layer_count < limits::layers ? note.part() : shared_part;
    const auto [place, is_new] = by_part_.try_emplace(std::pair(part, layer), strips_.size());
    if (is_new) {
      const Patch& sound = preset_.layer(layer).sound;
      strips_.push_back({.layer = layer, .part = part, .own = sound, .patch = sound});
    }
    return place->second;
  }

  // A layer that one channel plays keeps its name.
  void name_strips() {
    std::array<int, layer_count> parts{};
    for (const Strip& strip : strips_) ++parts[static_cast<size_t>(strip.layer)];
    for (Strip& strip : strips_) {
      strip.name = name_of(strip.layer);
      if (parts[static_cast<size_t>(strip.layer)] == 1 || strip.part == shared_part) continue;
      strip.name += "-ch" + std::to_string(strip.part % midi_channels + 1);
      if (const int port = strip.part / midi_channels; port > 0)
        strip.name += "-port" + std::to_string(port + 1);
    }
  }

  // What begins the stream: the sounds as their first notes find them.
  std::vector<Event> heads() const {
    StartEvent start;
    start.seed = "0";
    start.preset = preset_.name;
    start.key = song_.key.value_or(preset_.key);
    start.mode = !song_.key ? preset_.mode : song_.minor ? "aeolian" : "ionian";
    start.bpm = stream_bpm(song_.bpm);
    start.intensity = preset_.intensity;
    std::vector<Event> all{start, PatchEvent{0.0, std::string(master_layer), preset_.master}};
    for (const auto& [key, i] : by_layer()) {
      const LayerPlan& plan = preset_.layer(strips_[i].layer);
      all.push_back(
          PatchEvent{0.0, strips_[i].name, strips_[i].initial, without_arcs(plan.movement), 0.0, plan.wave});
    }
    return all;
  }

  std::map<std::pair<Layer, int>, size_t> by_layer() const {
    std::map<std::pair<Layer, int>, size_t> order;
    for (size_t i = 0; i < strips_.size(); ++i)
      order.emplace(std::pair(strips_[i].layer, strips_[i].part), i);
    return order;
  }

  void take(const MidiNote& note, Strip& strip) {
    if (!std::exchange(strip.begun, true)) strip.initial = strip.patch;
    double dur = note.dur;
    if (note.percussion) {  // files write hits, not lengths
      const double whole_s =
          value_of(strip.own, VoiceParam::attack_s) + value_of(strip.own, VoiceParam::decay_s);
      dur = std::max({dur, whole_s, least_hit_s});
    }
    const double release_s = value_of(strip.own, VoiceParam::release_s);
    last_sound_s_ = std::max(last_sound_s_, note.t + dur + release_s);
    NoteEvent event{whole_us(note.t), ++id_, strip.name, pitch_of(note, note.key_st), note.vel, dur, 0.0};
    if (note.key_st != 0.0 || note.key_end_st != 0.0) event.key = note.key;
    timeline_.push_back(std::move(event));
    if (cuts_) strip.uncut.emplace_back(id_, note.t + dur + releases_to_silence * release_s);
  }

  static double pitch_of(const MidiNote& note, double key_st) {
    return std::clamp(note.key + key_st, 0.0, 127.0);
  }

  // Notes have their numbers as ids, counted from 1.
  void retune_until(size_t& next, double t) {
    for (; next < song_.retunings.size() && song_.retunings[next].t <= t; ++next) {
      const MidiRetuning& retuning = song_.retunings[next];
      const double pitch = pitch_of(song_.notes[retuning.note], retuning.key_st);
      timeline_.push_back(BendEvent{whole_us(retuning.t), retuning.note + 1, pitch, 0.0});
    }
  }

  void take(const MidiMove& move) {
    const auto first = by_part_.lower_bound(std::pair(move.part, Layer{}));
    for (auto at = first; at != by_part_.end() && at->first.first == move.part; ++at) {
      Strip& strip = strips_[at->second];
      if (move.kind == Kind::silence) {
        cut(strip, move.t);
      } else {
        take(move, strip);
      }
    }
  }

  void take(const MidiMove& move, Strip& strip) {
    const Patch before = strip.patch;
    apply(strip.patch, strip.own, move);
    if (!strip.begun) return;
    using enum VoiceParam;
    for (const VoiceParam param : {trim_db, pan, tune_st, vibrato_hz, vibrato_cents}) {
      if (strip.patch[param] == before[param]) continue;
      timeline_.push_back(
          ChangeEvent{whole_us(move.t), strip.name, param, value_of(strip.patch, param), 0.0});
    }
  }

  void cut(Strip& strip, double t) {
    for (const auto& [id, over_s] : strip.uncut) {
      if (over_s > t) timeline_.push_back(ReleaseEvent{whole_us(t), id, true});
    }
    strip.uncut.clear();
  }

  const MidiSong& song_;
  const Preset& preset_;
  std::vector<Strip> strips_;
  std::map<std::pair<int, Layer>, size_t> by_part_;  // strips
  std::vector<size_t> strip_of_;                     // by note
  std::vector<Event> timeline_;
  uint64_t id_ = 0;
  double last_sound_s_ = 0.0;
  bool cuts_ = false;
};

}  // namespace

std::vector<Event> events_from_midi(std::string_view bytes, const Preset& preset, const std::string& name) {
  const MidiSong song = read_midi(bytes, name);
  for (const std::string& warning : song.warnings) log_warning(warning);
  return Import(song, preset).events();
}

}  // namespace auralis
