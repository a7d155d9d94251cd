// SPDX-License-Identifier: MIT
// A piece in the making, behind Composer: one loop over parts that each know when they wake next.
//   piece.cpp            time, notes, layers, beginning and end, form
//   piece_sound.cpp      what the arcs, the intensity and the tempo do to patches and effects
//   piece_harmony.cpp    scenes, chords, modulation, silences
//   piece_parts.cpp      pads, drone, lead, bells, texture, percussion
//   piece_controls.cpp   a listener's wishes, and an early end
// A part that runs emits events at or after now_ and says when it wakes again, so what was given out never changes.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "compose/arc.h"
#include "compose/composer.h"
#include "compose/theory/melody.h"
#include "compose/theory/percussion.h"
#include "model/layer.h"
#include "model/rng.h"

namespace auralis {

inline constexpr double never = std::numeric_limits<double>::infinity();
inline constexpr size_t most_pad_voices = 6;

// On the wire times are whole microseconds.
inline double micro(double t) { return std::round(t * 1e6) / 1e6; }
// Other numbers in events are rounded too, so that a last bit of libm cannot show.
inline double rounded(double x) { return std::round(x * 1e4) / 1e4; }
inline double lerp(double a, double b, double x) { return a + (b - a) * x; }

class Composer::Piece {
 public:
  Piece(const Preset& preset, const ComposeSettings& settings);

  void compose_until(double t_s, std::vector<Event>& out);

  bool ended() const { return ended_; }

  Control apply(const Control& control, double t_s, std::vector<Event>& out);

  double finish(double t_s, std::vector<Event>& out);

  State state() const;

 private:
  // Everything that wakes by itself. Of two that wake together the earlier one here goes first.
  enum Part : size_t {
    form,
    tempo,
    harmony,
    drone,
    pad,
    lead = pad + most_pad_voices,
    bells,
    texture,
    low,
    swell,
    brush,
    part_count
  };
  static size_t part_of(Layer layer) {
    constexpr size_t parts[] = {drone, pad, lead, bells, texture, low, swell, brush};
    return parts[static_cast<size_t>(layer)];
  }

  struct Pending {
    double t;
    uint64_t order;
    Event event;
  };
  struct Sounding {
    uint64_t id;
    Layer layer;
    int pitch;
    double end;
  };
  // What returns: a small harmony and who plays it.
  struct Scene {
    std::vector<int> degrees;
    std::array<double, layer_count> draws{};  // each layer plays where its draw is below its share
    std::array<bool, layer_count> layers{};
    bool pedal = true;
    int shift_st = 0;
    double voices = 0.5;  // of the preset's range
    int size = 0;         // of the mode it was made in
  };
  // One chord and its time.
  struct Moment {
    double t = 0.0;
    Scale scale;
    Chord chord;
    std::vector<int> voicing;
    Scene scene;
    bool opens_scene = false;
    bool last = false;
  };
  struct PadSlot {
    int pitch = -1;
    uint64_t id = 0;
    double end = 0.0;  // of its note
  };

  // ---- time and events

  void emit(Event event) { pending_.push_back({event_time(event), order_++, std::move(event)}); }

  void flush(double until_s, bool inclusive, std::vector<Event>& out);

  void wake(size_t part, double t) { wake_[part] = micro(std::max(t, now_)); }

  void run(size_t part);

  double beat_s() const { return 60.0 / bpm_; }

  // ---- notes

  // Plays from now on; what would sound into a silence or past the end is shortened. 0 where too little is
  // left.
  uint64_t play(Layer layer, int pitch, double stress, double dur_s, Rng& rng);

  // A tone that would ring against the next chord is let go as that begins.
  double fitting(int pitch, double dur_s) const;

  void release(uint64_t id, double t);

  void forget_ended() {
    std::erase_if(sounding_, [&](const Sounding& note) { return note.end <= now_; });
  }

