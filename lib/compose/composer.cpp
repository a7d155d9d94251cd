// SPDX-License-Identifier: MIT
#include "compose/composer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "compose/arc.h"
#include "compose/melody.h"
#include "compose/percussion.h"
#include "compose/voicing.h"
#include "core/error.h"
#include "core/units.h"

namespace auralis {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr size_t most_pad_voices = 6;
constexpr double crossing_s = 1.2;  // a control's new harmony comes this soon
constexpr double morph_s = 15.0;    // from one preset's sound to another's
constexpr double tempo_ramp_s = 4.0;
constexpr double tempo_step_s = 0.25;
constexpr double open_oct = 1.6;   // cutoffs, from intensity 0 to 1
constexpr double lively_db = 8.0;  // level of all but drone and pad, from intensity 0 to 1
constexpr double shortest_tail_s = 2.0;
constexpr double longest_tail_s = 14.0;

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

double micro(double t) { return std::round(t * 1e6) / 1e6; }
// Numbers in events are rounded, so that a last bit of libm cannot show.
double rounded(double x) { return std::round(x * 1e4) / 1e4; }
double lerp(double a, double b, double x) { return a + (b - a) * x; }

bool is_percussive(Layer layer) {
  return layer == Layer::low || layer == Layer::swell || layer == Layer::bells || layer == Layer::brush;
}

size_t part_of(Layer layer) {
  constexpr size_t parts[] = {drone, pad, lead, bells, texture, low, swell, brush};
  return parts[static_cast<size_t>(layer)];
}

std::string name_of(Layer layer) { return std::string(layer_names[static_cast<size_t>(layer)]); }

constexpr std::array<Layer, layer_count> all_layers{Layer::drone,   Layer::pad, Layer::lead,  Layer::bells,
                                                    Layer::texture, Layer::low, Layer::swell, Layer::brush};

}  // namespace

class Composer::Piece {
 public:
  Piece(const Preset& preset, const ComposeSettings& settings)
      : preset_(preset),
        settings_(settings),
        harmony_rng_(settings.seed, "harmony"),
        form_rng_(settings.seed, "form"),
        pad_rng_(settings.seed, "pad"),
        drone_rng_(settings.seed, "drone"),
        lead_rng_(settings.seed, "lead"),
        bells_rng_(settings.seed, "bells"),
        texture_rng_(settings.seed, "texture"),
        percussion_rng_(settings.seed, "percussion"),
        melody_(settings.seed) {
    wake_.fill(never);
    Rng arcs_rng(settings.seed, "arcs");
    arcs_ = Arcs::draw(preset_.form.arc_s, arcs_rng);
    const Control& initial = settings_.initial;
    if (initial.preset) throw ControlError("preset", "preset is given beside the controls, expected it once");
    check_layers(initial);
    take_musical_fields(initial);
    tempo_target_ = bpm_;
    home_ = scale_.tonic;
    for (const auto& [name, control] : initial.layers) take_layer(*find_layer(name), control);
    if (settings_.duration_s) plan_end(micro(*settings_.duration_s));
    begin();
    if (settings_.duration_s) fade_out();
  }

  void compose_until(double t_s, std::vector<Event>& out) {
    if (ended_) return;
    for (;;) {
      const auto next = std::min_element(wake_.begin(), wake_.end());
      if (*next >= t_s || *next >= end_) break;
      now_ = *next;
      *next = never;
      run(static_cast<size_t>(next - wake_.begin()));
    }
    if (end_ < t_s) {
      flush(end_, true, out);
      out.emplace_back(EndEvent{end_});
      ended_ = true;
      return;
    }
    flush(t_s, false, out);
  }

  bool ended() const { return ended_; }

  Control apply(const Control& control, double t_s, std::vector<Event>& out) {
    check_layers(control);
    std::optional<Preset> preset;
    if (control.preset) {
      if (!is_layer_name(*control.preset))
        throw ControlError("preset", "preset is unknown, expected the name of one");
      try {
        preset = load_preset(*control.preset);
      } catch (const Error& e) {
        throw ControlError("preset", e.what());
      }
    }
    if (control.key && !key_pitch_class(*control.key))
      throw ControlError("key", "key is unknown, expected C to B with # or b");
    if (control.mode && !find_mode(*control.mode))
      throw ControlError("mode", "mode is unknown, expected one of " + join_names(mode_names()));
    t_s = std::ceil(t_s * 1e6 - 1e-3) / 1e6;
    compose_until(t_s, out);
    if (ended_) return {};
    now_ = t_s;
    emit(ControlEvent{now_, control.id, control_fields(control).dump()});

    const double old_bpm = tempo_target_;
    const double old_intensity = intensity_;
    const Scale old_scale = scale_;
    if (preset) morph_to(*preset);
    take_musical_fields(control);
    if (preset || tempo_target_ != old_bpm) change_tempo();
    for (const auto& [name, layer] : control.layers) change_layer(*find_layer(name), layer);
    if (intensity_ != old_intensity && !preset) change_intensity();
    if (preset || scale_ != old_scale) cross_to_new_harmony();
    flush(now_, true, out);
    return control;
  }

  double finish(double t_s, std::vector<Event>& out) {
    t_s = std::ceil(t_s * 1e6 - 1e-3) / 1e6;
    compose_until(t_s, out);
    if (ended_) return end_;
    now_ = t_s;
    const double wanted = micro(t_s + 3.0 + tail_s());
    if (wanted < end_) {
      std::erase_if(pending_, [&](const Pending& p) {
        return p.t > now_ && std::holds_alternative<ChangeEvent>(p.event);
      });
      finishing_ = true;
      plan_end(wanted);
      fade_out();
      for (const Sounding& note : sounding_) {
        if (note.end > sound_end_) release(note.id, sound_end_);
      }
      if (!current_.last) {
        plan_next(micro(now_ + 0.5));
        wake_[harmony] = next_.t;
      }
    }
    return end_;
  }

  State state() const {
    State state{key_,
                std::string(scale_.mode->name),
                bpm_,
                intensity_,
                preset_.name,
                current_.chord.name,
                std::min(next_.t, end_),
                {}};
    for (size_t i = 0; i < layer_count; ++i)
      state.layers[i] = {on(static_cast<Layer>(i)), layers_[i].gain_db};
    return state;
  }

 private:
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

