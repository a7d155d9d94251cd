// SPDX-License-Identifier: MIT
// The scenes of a progression: invented, or returning when their time has come with one thing about them changed.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "compose/progression.h"

namespace auralis {
namespace {

constexpr size_t most_promised = 48;  // scenes that wait to return; more do not fit into an hour
constexpr int longest_walk = 64;      // steps in search of different chords
constexpr size_t shifts = 5;          // of voicings: −2 … 2 semitones
constexpr int middle_shift_st = 2;
constexpr int returning_shift_st = 4;  // of a scene that comes back in another register
constexpr size_t themes_a_scene = 2;
constexpr size_t most_to_add_to =
    2;  // chords of a scene; beyond, a chord that must be in it replaces the last

constexpr size_t loops_drawn = 6;  // for a new scene

constexpr double passes_heard = 2.0;  // of a loop, at least

// A return is planned for the earlier part of its range, since it waits for the scene that plays.
constexpr double return_planned_within = 0.5;
// A short piece comes back sooner: after so many shares of it.
constexpr Range return_of_piece{0.25, 0.5};
// What is left of a piece in which its opening comes back.
constexpr double closing_share = 0.3;
constexpr int any_number = std::numeric_limits<int>::max() / 2;

constexpr double seconds_a_minute = 60.0;
constexpr double longest_wait_s = 480.0;  // of a scene that is due, for one that leads into another key

bool has(const Scene& scene, int degree) {
  return std::find(scene.degrees.begin(), scene.degrees.end(), degree) != scene.degrees.end();
}

void include(Scene& scene, int degree) {
  if (has(scene, degree)) return;
  if (scene.degrees.size() > most_to_add_to) {
    scene.degrees.back() = degree;
  } else {
    scene.degrees.push_back(degree);
  }
}

// Every second chord of the loop in another position: its top voice goes below, or its lowest above.
void move_voicings(Scene& scene, bool up) {
  for (size_t at = 0; at < scene.loop.size(); at += 2) {
    LoopChord& chord = scene.loop[at];
    if (chord.voicing.empty()) continue;
    if (up) {
      chord.voicing.front() += octave_st;
    } else {
      chord.voicing.back() -= octave_st;
    }
    std::sort(chord.voicing.begin(), chord.voicing.end());
    chord.voicing.erase(std::unique(chord.voicing.begin(), chord.voicing.end()), chord.voicing.end());
  }
}

// A suspended chord and the one it goes to stand on the same degree.
bool is_of_suspension(const Scene& scene, size_t at) {
  const size_t size = scene.loop.size();
  const int degree = scene.loop[at].degree;
  return scene.loop[(at + size - 1) % size].degree == degree || scene.loop[(at + 1) % size].degree == degree;
}

}  // namespace

Scene Progression::next_scene(double t_s, const Scale& scale, const PieceState& state, Form& form) {
  const auto stale = [&](const Scene& scene) { return scene.mode != scale.mode; };
  std::erase_if(promised_, [&](const Promised& promised) { return stale(promised.scene); });
  if (!playing_.themes.empty() && !stale(playing_)) promise_return(t_s, state);
  if (playing_.number == 1) opening_heard_s_ = t_s;
  if (opening_ && stale(*opening_)) opening_.reset();
  if (std::optional<Scene> due = take_due(t_s, state)) {
    playing_ = *due;
    due->returns = true;
    pivot_.reset();
    change_one_thing(*due, t_s, scale, state, form);
    return *due;
  }
  const Scene scene = invent_scene(t_s, scale, plain_scenes_ >= 1, state, form);
  plain_scenes_ = has(scene, table(scale, state).characteristic) ? 0 : plain_scenes_ + 1;
  playing_ = scene;
  if (scenes_ == 1) opening_ = scene;
  return scene;
}

// Seconds until a scene comes back: as the preset says, or as the piece has room.
Range Progression::return_range_s(const PieceState& state) {
  const Range& minutes = state.preset.form.return_min;
  const double end_s = state.time.end_s;
  return {std::min(minutes.low * seconds_a_minute, return_of_piece.low * end_s),
          std::min(minutes.high * seconds_a_minute, return_of_piece.high * end_s)};
}

// When the scene that ends now comes back, if it does: one whose harmony was heard, by which it is known. It does not come
// back later than the preset says, even where others went first.
void Progression::promise_return(double t_s, const PieceState& state) {
  const bool known = playing_.cast.plays[static_cast<size_t>(Layer::pad)] || !state.on(Layer::pad);
  const bool comes_back = rng_.chance(state.preset.harmony.returns) && known;
  if (!comes_back || playing_.loop.empty() || promised_.size() >= most_promised) return;
  const Range after_s = return_range_s(state);
  promised_.push_back({playing_, t_s + after_s.at(return_planned_within * rng_.uniform()),
                       t_s + state.preset.form.return_min.high * seconds_a_minute});
}

std::optional<Scene> Progression::take_due(double t_s, const PieceState& state) {
  const double end_s = state.time.end_s;
  // A piece that ends comes back to its opening, and stays.
  const HarmonyPlan& harmony = state.preset.harmony;
  const double closing_s = std::min(closing_share * end_s, harmony.scene_length.high * harmony.chord_s.high);
  const bool missed = t_s - opening_heard_s_ >= return_range_s(state).low;
  if (end_s != never && opening_ && scenes_ > 1 && missed && end_s - t_s <= closing_s) {
    closing_ = true;
    return std::exchange(opening_, std::nullopt);
  }
  std::erase_if(promised_, [t_s](const Promised& promised) { return t_s > promised.latest_s; });
  const auto first = std::min_element(promised_.begin(), promised_.end(),
                                      [](const Promised& a, const Promised& b) { return a.due_s < b.due_s; });
  if (first == promised_.end() || first->due_s > t_s) return std::nullopt;
  // Into another key a new scene leads, whose pivot is made for it, unless one has waited long.
  if (scale_for_next_ && t_s - first->due_s < longest_wait_s) return std::nullopt;
  const Scene scene = first->scene;
  promised_.erase(first);
  return scene;
}

Scene Progression::invent_scene(double t_s, const Scale& scale, bool with_characteristic,
                                const PieceState& state, Form& form) {
  const HarmonyTable& chain = table(scale, state);
  const HarmonyPlan& plan = state.preset.harmony;
  Scene scene;
  scene.number = ++scenes_;
  scene.why = "a new scene";
  scene.mode = scale.mode;
  const std::vector<int> all = scale.degrees();
  const auto wanted =
      std::min(static_cast<size_t>(std::lround(plan.scene_chords.at(rng_.uniform()))), all.size());
  if (rng_.chance(plan.loops)) {
    Scene best;
    // Of a few loops the one least like those that are to come back.
    double least = never;
    for (size_t i = 0; i < loops_drawn; ++i) {
      Scene drawn = scene;
      draw_loop(drawn, static_cast<int>(wanted), with_characteristic, t_s, scale, state, form);
      const double like = likeness_to_promised(drawn, scale);
      if (like >= least) continue;
      least = like;
      std::swap(drawn, best);
    }
    scene = best;
  } else {
    int before = -1;
    int last = pivot_ ? pivot_->degree : current_.chord.degree;
    if (pivot_) scene.degrees.push_back(last);
    if (last < 0 || last >= scale.size()) {
      scene.degrees.push_back(0);
      last = 0;
    }
    // Walk until enough different chords were met.
    for (int steps = 0; scene.degrees.size() < wanted && steps < longest_walk; ++steps) {
      const int next = next_degree(scale, chain, before, last, all, rng_);
      if (!has(scene, next)) scene.degrees.push_back(next);
      before = std::exchange(last, next);
    }
    if (with_characteristic) include(scene, chain.characteristic);
    avoid_bare_cadence(scene, scale, state);
  }
  scene.pedal = rng_.chance(plan.pedal);
  scene.shift_st = static_cast<int>(rng_.index(shifts)) - middle_shift_st;
  scene.voices = rng_.uniform();
  scene.cast = form.draw_cast(state);
  draw_themes(scene, state);
  return scene;
}

void Progression::draw_themes(Scene& scene, const PieceState& state) {
  for (size_t i = 0; i < themes_a_scene; ++i) {
    scene.themes.push_back(invent_theme(state.preset.melody.note_beats,
                                        static_cast<int>(scene.mode->steps.size()), themes_rng_));
    scene.themes.back().number = ++themes_;
  }
}

// A scene that comes back is changed in one respect, so that the others tell which it is. What is remembered is the
// scene as it was invented.
void Progression::change_one_thing(Scene& scene, double t_s, const Scale& scale, const PieceState& state,
                                   Form& form) {
  enum class Change { chord, colours, motif, layers, bass, lower, higher, count };
  scene.why =
      scene.number == 1 ? "the opening returns" : "scene " + std::to_string(scene.number) + " returns";
  switch (static_cast<Change>(rng_.index(static_cast<size_t>(Change::count)))) {
    case Change::chord:
      if (change_chord(scene, t_s, scale, state, form)) break;
      [[fallthrough]];
    case Change::colours:
      if (!scene.loop.empty()) {
        const size_t at = rng_.index(scene.loop.size());
        LoopChord& chord = scene.loop[at];
        if (is_of_suspension(scene, at)) break;
        chord.intervals = choose_chord(scale, table(scale, state), chord.degree, state.preset.harmony.colours,
                                       form.richness(state, t_s), rng_, tone_told(chord, scale))
                              .intervals;
        chord.voicing.clear();
        scene.why += " in another colour";
        break;
      }
      [[fallthrough]];
    case Change::motif:
      if (!scene.themes.empty() && state.on(Layer::lead)) {
        Motif& motif = scene.themes.back().motif;
        motif = vary(motif, Variation::inversion, 0.0, themes_rng_);
        scene.why += " with a motif turned over";
        break;
      }
      [[fallthrough]];
    case Change::layers:
      if (const std::optional<Layer> layer = form.change_cast(scene.cast, state)) {
        const bool plays = scene.cast.plays[static_cast<size_t>(*layer)];
        scene.why += (plays ? " with the " : " without the ") + std::string(name_of(*layer));
        break;
      }
      [[fallthrough]];
    case Change::bass:
      if (state.preset.harmony.pedal > 0.0) {
        scene.pedal = !scene.pedal;
        scene.why += scene.pedal ? " over the tonic" : " over a moving bass";
        break;
      }
      [[fallthrough]];
    case Change::lower:
      scene.shift_st -= returning_shift_st;
      scene.why += ", lower";
      move_voicings(scene, false);
      break;
    case Change::higher:
    case Change::count:
      scene.shift_st += returning_shift_st;
      scene.why += ", higher";
      move_voicings(scene, true);
      break;
  }
  Form::fill_cast(scene.cast, state);
}

// Another chord in the place of one that is not the first. False where none fits.
bool Progression::change_chord(Scene& scene, double t_s, const Scale& scale, const PieceState& state,
                               const Form& form) {
  if (scene.loop.empty()) return false;
  const size_t size = scene.loop.size();
  const size_t at = 1 + rng_.index(size - 1);
  if (is_of_suspension(scene, at)) return false;
  const int before = scene.loop[at - 1].degree;
  const int after = scene.loop[(at + 1) % size].degree;
  std::vector<int> fit = scale.degrees();
  std::erase_if(fit, [&](int degree) {
    return has(scene, degree) || (degree == 0 && is_dominant(scale, before)) ||
           (after == 0 && is_dominant(scale, degree));
  });
  const int tone = tone_told(scene.loop[at], scale);
  const ColourWeights& colours = state.preset.harmony.colours;
  if (tone != any_tone)
    std::erase_if(fit, [&](int degree) { return !has_chord_with(scale, degree, colours, tone); });
  if (fit.empty()) return false;
  const int degree = fit[rng_.index(fit.size())];
  const Chord chord =
      choose_chord(scale, table(scale, state), degree, colours, form.richness(state, t_s), rng_, tone);
  scene.degrees[at] = degree;
  scene.loop[at] = {degree, chord.intervals, {}, 0};
  scene.why += " with another chord";
  return true;
}

// In whole passes of its loop, where it has one.
int Progression::scene_length(const PieceState& state) {
  const double drawn = state.preset.harmony.scene_length.at(rng_.uniform());
  if (closing_) return any_number;
  if (current_.scene.loop.empty()) return static_cast<int>(std::lround(drawn));
  const auto size = static_cast<double>(current_.scene.loop.size());
  return static_cast<int>(size * std::max(passes_heard, std::round(drawn / size)));
}

// I and V alone could do nothing but cadence: they get the chord that the table would rather go to.
void Progression::avoid_bare_cadence(Scene& scene, const Scale& scale, const PieceState& state) const {
  int dominant = 0;
  const bool bare = std::all_of(scene.degrees.begin(), scene.degrees.end(), [&](int degree) {
    const int step_st = scale.mode->steps[static_cast<size_t>(degree)];
    if (step_st == fifth_st) dominant = degree;
    return step_st == 0 || step_st == fifth_st;
  });
  if (bare) {
    std::span<const double> row = table(scale, state).row(-1, dominant);
    const auto likeliest = std::max_element(row.begin() + 1, row.end());
    scene.degrees.push_back(static_cast<int>(likeliest - row.begin()));
  }
  std::sort(scene.degrees.begin(), scene.degrees.end());
  scene.degrees.erase(std::unique(scene.degrees.begin(), scene.degrees.end()), scene.degrees.end());
}

}  // namespace auralis