  // Nothing sounds from here to quiet_to_, or from the end of sounding on.
  double quiet_from() const {
    return now_ < silence_from_ ? std::min(silence_from_, sound_end_) : sound_end_;
  }
  bool quiet() const { return now_ >= sound_end_ || (now_ >= silence_from_ && now_ < silence_to_); }
  double quiet_over() const { return now_ >= sound_end_ ? never : silence_to_; }

  // ---- layers

  struct LayerState {
    std::optional<bool> wished;  // by the listener
    double gain_db = 0.0;
    double entry_s = 0.0;
  };

  bool on(Layer layer) const;
  bool active(Layer layer) const;

  void check_layers(const Control& control) const;

  void take_layer(Layer layer, const LayerControl& control);

  double trim_db(Layer layer) const;

  // ---- the sound

  void change(Layer layer, VoiceParam param, double value, double glide_s);
  void change(MasterParam param, double value, double glide_s);

  double intensity_offset() const { return intensity_ - preset_.intensity; }

  // The course of a whole piece: −1 at its ends, 1 about two thirds in; nothing in an endless one.
  double course(double t) const;
  double swing(const Arc& arc, double t) const {
    return std::clamp(0.75 * arc.at(t) + 0.35 * course(t), -1.0, 1.0);
  }

  double density() const {
    return std::clamp(intensity_ + 0.5 * preset_.form.density * swing(arcs_.density, now_), 0.0, 1.0);
  }
  int register_shift(double t) const {
    return static_cast<int>(std::lround(preset_.form.register_st * swing(arcs_.pitch, t)));
  }

  // What the arcs and the intensity move at time t.
  Patch sound_at(Layer layer, double t) const;
  MasterPatch master_at(double t) const;

  // Moves every parameter of a layer that differs from what was last sent.
  void send_sound(Layer layer, double t, double glide_s);
  void send_master(double t, double glide_s);

  // ---- beginning and end

  double tail_s() const;

  void plan_end(double end_s, double longest_tail);

  void fade_out();

  void begin();

  // ---- form

  void run_form();

  void run_tempo();

  // What is counted in beats comes sooner or later with the tempo.
  void stretch_beats(double ratio);

  // ---- harmony

  const HarmonyTable& table(const Scale& scale) const;

  // A piece too short for three of its chords hurries through three; below 20 s there is one.
  Range chord_range() const;
  // How many chords the rest of the piece must still hold, at least.
  double chords_left(double t) const { return std::ceil((end_ - t) / chord_range().high - 1e-6); }

  double draw_length(double t);

  double draw_modulation();

  static std::vector<int> all_degrees(const Scale& scale);

  Scene invent_scene(const Scale& scale, int last_degree, bool with_characteristic);

  static void include(Scene& scene, int degree);

  // I and V alone could do nothing but cadence.
  void avoid_bare_cadence(Scene& scene, const Scale& scale);

  void choose_layers(Scene& scene);
  void fill_layers(Scene& scene) const;
  double most_layers() const;

  // A scene that was there before, with something about it changed.
  Scene returning_scene(const Scale& scale);

  Scene next_scene(const Scale& scale);

  // Decides the chord that begins at t, and when.
  void plan_next(double t);

  void choose_next_chord(bool first);

  void revoice_next();

  // A fifth either way, or a third that shares most tones: whichever keys have most in common.
  void modulate();

  void run_harmony();

  void plan_silence();

  // ---- pads: every voice of the chord breathes by itself; what both chords share sounds on

  void move_pads();

  double pad_cross_s() const {
    return std::clamp<double>(preset_.layer(Layer::pad).sound[VoiceParam::attack_s], 0.5, 4.0);
  }

  void run_pad(size_t slot_index);

  // ---- drone

  int bass_of(const Moment& moment) const {
    return moment.scene.pedal ? moment.scale.tonic : moment.chord.root;
  }

  void run_drone();

  // ---- lead, and the bells that answer it

