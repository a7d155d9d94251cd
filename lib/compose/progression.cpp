// SPDX-License-Identifier: MIT
#include "compose/progression.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "compose/theory/voicing.h"
#include "model/music.h"

namespace auralis {
namespace {

// Short pieces: how many chords they have, and up to which length only one.
constexpr double one_chord_s = 20.0;
constexpr double fewest_chords = 3.0;
constexpr double short_piece_fewest = 2.6;  // the longest chord is the piece divided by this
constexpr double short_piece_most = 3.8;
constexpr double any_number = 1e9;  // of chords, in an endless piece

constexpr Range modulation_spread{0.67, 1.33};  // of the preset's minutes between modulations
constexpr double way_home = 0.5;                // chance that a key which has wandered goes home
constexpr int modulation_tries = 8;             // in search of a pivot
constexpr double least_common = 0.5;            // of a pivot's tones

// Fifths either way, thirds, seconds: how far a modulation goes, and how likely.
constexpr int modulations_st[] = {7, 5, 3, 9, 2, 10};
constexpr double modulation_odds[] = {3.0, 3.0, 1.5, 1.5, 0.7, 0.7};

// The range of the pads, whatever preset and arcs ask for. MIDI.
constexpr int lowest_pad = 21;
constexpr int highest_low = 96;
constexpr int highest_pad = 108;

// How many of the preset's voices a chord has: so much by the scene's draw, the rest by the density.
constexpr double voices_by_scene = 0.5;

constexpr double rounding_chords = 1e-6;

constexpr double longest_without_harmony_s = 150.0;  // at the next chord the pads come in

// The pads play, unless that would send away the layer that the preset is known by.
void bring_harmony(Cast& cast, const PieceState& state) {
  const auto signature = static_cast<size_t>(find_layer(state.preset.form.signature).value_or(Layer::pad));
  Cast with = cast;
  with.draws[static_cast<size_t>(Layer::pad)] = 0.0;
  Form::fill_cast(with, state);
  if (with.plays[signature] || !cast.plays[signature]) cast = with;
}

// How many chords the rest of the piece must still hold, at least.
double chords_left(const PieceState& state, double t_s) {
  return std::ceil((state.time.end_s - t_s) / Progression::chord_s(state).high - rounding_chords);
}

}  // namespace

Progression::Progression(uint64_t seed, HarmonyTables tables, std::vector<ChartChord> chart,
                         VoicesSource* voices)
    : rng_(seed, "harmony"),
      themes_rng_(seed, "themes"),
      tables_(std::move(tables)),
      chart_(std::move(chart)),
      voices_(voices) {}

const HarmonyTable& Progression::table(const Scale& scale, const PieceState& state) const {
  const std::string_view mode = scale.mode->name;
  if (state.preset.harmony.table && mode == state.preset.mode) return *state.preset.harmony.table;
  const auto found = tables_.find(mode);
  if (found == tables_.end())
    throw Error(Exit::bad_input, "no table of harmony for the mode " + std::string(mode));
  return found->second;
}

Range Progression::chord_s(const PieceState& state) {
  const Range& range = state.preset.harmony.chord_s;
  const double end_s = state.time.end_s;
  if (end_s >= fewest_chords * range.high) return range;
  if (end_s < one_chord_s) return {end_s, end_s + 1.0};
  return {std::min(range.low, end_s / short_piece_most), std::min(range.high, end_s / short_piece_fewest)};
}

double Progression::draw_length(const PieceState& state) {
  const Range range = chord_s(state);
  // Two draws: the middle of the range is likelier than its ends.
  const double first = rng_.uniform();
  const double drawn = range.at(0.5 * (first + rng_.uniform()));
  const double left_s = state.time.end_s - state.time.now_s;
  const double count = state.time.end_s == never ? any_number : chords_left(state, state.time.now_s);
  if (count <= 1.0) return left_s;
  if (count > fewest_chords) return drawn;
  // The rest is divided evenly, loosely where there is room.
  const double least = std::max(range.low, left_s - (count - 1.0) * range.high);
  const double most = std::min(range.high, left_s - (count - 1.0) * range.low);
  if (most < least) return left_s / count;
  return std::clamp(drawn, least, most);
}

double Progression::draw_modulation(const PieceState& state) {
  const double minutes = state.preset.harmony.modulate_min;
  if (minutes <= 0.0) return never;
  return state.time.now_s + 60.0 * minutes * rng_.uniform(modulation_spread.low, modulation_spread.high);
}

void Progression::begin(const PieceState& state, Form& form) {
  home_ = state.scale;
  chart_home_ = state.scale.tonic;
  modulate_at_s_ = draw_modulation(state);
  next_.scale = state.scale;
  plan_next(0.0, state, form);
}

void Progression::plan_next(double t_s, const PieceState& state, Form& form) {
  const bool first = current_.chord.intervals.empty();
  next_.t_s = whole_us(t_s);
  next_.scale = state.scale;
  next_.last = state.time.finishing || (state.time.end_s != never && chords_left(state, next_.t_s) <= 1.0);
  next_.opens_scene = first || scene_left_ <= 0;
  if (next_.opens_scene) {
    if (next_.t_s >= modulate_at_s_ && !next_.last) modulate(state);
    next_.scale = scale_for_next_.value_or(state.scale);
    next_.scene = next_scene(next_.t_s, next_.scale, state, form);
    if (scale_for_next_) next_.scene.why += ", in " + tonic_name(next_.scale);
    if (pivot_) {
      next_.scene.why += " by way of " + pivot_->name + ", " + pivot_->numeral + " there and " +
                         numeral(state.scale, pivot_->root, pivot_->intervals) + " before";
    }
  } else {
    next_.scene = current_.scene;
    Cast whole = next_.scene.cast;
    Form::fill_cast(whole, state);
    form.breathe(next_.scene.cast, whole, state);
    if (next_.t_s - harmony_heard_s_ >= longest_without_harmony_s) bring_harmony(next_.scene.cast, state);
  }
  choose_next_chord(first, state, form);
  voice_next(state, form);
}

void Progression::choose_next_chord(bool first, const PieceState& state, const Form& form) {
  if (!chart_.empty()) {
    take_chart_chord();
    return;
  }
  if (std::optional<Chord> pivot = std::exchange(pivot_, std::nullopt); pivot && !next_.last) {
    next_.chord = *pivot;
    loop_at_ = 0;
    return;
  }
  if (!next_.last && take_loop_chord(state)) return;
  const int degree = first || next_.last ? 0 : choose_degree(state);
  next_.chord = choose_chord(next_.scale, table(next_.scale, state), degree, state.preset.harmony.colours,
                             form.richness(state, next_.t_s), rng_, wanted_tone(next_.scale));
}

// No two chords go by without the tone that tells the mode, where there is a way.
int Progression::wanted_tone(const Scale& scale) const {
  return plain_chords_ > 0 ? characteristic_tone(scale) : any_tone;
}

// Never the same root again, unless a suspension resolves; not from the dominant to the tonic.
bool Progression::may_follow(const Chord& chord, const Scale& scale, const PieceState& state) const {
  if (current_.chord.intervals.empty()) return true;
  const bool leads_home = state.time.end_s != never && chords_left(state, next_.t_s) <= 2.0;
  const int last_st = wrap(current_.chord.root - scale.tonic, octave_st);
  const int step_st = wrap(chord.root - scale.tonic, octave_st);
  if (step_st == last_st) return !leads_home && !next_.opens_scene && resolves(current_.chord, chord);
  if (last_st == fifth_st && step_st == 0) return false;
  return !leads_home || (step_st != 0 && step_st != fifth_st);
}

// The loop's next chord, or the one after where that would be no change. False where the scene has no loop, or none of it
// fits before the end.
bool Progression::take_loop_chord(const PieceState& state) {
  const std::vector<LoopChord>& loop = next_.scene.loop;
  const bool first = current_.chord.intervals.empty();
  const Scale& scale = next_.scale;
  const int tone = wanted_tone(scale);
  // A scene opens with the chord that has most in common with the one before, and tells the mode where that is due.
  double most_common = -1.0;
  const size_t from = next_.opens_scene ? 0 : loop_at_ + 1;
  for (size_t i = 0; i < loop.size(); ++i) {
    const size_t at = (from + i) % loop.size();
    const Chord chord = named_chord(scale, scale.pitch_at(loop[at].degree), loop[at].intervals);
    const bool resolution = loop[at].degree == loop[(at + loop.size() - 1) % loop.size()].degree;
    if (!may_follow(chord, scale, state) || (resolution && next_.opens_scene)) continue;
    const double tells = tone != any_tone && chord.contains(tone) ? 1.0 : 0.0;
    const double common = first ? 1.0 : tells + common_tones(current_.chord, chord);
    if (common <= most_common) continue;
    most_common = common;
    loop_at_ = at;
    next_.chord = chord;
    if (!next_.opens_scene || first) break;
  }
  return most_common >= 0.0;
}

void Progression::take_chart_chord() {
  Chord& chord = next_.chord;
  chord = chart_[chart_position_ % chart_.size()].chord;
  const int moved_st = next_.scale.tonic - chart_home_;
  if (moved_st != 0) {
    const size_t suffix = chord.name.find_first_not_of("ABCDEFGb#");
    chord.root = wrap(chord.root + moved_st, 12);
    chord.name = named_chord(next_.scale, chord.root, {}).name +
                 (suffix == std::string::npos ? std::string() : chord.name.substr(suffix));
  }
  chord.numeral = numeral(next_.scale, chord.root, chord.intervals);
  chord.degree = next_.scale.degree_of(chord.root);
}

int Progression::choose_degree(const PieceState& state) {
  const Scale& scale = next_.scale;
  const int last = current_.chord.degree < scale.size() ? current_.chord.degree : -1;
  const bool leads_home = state.time.end_s != never && chords_left(state, next_.t_s) <= 2.0;
  const auto barred = [&](int degree) {
    // In another key the same chord has another degree: it would be no change.
    const int root = wrap(scale.pitch_at(degree), 12);
    // The tonic ends the piece: neither here already, nor from the dominant.
    const int step_st = wrap(root - scale.tonic, 12);
    return degree == last || root == current_.chord.root ||
           (leads_home && (step_st == 0 || step_st == fifth_st));
  };
  const int tone = wanted_tone(scale);
  const auto cannot_tell = [&](int degree) {
    return barred(degree) ||
           (tone != any_tone && !has_chord_with(scale, degree, state.preset.harmony.colours, tone));
  };
  std::vector<int> allowed = next_.scene.degrees;
  std::erase_if(allowed, cannot_tell);
  if (allowed.empty()) {
    allowed = scale.degrees();
    std::erase_if(allowed, cannot_tell);
  }
  if (allowed.empty()) {
    allowed = scale.degrees();
    std::erase_if(allowed, barred);
  }
  return next_degree(scale, table(scale, state), degree_before_, last, allowed, rng_);
}

// How the loop's chord was voiced before, when its scene played or earlier in it.
std::optional<std::vector<int>> Progression::voicing_heard() const {
  const std::vector<LoopChord>& loop = next_.scene.returns ? next_.scene.loop : playing_.loop;
  if (next_.scene.number != playing_.number || loop_at_ >= loop.size() || next_.last) return std::nullopt;
  const LoopChord& chord = loop[loop_at_];
  int moved_st = wrap(next_.scale.tonic - chord.tonic, octave_st);
  if (moved_st > octave_st / 2) moved_st -= octave_st;
  std::vector<int> voicing = chord.voicing;
  for (int& pitch : voicing) pitch += moved_st;
  const bool fits = std::all_of(voicing.begin(), voicing.end(), [&](int pitch) {
    return next_.chord.contains(pitch) && pitch >= lowest_pad && pitch <= highest_pad;
  });
  return voicing.empty() || !fits ? std::nullopt : std::optional(voicing);
}

void Progression::voice_next(const PieceState& state, const Form& form) {
  if (const std::optional<std::vector<int>> heard = voicing_heard()) {
    next_.voicing = *heard;
    return;
  }
  const PadPlan& plan = state.preset.pad;
  const Range& pitches = state.preset.layer(Layer::pad).pitches;
  const double dense = std::clamp(
      voices_by_scene * next_.scene.voices + (1.0 - voices_by_scene) * form.density(state), 0.0, 1.0);
  const int shift_st = form.register_st(state, next_.t_s) + next_.scene.shift_st;
  VoicingLimits limits;
  limits.low = std::clamp(static_cast<int>(pitches.low) + shift_st, lowest_pad, highest_low);
  limits.high = std::clamp(static_cast<int>(pitches.high) + shift_st, limits.low + octave_st, highest_pad);
  limits.voices = static_cast<int>(std::lround(plan.voices.at(dense)));
  limits.least_gap = static_cast<int>(plan.gap_st.low);
  limits.most_gap = static_cast<int>(plan.gap_st.high);
  limits.wanted = characteristic_tone(next_.scale);
  next_.voicing = voice_chord(next_.chord, current_.voicing, limits);
  if (voices_ != nullptr && next_.voicing.size() > 2) {
    const std::vector<std::vector<int>> open =
        voicings_like(next_.voicing, next_.chord, current_.voicing, limits);
    next_.voicing = open[voices_->choose({next_.chord.root, next_.chord.intervals}, open)];
  }
  if (!next_.scene.returns && loop_at_ < playing_.loop.size() && !next_.last) {
    playing_.loop[loop_at_].voicing = next_.voicing;
    playing_.loop[loop_at_].tonic = next_.scale.tonic;
  }
}

// A fifth either way, or a third that shares most tones: whichever keys have most in common.
Scale Progression::draw_key(const PieceState& state) {
  if (state.scale.tonic != home_.tonic && rng_.chance(way_home))
    return {home_.tonic, state.scale.mode, home_.letter};
  return {wrap(state.scale.tonic + modulations_st[rng_.weighted(modulation_odds)], 12), state.scale.mode};
}

// To a key that a chord of both leads to.
void Progression::modulate(const PieceState& state) {
  pivot_.reset();
  for (int tries = 0; tries < modulation_tries; ++tries) {
    scale_for_next_ = draw_key(state);
    pivot_ = pivot_to(*scale_for_next_, state);
    if (pivot_ && common_tones(current_.chord, *pivot_) >= least_common) break;
  }
  modulate_at_s_ = draw_modulation(state);
}

// The chord of both keys that has most in common with the one that sounds.
std::optional<Chord> Progression::pivot_to(const Scale& to, const PieceState& state) const {
  if (!chart_.empty()) return std::nullopt;
  std::optional<Chord> best;
  for (int degree = 0; degree < to.size(); ++degree) {
    for (size_t c = 0; c < colour_count; ++c) {
      const std::optional<Chord> chord = make_chord(to, degree, static_cast<Colour>(c));
      if (!chord || state.preset.harmony.colours[c] <= 0.0 || chord->root == current_.chord.root) continue;
      if (degree == 0 && current_.chord.root == wrap(to.tonic + fifth_st, octave_st)) continue;
      const bool of_both = std::all_of(chord->intervals.begin(), chord->intervals.end(), [&](int interval) {
        return state.scale.contains(chord->root + interval);
      });
      if (!of_both) continue;
      if (!best || common_tones(current_.chord, *chord) > common_tones(current_.chord, *best)) best = chord;
    }
  }
  return best;
}

double Progression::advance(PieceState& state) {
  if (scale_for_next_ && next_.opens_scene) {
    state.key = tonic_name(next_.scale);
    scale_for_next_.reset();
  }
  degree_before_ = current_.chord.degree;
  const Chord before = std::exchange(current_, next_).chord;
  state.scale = current_.scale;
  count_current(before);
  if (voices_ != nullptr && !current_.voicing.empty())
    voices_->sounded({current_.chord.root, current_.chord.intervals}, current_.voicing);
  const bool harmony_plays = current_.scene.cast.plays[static_cast<size_t>(Layer::pad)];
  if (harmony_plays || !state.on(Layer::pad)) harmony_heard_s_ = never;
  if (!harmony_plays && harmony_heard_s_ == never) harmony_heard_s_ = current_.t_s;
  if (current_.opens_scene) scene_left_ = scene_length(state);
  --scene_left_;

  double length_s = draw_length(state);
  if (!chart_.empty()) {
    const std::optional<double> seconds = chart_[chart_position_++ % chart_.size()].seconds;
    if (seconds && !current_.last) length_s = std::min(*seconds, state.time.end_s - state.time.now_s);
  }
  return current_.last ? never : whole_us(state.time.now_s + length_s);
}

void Progression::count_current(const Chord& before) {
  const Chord& chord = current_.chord;
  const bool in_mode = std::all_of(chord.intervals.begin(), chord.intervals.end(), [&](int interval) {
    return current_.scale.contains(chord.root + interval);
  });
  ++heard_;
  if (!in_mode) ++borrowed_;
  if (resolves(before, chord)) ++suspended_;
  plain_chords_ = chord.contains(characteristic_tone(current_.scale)) ? 0 : plain_chords_ + 1;
}

void Progression::plan_nothing() {
  next_ = current_;
  next_.t_s = never;
}

void Progression::recast(const PieceState& state) {
  Form::fill_cast(current_.scene.cast, state);
  Form::fill_cast(next_.scene.cast, state);
}

void Progression::settle(const PieceState& state) {
  home_ = state.scale;
  modulate_at_s_ = draw_modulation(state);
}

void Progression::forget(const PieceState& state) {
  settle(state);
  promised_.clear();
  playing_ = {};
  opening_.reset();
  plain_scenes_ = 0;
}

void Progression::leave_scene(const PieceState& state) {
  scale_for_next_.reset();
  pivot_.reset();
  scene_left_ = 0;
  if (current_.chord.degree >= state.scale.size()) current_.chord.degree = -1;
}

}  // namespace auralis