  void flush(double until_s, bool inclusive, std::vector<Event>& out) {
    std::sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
      return std::tie(a.t, a.order) < std::tie(b.t, b.order);
    });
    size_t count = 0;
    for (Pending& p : pending_) {
      if (inclusive ? p.t > until_s : p.t >= until_s) break;
      out.push_back(std::move(p.event));
      ++count;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  void wake(size_t part, double t) { wake_[part] = micro(std::max(t, now_)); }

  void run(size_t part) {
    switch (part) {
      case form:
        run_form();
        break;
      case tempo:
        run_tempo();
        break;
      case harmony:
        run_harmony();
        break;
      case drone:
        run_drone();
        break;
      case lead:
        run_lead();
        break;
      case bells:
        run_bells();
        break;
      case texture:
        run_texture();
        break;
      case low:
        run_low();
        break;
      case swell:
        run_swell();
        break;
      case brush:
        run_brush();
        break;
      default:
        run_pad(part - pad);
        break;
    }
  }

  double beat_s() const { return 60.0 / bpm_; }

  // ---- notes

  // Plays from now on; what would sound into a silence or past the end is shortened. 0 where too little is
  // left.
  uint64_t play(Layer layer, int pitch, double stress, double dur_s, Rng& rng) {
    const LayerPlan& plan = preset_.layer(layer);
    dur_s = std::min(dur_s, quiet_from() - now_);
    if (dur_s < 0.05) return 0;
    const double lively = 0.85 + 0.3 * intensity_;
    NoteEvent note;
    note.t = now_;
    note.id = ++last_id_;
    note.layer = name_of(layer);
    note.pitch = pitch;
    note.vel = rounded(std::clamp(plan.velocity.at(stress) * lively, 0.02, 1.0));
    note.dur = micro(dur_s);
    note.pan = rounded(plan.width * rng.uniform(-1.0, 1.0));
    sounding_.push_back({note.id, layer, pitch, micro(now_ + note.dur)});
    emit(note);
    return note.id;
  }

  // A tone that would ring against the next chord is let go as that begins.
  double fitting(int pitch, double dur_s) const {
    if (next_.t == never || now_ + dur_s < next_.t + 1.0 || agrees(next_.chord, pitch)) return dur_s;
    return std::max(next_.t - now_, 0.5);
  }

  void release(uint64_t id, double t) {
    emit(ReleaseEvent{micro(t), id});
    for (Sounding& note : sounding_) {
      if (note.id == id) note.end = std::min(note.end, micro(t));
    }
  }

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

  bool on(Layer layer) const {
    const LayerState& state = layers_[static_cast<size_t>(layer)];
    if (layer == Layer::lead && settings_.melody == MelodyKind::none) return false;
    return state.wished.value_or(preset_.layer(layer).on);
  }
  bool active(Layer layer) const {
    const LayerState& state = layers_[static_cast<size_t>(layer)];
    if (!on(layer) || now_ < state.entry_s) return false;
    if (is_percussive(layer) && intensity_ < percussion_from_intensity) return false;
    return state.wished.value_or(false) || current_.scene.layers[static_cast<size_t>(layer)];
  }

  void check_layers(const Control& control) const {
    for (const auto& [name, layer] : control.layers) {
      if (find_layer(name)) continue;
      const std::string_view nearest = nearest_name(name, layer_names);
      throw ControlError("layers." + name,
                         "layers." + name + " is unknown, expected " +
                             (nearest.empty() ? "one of " + join_names(layer_names) : std::string(nearest)));
    }
  }

  void take_layer(Layer layer, const LayerControl& control) {
    LayerState& state = layers_[static_cast<size_t>(layer)];
    if (control.on) state.wished = *control.on;
    if (control.gain_db) state.gain_db = *control.gain_db;
  }

  double trim_db(Layer layer) const {
    const LayerState& state = layers_[static_cast<size_t>(layer)];
    return state.wished == false ? silence_db : state.gain_db;
  }

  // ---- the sound

  void change(Layer layer, VoiceParam param, double value, double glide_s) {
    const ParamInfo& info = voice_params[static_cast<size_t>(param)];
    emit(ChangeEvent{now_, name_of(layer), param, rounded(std::clamp(value, info.min, info.max)),
                     micro(glide_s)});
  }
  void change(MasterParam param, double value, double glide_s) {
    const ParamInfo& info = master_params[static_cast<size_t>(param)];
    emit(ChangeEvent{now_, std::string(master_layer), param, rounded(std::clamp(value, info.min, info.max)),
                     micro(glide_s)});
  }

  double intensity_offset() const { return intensity_ - preset_.intensity; }

  // The course of a whole piece: −1 at its ends, 1 about two thirds in; nothing in an endless one.
  double course(double t) const {
    if (end_ == never || end_ < 60.0) return 0.0;
    const double x = t / end_;
    return 2.0 * std::min(smooth_step(0.0, 0.65, x), 1.0 - smooth_step(0.65, 1.0, x)) - 1.0;
  }
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
  Patch sound_at(Layer layer, double t) const {
    Patch sound = preset_.layer(layer).sound;
    const auto clamped = [](VoiceParam param, double value) {
      const ParamInfo& info = voice_params[static_cast<size_t>(param)];
      return static_cast<float>(std::clamp(value, info.min, info.max));
    };
    const double share = layer == Layer::pad || layer == Layer::texture ? 1.0 : 0.5;
    const double octaves =
        share * preset_.form.brightness_oct * swing(arcs_.brightness, t) + open_oct * intensity_offset();
    const double cutoff = std::min<double>(sound[VoiceParam::cutoff_hz] * std::exp2(octaves), 16000.0);
    sound[VoiceParam::cutoff_hz] = clamped(VoiceParam::cutoff_hz, std::round(cutoff * 100.0) / 100.0);
    if (layer != Layer::drone && layer != Layer::pad) {
      sound[VoiceParam::gain_db] =
          clamped(VoiceParam::gain_db, sound[VoiceParam::gain_db] + rounded(lively_db * intensity_offset()));
    }
    // The slow LFOs go with the tempo.
    sound[VoiceParam::filter_lfo_hz] = clamped(
        VoiceParam::filter_lfo_hz, sound[VoiceParam::filter_lfo_hz] * rounded(tempo_target_ / preset_.bpm));
    sound[VoiceParam::trim_db] = clamped(VoiceParam::trim_db, trim_db(layer));
    return sound;
  }
  MasterPatch master_at(double t) const {
    MasterPatch master = preset_.master;
    const double gain = rounded(db_to_gain(preset_.form.space_db * swing(arcs_.space, t)));
    const auto scale = [&](MasterParam param, double factor) {
      const ParamInfo& info = master_params[static_cast<size_t>(param)];
      master[param] = static_cast<float>(rounded(std::clamp(master[param] * factor, info.min, info.max)));
    };
    scale(MasterParam::reverb_level, gain);
    scale(MasterParam::delay_level, gain);
    scale(MasterParam::cloud_level, gain);
    // Echoes follow the tempo half the way: their pitch bends as they glide.
    const double slowness = rounded(std::sqrt(preset_.bpm / tempo_target_));
    scale(MasterParam::delay_left_s, slowness);
    scale(MasterParam::delay_right_s, slowness);
    return master;
  }

  // Moves every parameter of a layer that differs from what was last sent.
  void send_sound(Layer layer, double t, double glide_s) {
    const Patch wanted = sound_at(layer, t);
    Patch& sent = sent_[static_cast<size_t>(layer)];
    for (size_t p = 0; p < voice_param_count; ++p) {
      if (wanted.values[p] != sent.values[p])
        change(layer, static_cast<VoiceParam>(p), wanted.values[p], glide_s);
    }
    sent = wanted;
  }
  void send_master(double t, double glide_s) {
    const MasterPatch wanted = master_at(t);
    for (size_t p = 0; p < master_param_count; ++p) {
      if (static_cast<MasterParam>(p) == MasterParam::gain_db && now_ >= fade_from_) continue;
      if (wanted.values[p] != sent_master_.values[p])
        change(static_cast<MasterParam>(p), wanted.values[p], glide_s);
    }
    sent_master_ = wanted;
  }

  // ---- beginning and end

  double tail_s() const {
    const double release = preset_.layer(Layer::pad).sound[VoiceParam::release_s];
    const double reverb = preset_.master[MasterParam::reverb_time_s];
    return std::clamp(0.6 * release + 0.6 * reverb, shortest_tail_s, longest_tail_s);
  }

  void plan_end(double end_s) {
    end_ = end_s;
    const double tail = std::min(tail_s(), 0.35 * (end_ - now_));
    sound_end_ = micro(end_ - tail);
    // The last of the tail sinks under a fade, so that the end is silent whatever the reverb.
    fade_from_ = micro(sound_end_ + 0.25 * tail);
  }

  void fade_out() {
    const ParamInfo& gain = master_params[static_cast<size_t>(MasterParam::gain_db)];
    emit(ChangeEvent{fade_from_, std::string(master_layer), MasterParam::gain_db, gain.min,
                     micro(std::max(end_ - fade_from_ - 0.05, 0.0))});
  }

  void begin() {
    StartEvent start;
    start.seed = std::to_string(settings_.seed);
    start.preset = preset_.name;
    start.key = key_;
    start.mode = std::string(scale_.mode->name);
    start.bpm = bpm_;
    start.intensity = intensity_;
    emit(start);

    // Who enters when: the ground first, what moves later.
    constexpr double entries[layer_count] = {0.0, 0.0, 0.45, 0.65, 0.2, 0.9, 0.6, 1.0};
    const double course_s = std::min(preset_.form.course_s, 0.25 * std::min(end_, 1e6));
    for (Layer layer : all_layers) {
      const auto i = static_cast<size_t>(layer);
      layers_[i].entry_s = on(Layer::drone) || on(Layer::pad) ? entries[i] * course_s : 0.0;
      sent_[i] = sound_at(layer, 0.0);
      emit(PatchEvent{0.0, name_of(layer), sent_[i]});
    }
    sent_master_ = master_at(0.0);
    emit(PatchEvent{0.0, std::string(master_layer), sent_master_});

    modulate_at_ = draw_modulation();
    next_.scale = scale_;
    plan_next(0.0);
    wake_[harmony] = 0.0;
    wake_[form] = 0.0;
    wake_[drone] = 0.0;
    for (Layer layer : {Layer::lead, Layer::bells, Layer::texture, Layer::low, Layer::brush}) {
      wake_[part_of(layer)] = micro(layers_[static_cast<size_t>(layer)].entry_s + 0.5);
    }
  }

  // ---- form

  void run_form() {
    const double step_s = form_rng_.uniform(17.0, 29.0);
    for (Layer layer : {Layer::drone, Layer::pad, Layer::lead, Layer::bells, Layer::texture, Layer::swell}) {
      if (on(layer)) send_sound(layer, now_ + step_s, step_s);
    }
    send_master(now_ + step_s, step_s);
    forget_ended();
    wake(form, now_ + step_s);
  }

  void run_tempo() {
    const double old = bpm_;
    const double left_s = tempo_until_ - now_;
    bpm_ = left_s < tempo_step_s ? tempo_target_ : bpm_ + (tempo_target_ - bpm_) * tempo_step_s / left_s;
    bpm_ = rounded(bpm_);
    stretch_beats(old / bpm_);
    if (bpm_ != tempo_target_) wake(tempo, now_ + tempo_step_s);
  }

  // What is counted in beats comes sooner or later with the tempo.
  void stretch_beats(double ratio) {
    for (size_t part : {lead, bells, low, brush}) {
      if (wake_[part] != never) wake_[part] = micro(now_ + (wake_[part] - now_) * ratio);
    }
    lead_grid_ = now_ + (lead_grid_ - now_) * ratio;
  }

  // ---- harmony

  const HarmonyTable& table(const Scale& scale) const {
    if (preset_.harmony.table && scale.mode->name == preset_.mode) return *preset_.harmony.table;
    return harmony_table(scale.mode->name);
  }

  // A piece too short for three of its chords hurries through three; below 20 s there is one.
  Range chord_range() const {
    const Range& range = preset_.harmony.chord_s;
    if (end_ >= 3.0 * range.high) return range;
    if (end_ < 20.0) return {end_, end_ + 1.0};
    return {std::min(range.low, end_ / 3.8), std::min(range.high, end_ / 2.6)};
  }
  // How many chords the rest of the piece must still hold, at least.
  double chords_left(double t) const { return std::ceil((end_ - t) / chord_range().high - 1e-6); }

  double draw_length(double t) {
    const Range range = chord_range();
    // Two draws: the middle of the range is likelier than its ends.
    const double drawn = range.at(0.5 * (harmony_rng_.uniform() + harmony_rng_.uniform()));
    const double left = end_ - t;
    const double count = end_ == never ? 1e9 : chords_left(t);
    if (count <= 1.0) return left;
    if (count > 3.0) return drawn;
    // The rest is divided evenly, loosely where there is room.
    const double least = std::max(range.low, left - (count - 1.0) * range.high);
    const double most = std::min(range.high, left - (count - 1.0) * range.low);
    if (most < least) return left / count;
    return std::clamp(drawn, least, most);
  }

  double draw_modulation() {
    const double minutes = preset_.harmony.modulate_min;
    return minutes <= 0.0 ? never : now_ + 60.0 * minutes * harmony_rng_.uniform(0.67, 1.33);
  }

  static std::vector<int> all_degrees(const Scale& scale) {
    std::vector<int> all(static_cast<size_t>(scale.size()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  Scene invent_scene(const Scale& scale, int last_degree, bool with_characteristic) {
    const HarmonyTable& chain = table(scale);
    Scene scene;
    scene.size = scale.size();
    const std::vector<int> all = all_degrees(scale);
    const auto wanted =
        std::min(static_cast<size_t>(std::lround(preset_.harmony.scene_chords.at(harmony_rng_.uniform()))),
                 all.size());
    int before = -1;
    int last = last_degree;
    if (last < 0) {
      scene.degrees.push_back(0);
      last = 0;
    }
    // Walk until enough different chords were met.
    for (int tries = 0; scene.degrees.size() < wanted && tries < 64; ++tries) {
      const int next = next_degree(scale, chain, before, last, all, harmony_rng_);
      if (std::find(scene.degrees.begin(), scene.degrees.end(), next) == scene.degrees.end())
        scene.degrees.push_back(next);
      before = std::exchange(last, next);
    }
    if (with_characteristic) include(scene, chain.characteristic);
    avoid_bare_cadence(scene, scale);
    scene.pedal = harmony_rng_.chance(preset_.harmony.pedal);
    scene.shift_st = static_cast<int>(harmony_rng_.index(5)) - 2;
    scene.voices = harmony_rng_.uniform();
    choose_layers(scene);
    return scene;
  }

  static void include(Scene& scene, int degree) {
    if (std::find(scene.degrees.begin(), scene.degrees.end(), degree) != scene.degrees.end()) return;
    if (scene.degrees.size() > 2) {
      scene.degrees.back() = degree;
    } else {
      scene.degrees.push_back(degree);
    }
  }

  // I and V alone could do nothing but cadence.
  void avoid_bare_cadence(Scene& scene, const Scale& scale) {
    int dominant = 0;
    const bool only = std::all_of(scene.degrees.begin(), scene.degrees.end(), [&](int d) {
      const int step = scale.mode->steps[static_cast<size_t>(d)];
      if (step == fifth_st) dominant = d;
      return step == 0 || step == fifth_st;
    });
    if (only) {
      // Where the table would rather go.
      std::span<const double> row = table(scale).row(-1, dominant);
      const auto likeliest = std::max_element(row.begin() + 1, row.end());
      scene.degrees.push_back(static_cast<int>(likeliest - row.begin()));
    }
    std::sort(scene.degrees.begin(), scene.degrees.end());
    scene.degrees.erase(std::unique(scene.degrees.begin(), scene.degrees.end()), scene.degrees.end());
  }

  void choose_layers(Scene& scene) {
    scene.layers.fill(false);
    std::vector<Layer> willing;
    for (Layer layer : all_layers) {
      if (on(layer) && form_rng_.chance(preset_.layer(layer).share)) willing.push_back(layer);
    }
    const double most = std::min(preset_.form.layers, 2.0 + std::ceil(4.0 * intensity_));
    while (static_cast<double>(willing.size()) > most) {
      // The ground stays.
      const size_t out = form_rng_.index(willing.size());
      if (willing[out] == Layer::drone || willing[out] == Layer::pad) continue;
      willing.erase(willing.begin() + static_cast<std::ptrdiff_t>(out));
    }
    for (Layer layer : {Layer::pad, Layer::drone, Layer::texture, Layer::lead}) {
      if (willing.size() >= 2) break;
      if (on(layer) && std::find(willing.begin(), willing.end(), layer) == willing.end())
        willing.push_back(layer);
    }
    for (Layer layer : willing) scene.layers[static_cast<size_t>(layer)] = true;
  }

  // A scene that was there before, with something about it changed.
  Scene returning_scene(const Scale& scale) {
    Scene scene = memory_[harmony_rng_.index(memory_.size())];
    switch (harmony_rng_.index(3)) {
      case 0: {  // one chord is another
        const int other = static_cast<int>(harmony_rng_.index(static_cast<size_t>(scale.size())));
        scene.degrees[harmony_rng_.index(scene.degrees.size())] = other;
        avoid_bare_cadence(scene, scale);
        if (scene.degrees.size() < 2)
          include(scene, scene.degrees.front() == 0 ? table(scale).characteristic : 0);
        break;
      }
      case 1:
        scene.shift_st = -scene.shift_st + (scene.shift_st == 0 ? 4 : 0);
        break;
      default:
        scene.pedal = !scene.pedal && preset_.harmony.pedal > 0.0;
        break;
    }
    scene.voices = harmony_rng_.uniform();
    choose_layers(scene);
    return scene;
  }

  Scene next_scene(const Scale& scale) {
    const int characteristic = table(scale).characteristic;
    const auto has_it = [&](const Scene& s) {
      return std::find(s.degrees.begin(), s.degrees.end(), characteristic) != s.degrees.end();
    };
    std::erase_if(memory_, [&](const Scene& s) { return s.size != scale.size(); });
    Scene scene = memory_.size() > 1 && harmony_rng_.chance(preset_.harmony.returns)
                      ? returning_scene(scale)
                      : invent_scene(scale, current_.chord.degree, plain_scenes_ >= 1);
    plain_scenes_ = has_it(scene) ? 0 : plain_scenes_ + 1;
    memory_.push_back(scene);
    if (memory_.size() > 6) memory_.erase(memory_.begin());
    return scene;
  }

  // Decides the chord that begins at t, and when.
  void plan_next(double t) {
    const bool first = current_.chord.intervals.empty();
    next_.t = micro(t);
    next_.scale = scale_;
    next_.last = finishing_ || (end_ != never && chords_left(next_.t) <= 1.0);
    next_.opens_scene = first || scene_left_ <= 0;
    if (next_.opens_scene) {
      if (next_.t >= modulate_at_ && !next_.last) modulate();
      next_.scale = scale_for_next_.value_or(scale_);
      next_.scene = next_scene(next_.scale);
    } else {
      next_.scene = current_.scene;
    }
    choose_next_chord(first);
    revoice_next();
  }

  void choose_next_chord(bool first) {
    if (!settings_.chart.empty()) {
      next_.chord = settings_.chart[chart_position_ % settings_.chart.size()].chord;
      const int moved = next_.scale.tonic - home_;
      if (moved != 0) {
        const size_t letters = next_.chord.name.find_first_not_of("ABCDEFGb#");
        next_.chord.root = wrap(next_.chord.root + moved, 12);
        next_.chord.name = std::string(key_name(next_.chord.root)) +
                           (letters == std::string::npos ? "" : next_.chord.name.substr(letters));
      }
      next_.chord.numeral = numeral(next_.scale, next_.chord.root, next_.chord.intervals);
      next_.chord.degree = next_.scale.degree_of(next_.chord.root);
      return;
    }
    const HarmonyTable& chain = table(next_.scale);
    int degree = 0;
    if (!first && !next_.last) {
      const int last = current_.chord.degree < next_.scale.size() ? current_.chord.degree : -1;
      const bool leads_home = end_ != never && chords_left(next_.t) <= 2.0;
      const auto barred = [&](int d) {
        // In another key the same chord has another degree: it would be no change.
        const int root = wrap(next_.scale.pitch_at(d), 12);
        // The tonic ends the piece: neither here already, nor from the dominant.
        const int step = wrap(root - next_.scale.tonic, 12);
        return d == last || root == current_.chord.root || (leads_home && (step == 0 || step == fifth_st));
      };
      std::vector<int> allowed = next_.scene.degrees;
      std::erase_if(allowed, barred);
      if (allowed.empty()) {
        allowed = all_degrees(next_.scale);
        std::erase_if(allowed, barred);
      }
      degree = next_degree(next_.scale, chain, before_degree_, last, allowed, harmony_rng_);
    }
    const double intensity =
        std::clamp(intensity_ + 0.3 * preset_.form.density * swing(arcs_.density, next_.t), 0.0, 1.0);
    next_.chord = choose_chord(next_.scale, chain, degree, preset_.harmony.colours, intensity, harmony_rng_);
  }

  void revoice_next() {
    const Range& pitches = preset_.layer(Layer::pad).pitches;
    const double dense = std::clamp(0.5 * next_.scene.voices + 0.5 * density(), 0.0, 1.0);
    const int shift = register_shift(next_.t) + next_.scene.shift_st;
    VoicingLimits limits;
    limits.low = std::clamp(static_cast<int>(pitches.low) + shift, 21, 96);
    limits.high = std::clamp(static_cast<int>(pitches.high) + shift, limits.low + 12, 108);
    limits.voices = static_cast<int>(std::lround(preset_.pad.voices.at(dense)));
    limits.least_gap = static_cast<int>(preset_.pad.gap_st.low);
    limits.most_gap = static_cast<int>(preset_.pad.gap_st.high);
    next_.voicing = voice_chord(next_.chord, current_.voicing, limits);
  }

  // A fifth either way, or a third that shares most tones: whichever keys have most in common.
  void modulate() {
    constexpr int distances[] = {7, 5, 3, 9, 2, 10};
    constexpr double odds[] = {3.0, 3.0, 1.5, 1.5, 0.7, 0.7};
    Scale to = scale_;
    to.tonic = wrap(scale_.tonic + distances[harmony_rng_.weighted(odds)], 12);
    // Never far from home: from a key that has wandered, home is the next.
    if (scale_.tonic != home_ && harmony_rng_.chance(0.5)) to.tonic = home_;
    scale_for_next_ = to;
    modulate_at_ = draw_modulation();
  }

  void run_harmony() {
    if (scale_for_next_ && next_.opens_scene) {
      scale_ = next_.scale;
      key_ = std::string(key_name(scale_.tonic));
      scale_for_next_.reset();
    }
    before_degree_ = current_.chord.degree;
    current_ = next_;
    scale_ = current_.scale;
    if (current_.opens_scene)
      scene_left_ = static_cast<int>(std::lround(preset_.harmony.scene_length.at(harmony_rng_.uniform())));
    --scene_left_;

    double length = draw_length(now_);
    if (!settings_.chart.empty()) {
      const std::optional<double> seconds =
          settings_.chart[chart_position_++ % settings_.chart.size()].seconds;
      if (seconds && !current_.last) length = std::min(*seconds, end_ - now_);
    }
    const double change_s = current_.last ? never : micro(now_ + length);
    std::vector<double> pitches(current_.voicing.begin(), current_.voicing.end());
    emit(ChordEvent{now_, current_.chord.name, current_.chord.numeral, std::move(pitches), key_,
                    std::string(scale_.mode->name)});

    silence_from_ = silence_to_ = never;
    if (change_s != never) {
      plan_next(change_s);
      wake(harmony, change_s);
      plan_silence();
      plan_swell();
    } else {
      next_ = current_;
      next_.t = never;
    }
    move_pads();
    if (bass_of(current_) != drone_pitch_class_) wake(drone, now_);
  }

  void plan_silence() {
    if (!next_.opens_scene || next_.last || !form_rng_.chance(preset_.form.silence)) return;
    const double seconds = std::min(preset_.form.silence_s.at(form_rng_.uniform()), 0.4 * (next_.t - now_));
    silence_from_ = micro(next_.t - seconds);
    silence_to_ = next_.t;
    for (const Sounding& note : sounding_) {
      if (note.end > silence_from_) releases_.push_back(note.id);
    }
    for (uint64_t id : std::exchange(releases_, {})) release(id, silence_from_);
    for (PadSlot& slot : slots_) slot.end = std::min(slot.end, silence_from_);
  }

  // ---- pads: every voice of the chord breathes by itself; what both chords share sounds on

  void move_pads() {
    const double overlap_s = preset_.pad.overlap_s;
    std::array<PadSlot, most_pad_voices> slots{};
    const size_t count = std::min(current_.voicing.size(), most_pad_voices);
    std::array<bool, most_pad_voices> kept{};
    for (size_t i = 0; i < count; ++i) {
      slots[i].pitch = current_.voicing[i];
      for (size_t j = 0; j < most_pad_voices; ++j) {
        if (slots_[j].pitch != slots[i].pitch || slots_[j].end <= now_ + 0.5 || kept[j]) continue;
        slots[i] = slots_[j];
        kept[j] = true;
        break;
      }
    }
    for (size_t j = 0; j < most_pad_voices; ++j) {
      if (!kept[j] && slots_[j].end > now_ + overlap_s + 0.5) release(slots_[j].id, now_ + overlap_s);
    }
    slots_ = slots;
    for (size_t i = 0; i < most_pad_voices; ++i) {
      if (i >= count) {
        wake_[pad + i] = never;
      } else if (slots_[i].id != 0) {
        if (slots_[i].end < quiet_from()) wake(pad + i, slots_[i].end - pad_cross_s());
      } else {
        wake(pad + i, now_ + preset_.pad.stagger_s * pad_rng_.uniform());
      }
    }
  }

  double pad_cross_s() const {
    return std::clamp<double>(preset_.layer(Layer::pad).sound[VoiceParam::attack_s], 0.5, 4.0);
  }

  void run_pad(size_t slot_index) {
    PadSlot& slot = slots_[slot_index];
    const size_t part = pad + slot_index;
    if (slot.pitch < 0) return;
    if (!active(Layer::pad))
      return wake(part, std::max(now_ + 2.0, layers_[static_cast<size_t>(Layer::pad)].entry_s));
    if (quiet() || quiet_from() - now_ < std::min(2.0, 0.3 * sound_end_)) return;  // the next chord wakes it
    const double change_s = next_.t;
    const bool stays =
        std::find(next_.voicing.begin(), next_.voicing.end(), slot.pitch) != next_.voicing.end();
    const double drawn = preset_.layer(Layer::pad).note_s.at(pad_rng_.uniform());
    const double overlap = preset_.pad.overlap_s * pad_rng_.uniform(0.5, 1.0);
    double end = now_ + drawn;
    if (!stays && end > change_s - 4.0) end = change_s + overlap;
    if (stays && std::abs(end - change_s) < 4.0) end = change_s + 4.0;
    if (stays) end = std::min(end, change_s + 0.8 * chord_range().low);
    slot.id = play(Layer::pad, slot.pitch, pad_rng_.uniform(), end - now_, pad_rng_);
    slot.end = slot.id ? std::min(micro(end), quiet_from()) : now_;
    if (!slot.id) return;
    const bool rests = pad_rng_.chance(preset_.pad.rest * (1.5 - density()));
    const double rest = rests ? pad_rng_.uniform(3.0, 9.0) : 0.0;
    if (slot.end >= quiet_from()) return;  // the last note before a silence holds to it
    if (slot.end < change_s - 3.0 || stays) wake(part, std::max(slot.end - pad_cross_s() + rest, now_ + 1.0));
  }

  // ---- drone

  int bass_of(const Moment& moment) const {
    return moment.scene.pedal ? moment.scale.tonic : moment.chord.root;
  }

  void run_drone() {
    if (!active(Layer::drone)) return wake(drone, now_ + 2.0);
    if (quiet()) return wake(drone, quiet_over());
    const int bass = bass_of(current_);
    const int next_bass = bass_of(next_);
    if (drone_pitch_class_ != bass) {
      for (const Sounding& note : sounding_) {
        if (note.layer == Layer::drone && note.end > now_ + preset_.drone.overlap_s + 0.5)
          releases_.push_back(note.id);
      }
      for (uint64_t id : std::exchange(releases_, {})) release(id, now_ + preset_.drone.overlap_s);
    }
    const Range& pitches = preset_.layer(Layer::drone).pitches;
    int pitch = static_cast<int>(pitches.low);
    while (wrap(pitch, 12) != bass) ++pitch;
    double end = now_ + preset_.layer(Layer::drone).note_s.at(drone_rng_.uniform());
    if (bass != next_bass && end > next_.t - 4.0) end = next_.t + 0.7 * preset_.drone.overlap_s;
    const double stress = drone_rng_.uniform();
    play(Layer::drone, pitch, stress, end - now_, drone_rng_);
    const int fifth = pitch + fifth_st;
    if (drone_rng_.chance(preset_.drone.fifth) && fifth <= static_cast<int>(pitches.high) + fifth_st &&
        agrees(current_.chord, fifth) && (end <= next_.t || agrees(next_.chord, fifth))) {
      play(Layer::drone, fifth, 0.5 * stress, end - now_, drone_rng_);
    }
    drone_pitch_class_ = bass;
    if (end >= quiet_from()) return wake(drone, quiet_from());
    double again = end - preset_.drone.overlap_s;
    if (bass != next_bass) again = std::min(again, next_.t);
    wake(drone, std::max(again, now_ + 2.0));
  }

  // ---- lead, and the bells that answer it

  MelodyMoment moment_for(Layer layer) const {
    const Range& pitches = preset_.layer(layer).pitches;
    const int shift = register_shift(now_) / 2;
    MelodyMoment moment;
    moment.scale = scale_;
    moment.chord = &current_.chord;
    moment.next = next_.t == never ? nullptr : &next_.chord;
    moment.until_next_s = next_.t == never ? never : next_.t - now_;
    moment.until_quiet_s = quiet_from() - now_;
    moment.beat_s = beat_s();
    moment.low = static_cast<int>(pitches.low) + shift;
    moment.high = static_cast<int>(pitches.high) + shift;
    moment.centre = static_cast<int>(std::lround(pitches.at(0.5)));
    moment.intensity = intensity_;
    return moment;
  }

  // Seconds until something comes again that is rarer in thin music.
  double rest_s(const Range& range, double pace, Rng& rng) const {
    return range.at(rng.uniform()) * lerp(1.6, 0.6, density()) / pace;
  }

  void run_lead() {
    const LayerPlan& plan = preset_.layer(Layer::lead);
    if (!active(Layer::lead)) {
      melody_.break_off();
      return wake(lead, now_ + 4.0);
    }
    if (quiet()) return wake(lead, quiet_over() + lead_rng_.uniform(1.0, 6.0));
    const MelodyMoment moment = moment_for(Layer::lead);
    if (moment.until_quiet_s < 1.5) {
      melody_.break_off();
      return wake(lead, now_ + moment.until_quiet_s);
    }
    if (melody_.phrase_over()) {
      melody_.begin_phrase(preset_.melody, moment);
      lead_grid_ = now_;
    }
    MelodySource* source = settings_.melody == MelodyKind::transformer ? settings_.source : nullptr;
    const Melody::Note note = melody_.next(preset_.melody, moment, source);
    play(Layer::lead, note.pitch, note.stress, note.dur_s, lead_rng_);
    lead_grid_ += (note.beats + note.rest_beats) * beat_s();
    if (melody_.phrase_over()) {
      const double rest = rest_s(preset_.melody.rest_s, plan.pace, lead_rng_);
      if (active(Layer::bells) && lead_rng_.chance(preset_.melody.answer)) {
        answer_ = melody_.answer();
        std::reverse(answer_.begin(), answer_.end());
        wake(bells, lead_grid_ + 2.0 * beat_s() + humanised(bells_rng_));
      }
      return wake(lead, lead_grid_ + rest);
    }
    wake(lead, std::max(lead_grid_ + humanised(lead_rng_), now_ + 0.08));
  }

  double humanised(Rng& rng) const {
    return std::clamp(0.5 * rng.normal(), -1.0, 1.0) * preset_.melody.humanise_ms / 1000.0;
  }

  // The tone of the chord nearest a pitch, within the layer's range.
  int chord_tone_near(Layer layer, int pitch) const {
    const Range& pitches = preset_.layer(layer).pitches;
    const int low = static_cast<int>(pitches.low);
    const int high = std::max(static_cast<int>(pitches.high), low + 11);
    int best = low;
    for (int p = low, least = 1000; p <= high; ++p) {
      if (!current_.chord.contains(p) || std::abs(p - pitch) >= least) continue;
      least = std::abs(p - pitch);
      best = p;
    }
    return best;
  }

  // The nearest tone of the chord, for as long as the layer's notes last; answers the seconds drawn for it.
  double strike(Layer layer, int near, Rng& rng) {
    const double dur_s = preset_.layer(layer).note_s.at(rng.uniform());
    const int pitch = chord_tone_near(layer, near);
    play(layer, pitch, rng.uniform(), fitting(pitch, dur_s), rng);
    return dur_s;
  }

  int any_pitch(Layer layer, Rng& rng) const {
    return static_cast<int>(std::lround(preset_.layer(layer).pitches.at(rng.uniform())));
  }

  void run_bells() {
    const LayerPlan& plan = preset_.layer(Layer::bells);
    if (!active(Layer::bells)) {
      answer_.clear();
      return wake(bells, now_ + 3.0);
    }
    if (quiet()) return wake(bells, quiet_over() + bells_rng_.uniform(1.0, 8.0));
    if (!answer_.empty()) {
      const MotifNote note = answer_.back();
      answer_.pop_back();
      if (note.offset == 0) answer_base_ = scale_.nearest_index(any_pitch(Layer::bells, bells_rng_));
      strike(Layer::bells, scale_.pitch_at(answer_base_ + note.offset), bells_rng_);
      if (!answer_.empty())
        return wake(bells, std::max(now_ + note.beats * beat_s() + humanised(bells_rng_), now_ + 0.1));
    } else {
      strike(Layer::bells, any_pitch(Layer::bells, bells_rng_), bells_rng_);
      if (bells_rng_.chance(0.45)) {
        const double beats = 0.5 * static_cast<double>(1 + bells_rng_.index(5));
        return wake(bells, std::max(now_ + beats * beat_s() + humanised(bells_rng_), now_ + 0.1));
      }
    }
    wake(bells, now_ + rest_s({9.0, 30.0}, plan.pace, bells_rng_));
  }

  // ---- texture and percussion

  void run_texture() {
    const LayerPlan& plan = preset_.layer(Layer::texture);
    if (!active(Layer::texture)) return wake(texture, now_ + 3.0);
    if (quiet()) return wake(texture, quiet_over() + texture_rng_.uniform(0.5, 3.0));
    const double dur_s = strike(Layer::texture, any_pitch(Layer::texture, texture_rng_), texture_rng_);
    const double wait_s = dur_s * texture_rng_.uniform(0.6, 1.1) * lerp(1.3, 0.8, density()) / plan.pace;
    wake(texture, now_ + std::max(wait_s, 0.5));
  }

  void run_low() {
    if (!active(Layer::low)) {
      low_bars_.clear();
      return wake(low, now_ + 2.0);
    }
    if (quiet()) return wake(low, quiet_over());
    if (low_bars_.empty()) draw_low_bars();
    const LayerPlan& plan = preset_.layer(Layer::low);
    int pitch = static_cast<int>(plan.pitches.low);
    const int bass = bass_of(current_);
    while (wrap(pitch, 12) != bass) ++pitch;
    const double dur_s = plan.note_s.at(percussion_rng_.uniform());
    play(Layer::low, pitch, percussion_rng_.uniform(), dur_s, percussion_rng_);
    const double bars = low_bars_.back();
    low_bars_.pop_back();
    wake(low, now_ + 4.0 * bars * beat_s() + humanised(percussion_rng_));
  }

  // The distances between the onsets of a Euclidean rhythm, in bars: as even as whole bars allow, never the
  // same cycle.
  void draw_low_bars() {
    constexpr int cycles[] = {11, 13, 17, 19, 23};
    const Range& range = preset_.percussion.low_bars;
    const double wanted = lerp(range.high, range.low, smooth_step(percussion_from_intensity, 1.0, density()));
    const int slots = cycles[percussion_rng_.index(std::size(cycles))];
    const int pulses = std::clamp(static_cast<int>(std::lround(slots / wanted)), 1, slots);
    const std::vector<bool> rhythm = euclidean(pulses, slots, 0);
    for (int i = 0, last = 0; i < slots; ++i) {
      const bool end = i + 1 == slots;
      if (!end && !rhythm[static_cast<size_t>(i + 1)]) continue;
      low_bars_.push_back(std::clamp(static_cast<double>(i + 1 - last), range.low, range.high));
      last = i + 1;
    }
  }

  // A swell ends where the next chord begins.
  void plan_swell() {
    wake_[swell] = never;
    if (!percussion_rng_.chance(preset_.percussion.swells)) return;
    swell_s_ = preset_.percussion.swell_s.at(percussion_rng_.uniform());
    if (silence_from_ == never && next_.t - swell_s_ > now_ + 1.0) wake(swell, next_.t - swell_s_);
  }

  void run_swell() {
    if (!active(Layer::swell) || quiet()) return;
    const int wanted = any_pitch(Layer::swell, percussion_rng_);
    int pitch = chord_tone_near(Layer::swell, wanted);
    // A tone of both chords where there is one near.
    for (int distance = 0; distance < 12; ++distance) {
      const auto both = [&](int p) { return current_.chord.contains(p) && next_.chord.contains(p); };
      if (both(wanted - distance) || both(wanted + distance)) {
        pitch = both(wanted - distance) ? wanted - distance : wanted + distance;
        break;
      }
    }
    play(Layer::swell, pitch, percussion_rng_.uniform(), swell_s_, percussion_rng_);
  }

  void run_brush() {
    if (!active(Layer::brush)) {
      brush_cycle_.clear();
      return wake(brush, now_ + 2.0);
    }
    if (quiet()) return wake(brush, quiet_over());
    const LayerPlan& plan = preset_.layer(Layer::brush);
    if (brush_cycle_.empty()) {
      // A few cycles, then a rest of several; each time another length, turned another way.
      const PercussionPlan& percussion = preset_.percussion;
      const int slots = static_cast<int>(std::lround(percussion.brush_slots.at(percussion_rng_.uniform())));
      const int pulses =
          std::min(static_cast<int>(std::lround(percussion.brush_pulses.at(density()))), slots);
      const std::vector<bool> once =
          euclidean(pulses, slots, static_cast<int>(percussion_rng_.index(static_cast<size_t>(slots))));
      const size_t cycles = 1 + percussion_rng_.index(4);
      for (size_t i = 0; i < cycles; ++i) brush_cycle_.insert(brush_cycle_.end(), once.begin(), once.end());
    }
    const bool onset = brush_cycle_.back();
    brush_cycle_.pop_back();
    if (onset && thinning_.keep(0.3 + 0.7 * density(), percussion_rng_)) {
      strike(Layer::brush, any_pitch(Layer::brush, percussion_rng_), percussion_rng_);
    }
    const double rest = brush_cycle_.empty() ? rest_s({6.0, 24.0}, plan.pace, percussion_rng_) : 0.0;
    wake(brush, std::max(now_ + 0.5 * beat_s() + rest + humanised(percussion_rng_), now_ + 0.05));
  }

  // ---- controls

  void take_musical_fields(const Control& control) {
    if (scale_.mode == nullptr) {
      scale_ = {*key_pitch_class(preset_.key), find_mode(preset_.mode)};
      key_ = preset_.key;
      bpm_ = tempo_target_ = preset_.bpm;
      intensity_ = preset_.intensity;
      if (control.bpm) bpm_ = *control.bpm;
    }
    if (control.key) {
      scale_.tonic = *key_pitch_class(*control.key);
      key_ = *control.key;
    }
    if (control.mode) scale_.mode = find_mode(*control.mode);
    if (control.bpm) tempo_target_ = *control.bpm;
    if (control.intensity) intensity_ = *control.intensity;
  }

  void change_tempo() {
    tempo_until_ = now_ + tempo_ramp_s;
    wake(tempo, now_);
    for (Layer layer : all_layers) send_sound(layer, now_ + tempo_ramp_s, tempo_ramp_s);
    send_master(now_ + 2.0 * tempo_ramp_s, 2.0 * tempo_ramp_s);
  }

  void change_layer(Layer layer, const LayerControl& control) {
    const bool was_active = active(layer);
    take_layer(layer, control);
    LayerState& state = layers_[static_cast<size_t>(layer)];
    if (control.on == true) state.entry_s = std::min(state.entry_s, now_);
    constexpr double fade_s = 1.0;
    send_sound(layer, now_ + 0.3, control.on == false ? fade_s : 0.3);
    if (control.on == false) release_layer(layer, now_ + fade_s);
    const bool silent = std::none_of(sounding_.begin(), sounding_.end(), [&](const Sounding& note) {
      return note.layer == layer && note.end > now_;
    });
    if (active(layer) && (!was_active || (control.on == true && silent))) start_now(layer);
  }

  void release_layer(Layer layer, double t) {
    for (Sounding& note : sounding_) {
      if (note.layer == layer && note.end > t) release(note.id, t);
    }
    if (layer == Layer::pad) {
      for (PadSlot& slot : slots_) slot.end = std::min(slot.end, t), slot.id = 0;
    }
  }

  void start_now(Layer layer) {
    if (layer == Layer::pad) {
      for (size_t i = 0; i < std::min(current_.voicing.size(), most_pad_voices); ++i)
        wake(pad + i, now_ + 0.3 * static_cast<double>(i));
    } else if (layer == Layer::swell) {
      swell_s_ = preset_.percussion.swell_s.low;
      wake(swell, now_);
    } else {
      wake(part_of(layer), now_);
    }
  }

  void change_intensity() {
    for (Layer layer : all_layers) send_sound(layer, now_ + 1.0, 1.0);
    std::array<bool, layer_count> was{};
    for (Layer layer : all_layers)
      was[static_cast<size_t>(layer)] = current_.scene.layers[static_cast<size_t>(layer)];
    if (intensity_ < percussion_from_intensity) {
      for (Layer layer : all_layers) {
        if (is_percussive(layer)) release_layer(layer, now_ + 1.0);
      }
    }
    // Room for more layers, or for fewer, from now on.
    choose_layers(current_.scene);
    choose_layers(next_.scene);
    for (Layer layer : all_layers) {
      if (active(layer) && (!was[static_cast<size_t>(layer)] || is_percussive(layer))) start_now(layer);
    }
    // A rest that was drawn for thinner music is cut short.
    for (size_t part : {lead, texture}) {
      if (wake_[part] != never && melody_.phrase_over())
        wake(part, now_ + std::min(wake_[part] - now_, 6.0 * (1.2 - intensity_)));
    }
  }

  // Sounds glide, the composition changes at once; what the new preset has no use for fades.
  void morph_to(const Preset& preset) {
    preset_ = preset;
    scale_.mode = nullptr;
    const double bpm = bpm_;
    take_musical_fields({});
    bpm_ = bpm;
    home_ = scale_.tonic;
    memory_.clear();
    plain_scenes_ = 0;
    modulate_at_ = draw_modulation();
    Rng arcs_rng(settings_.seed, "arcs of " + preset_.name);
    arcs_ = Arcs::draw(preset_.form.arc_s, arcs_rng);
    low_bars_.clear();
    brush_cycle_.clear();
    answer_.clear();
    melody_.break_off();
  }

  // The old harmony's tones that clash go, the new chord comes within moments, the bass with it.
  void cross_to_new_harmony() {
    const bool morphs = preset_.name != sounding_preset_;
    sounding_preset_ = preset_.name;
    if (morphs) {
      for (Layer layer : all_layers) {
        send_sound(layer, now_ + morph_s, morph_s);
        if (!on(layer)) release_layer(layer, now_ + 0.4 * morph_s);
      }
      send_master(now_ + morph_s, morph_s);
      wake(form, now_ + morph_s);
    }
    melody_.break_off();
    answer_.clear();
    scale_for_next_.reset();
    for (const Sounding& note : sounding_) {
      if (!scale_.contains(note.pitch) && note.end > now_ + 0.8) releases_.push_back(note.id);
    }
    for (uint64_t id : std::exchange(releases_, {})) release(id, now_ + 0.8);
    for (PadSlot& slot : slots_) {
      if (slot.pitch >= 0 && !scale_.contains(slot.pitch)) slot = {};
    }
    scene_left_ = 0;
    if (current_.chord.degree >= scale_.size()) current_.chord.degree = -1;
    silence_from_ = silence_to_ = never;
    if (!current_.last) {
      plan_next(micro(now_ + crossing_s));
      if (!morphs) next_.scene.layers = current_.scene.layers;
      wake(harmony, next_.t);
    }
    wake(drone, now_ + crossing_s);
    wake(lead, now_ + crossing_s + 1.0);
    wake(bells, now_ + crossing_s + 2.0);
  }

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

Composer::Composer(const Preset& preset, const ComposeSettings& settings)
    : piece_(std::make_unique<Piece>(preset, settings)) {}
Composer::~Composer() = default;
Composer::Composer(Composer&&) noexcept = default;
Composer& Composer::operator=(Composer&&) noexcept = default;

void Composer::compose_until(double t_s, std::vector<Event>& out) { piece_->compose_until(t_s, out); }
bool Composer::ended() const { return piece_->ended(); }
Control Composer::apply(const Control& control, double t_s, std::vector<Event>& out) {
  return piece_->apply(control, t_s, out);
}
double Composer::finish(double t_s, std::vector<Event>& out) { return piece_->finish(t_s, out); }
Composer::State Composer::state() const { return piece_->state(); }

}  // namespace auralis