  MelodyMoment moment_for(Layer layer) const;

  // Seconds until something comes again that is rarer in thin music.
  double rest_s(const Range& range, double pace, Rng& rng) const {
    return range.at(rng.uniform()) * lerp(1.6, 0.6, density()) / pace;
  }

  void run_lead();

  double humanised(Rng& rng) const {
    return std::clamp(0.5 * rng.normal(), -1.0, 1.0) * preset_.melody.humanise_ms / 1000.0;
  }

  // The tone of the chord nearest a pitch, within the layer's range.
  int chord_tone_near(Layer layer, int pitch) const;

  // The nearest tone of the chord, for as long as the layer's notes last; answers the seconds drawn for it.
  double strike(Layer layer, int near, Rng& rng);

  int any_pitch(Layer layer, Rng& rng) const {
    return static_cast<int>(std::lround(preset_.layer(layer).pitches.at(rng.uniform())));
  }

  void run_bells();

  // ---- texture and percussion

  void run_texture();

  void run_low();

  // The distances between the onsets of a Euclidean rhythm, in bars: as even as whole bars allow, never the
  // same cycle.
  void draw_low_bars();

  // A swell ends where the next chord begins.
  void plan_swell();

  void run_swell();

  void run_brush();

  // ---- controls

  void take_musical_fields(const Control& control);

  void change_tempo();

  void change_layer(Layer layer, const LayerControl& control);

  void release_layer(Layer layer, double t);

  void start_now(Layer layer);

  void change_intensity(const std::array<bool, layer_count>& was_active);

  // Sounds glide, the composition changes at once; what the new preset has no use for fades.
  void morph_to(const Preset& preset);

  // The old harmony's tones that clash go, the new chord comes within moments, the bass with it.
  void cross_to_new_harmony();

  Preset preset_;
  ComposeSettings settings_;
  std::string sounding_preset_ = preset_.name;

  Rng harmony_rng_;
  Rng form_rng_;
  Rng pad_rng_;
  Rng drone_rng_;
  Rng lead_rng_;
  Rng bells_rng_;
  Rng texture_rng_;
  Rng percussion_rng_;

  // Time.
  double now_ = 0.0;
  double end_ = never;
  double sound_end_ = never;  // the last note is released
  double fade_from_ = never;
  double silence_from_ = never;
  double silence_to_ = never;
  bool ended_ = false;
  bool finishing_ = false;
  std::array<double, part_count> wake_{};
  std::vector<Pending> pending_;
  uint64_t order_ = 0;
  uint64_t last_id_ = 0;
  std::vector<Sounding> sounding_;
  std::vector<uint64_t> releases_;

  // What is being played.
  Scale scale_;
  std::string key_;
  double bpm_ = 60.0;
  double tempo_target_ = 60.0;
  double tempo_until_ = 0.0;
  double intensity_ = 0.5;
  std::array<LayerState, layer_count> layers_{};
  std::array<Patch, layer_count> sent_{};
  MasterPatch sent_master_{};
  Arcs arcs_;

  // Harmony.
  Moment current_;
  Moment next_;
  std::optional<Scale> scale_for_next_;
  int home_ = 0;
  int chart_home_ = 0;  // the key an imported harmony was written in
  int before_degree_ = -1;
  int scene_left_ = 0;
  int plain_scenes_ = 0;  // in a row without the mode's characteristic chord
  double modulate_at_ = never;
  std::vector<Scene> memory_;
  size_t chart_position_ = 0;

  // The parts.
  std::array<PadSlot, most_pad_voices> slots_{};
  int drone_pitch_class_ = -1;
  Melody melody_;
  double lead_grid_ = 0.0;
  Motif answer_;  // what is left of it, the next note last
  int answer_base_ = 0;
  std::vector<double> low_bars_;
  std::vector<bool> brush_cycle_;
  Thinning thinning_;
  double swell_s_ = 5.0;
};

}  // namespace auralis
