// SPDX-License-Identifier: MIT
// The loops that scenes stand on: which chords go round, that they tell the mode, and what is out of the ordinary in them.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "compose/progression.h"

namespace auralis {
namespace {

constexpr int shortest_loop = 3;
constexpr int longest_loop = 4;
constexpr size_t loop_tries = 36;
constexpr int colours_drawn = 3;
constexpr unsigned all_classes = 0xfff;  // a bit each
constexpr size_t least_telling = 2;      // chords of a loop that have the mode's characteristic tone

// Chords borrowed from another mode, and suspensions that resolve: so much of all chords each, once there are some.
constexpr double special_share = 0.028;
constexpr int first_special = 8;

// With the fourth in place of the third, or where the mode has none the second.
std::optional<Chord> before_third(const Scale& scale, const Chord& chord) {
  constexpr int second_st = 2;
  if (const std::optional<Chord> fourth = suspended(scale, chord)) return fourth;
  const Chord second = named_chord(scale, chord.root, {0, second_st, fifth_st});
  const bool fits = scale.contains(chord.root + second_st) && chord.contains(chord.root + fifth_st) &&
                    !chord.contains(chord.root + second_st) && resolves(second, chord);
  return fits ? std::optional(second) : std::nullopt;
}

}  // namespace

bool is_dominant(const Scale& scale, int degree) {
  return scale.mode->steps[static_cast<size_t>(degree)] == fifth_st;
}

int tone_told(const LoopChord& chord, const Scale& scale) {
  const int tone = characteristic_tone(scale);
  const bool has = has_interval(chord.intervals, wrap(tone - scale.pitch_at(chord.degree), octave_st));
  return has ? tone : any_tone;
}

namespace {

bool tells_mode(const LoopChord& chord, const Scale& scale) { return tone_told(chord, scale) != any_tone; }

size_t count_telling(const Scene& scene, const Scale& scale) {
  return static_cast<size_t>(std::count_if(scene.loop.begin(), scene.loop.end(),
                                           [&](const LoopChord& chord) { return tells_mode(chord, scale); }));
}

}  // namespace

bool Progression::lacks(int heard) const { return heard_ >= first_special && heard < special_share * heard_; }

// Three or four chords that go round. One may be borrowed; one of three may be suspended before, which makes four.
void Progression::draw_loop(Scene& scene, int wanted, bool with_characteristic, double t_s,
                            const Scale& scale, const PieceState& state, const Form& form) {
  const bool suspends = lacks(suspended_);
  const int most = suspends ? shortest_loop : longest_loop;
  const auto size = static_cast<size_t>(std::clamp(wanted, shortest_loop, most));
  const std::vector<int> degrees = draw_loop_degrees(size, with_characteristic, scale, state);
  for (int degree : degrees) {
    const bool leads = scene.loop.empty() && pivot_;
    const std::vector<int> intervals =
        leads ? pivot_->intervals
              : draw_colour(scene, scene.loop.size(), degree, any_tone, t_s, scale, state, form);
    scene.loop.push_back({degree, intervals, {}, 0});
  }
  tell_mode(scene, t_s, scale, state, form);
  if (!(suspends && !pivot_ && suspend(scene, scale)) && lacks(borrowed_)) borrow(scene, scale, state);
  for (const LoopChord& chord : scene.loop) scene.degrees.push_back(chord.degree);
}

// Of a few colours the one that has most in common with the chords on either side, as far as there are any.
std::vector<int> Progression::draw_colour(const Scene& scene, size_t at, int degree, int tone, double t_s,
                                          const Scale& scale, const PieceState& state, const Form& form) {
  const auto chord_at = [&](size_t i) {
    return named_chord(scale, scale.pitch_at(scene.loop[i].degree), scene.loop[i].intervals);
  };
  std::vector<int> best;
  double most = -1.0;
  for (int i = 0; i < colours_drawn; ++i) {
    const Chord chord = choose_chord(scale, table(scale, state), degree, state.preset.harmony.colours,
                                     form.richness(state, t_s), rng_, tone);
    double common = 0.0;
    if (at > 0) common += common_tones(chord_at(at - 1), chord);
    if (at + 1 < scene.loop.size()) common += common_tones(chord_at(at + 1), chord);
    if (common <= most) continue;
    most = common;
    best = chord.intervals;
  }
  return best;
}

// How much of a loop's chords, as pitch classes, sounds in the loop of a scene that is to come back, at any transposition:
// the most of all those.
double Progression::likeness_to_promised(const Scene& scene, const Scale& scale) const {
  const auto classes_of = [&](const Scene& of) {
    std::vector<unsigned> classes;
    for (const LoopChord& chord : of.loop) {
      unsigned set = 0;
      for (int interval : chord.intervals)
        set |= 1U << wrap(scale.pitch_at(chord.degree) + interval, octave_st);
      classes.push_back(set);
    }
    return classes;
  };
  const std::vector<unsigned> own = classes_of(scene);
  double most = 0.0;
  for (const Promised& promised : promised_) {
    const std::vector<unsigned> others = classes_of(promised.scene);
    for (int up = 0; up < octave_st; ++up) {
      double sum = 0.0;
      for (unsigned set : own) {
        const unsigned moved = ((set << up) | (set >> (octave_st - up))) & all_classes;
        double best = 0.0;
        for (unsigned other : others)
          best = std::max(best,
                          static_cast<double>(std::popcount(moved & other)) / std::popcount(moved | other));
        sum += best;
      }
      most = std::max(most, sum / static_cast<double>(own.size()));
    }
  }
  return most;
}

// At least two chords of a loop have the tone that tells the mode, not side by side where the colours allow it.
void Progression::tell_mode(Scene& scene, double t_s, const Scale& scale, const PieceState& state,
                            const Form& form) {
  const int tone = characteristic_tone(scale);
  for (const size_t at : {size_t{1}, size_t{3}, size_t{2}, size_t{0}}) {
    if (count_telling(scene, scale) >= least_telling) return;
    if (at >= scene.loop.size() || (at == 0 && pivot_) || tells_mode(scene.loop[at], scale)) continue;
    LoopChord& chord = scene.loop[at];
    chord.intervals = draw_colour(scene, at, chord.degree, tone, t_s, scale, state, form);
  }
}

// A chord from outside in the place of one on the same degree, else of any but the first.
void Progression::borrow(Scene& scene, const Scale& scale, const PieceState& state) {
  const size_t telling = count_telling(scene, scale);
  const std::vector<Chord> chords = borrowed_chords(scale, state.preset.harmony.colours);
  for (const bool same : {true, false}) {
    for (size_t at = scene.loop.size() - 1; at > 0; --at) {
      LoopChord& own = scene.loop[at];
      if (tells_mode(own, scale) && telling <= least_telling) continue;
      std::vector<Chord> fit = chords;
      std::erase_if(fit, [&](const Chord& chord) {
        if (same) return chord.degree != own.degree;
        const bool there = std::any_of(scene.loop.begin(), scene.loop.end(),
                                       [&](const LoopChord& other) { return other.degree == chord.degree; });
        return there || is_dominant(scale, chord.degree);
      });
      if (fit.empty()) continue;
      const Chord& chord = fit[rng_.index(fit.size())];
      own = {chord.degree, chord.intervals, {}, 0};
      return;
    }
  }
}

// The fourth comes before the third in one chord of three: where the chord before has it already, else where there is a third,
// else in a chord that becomes a triad.
bool Progression::suspend(Scene& scene, const Scale& scale) {
  enum class Way { prepared, plain, triad };
  if (scene.loop.size() != shortest_loop) return false;
  for (const Way way : {Way::prepared, Way::plain, Way::triad}) {
    for (size_t at = 0; at < scene.loop.size(); ++at) {
      LoopChord& own = scene.loop[at];
      if (way == Way::triad && tells_mode(own, scale)) continue;
      const Chord as_it_is = named_chord(scale, scale.pitch_at(own.degree), own.intervals);
      const Chord goal =
          way == Way::triad ? make_chord(scale, own.degree, Colour::triad).value_or(as_it_is) : as_it_is;
      const auto chord = before_third(scale, goal);
      if (!chord) continue;
      const LoopChord& before = scene.loop[(at + scene.loop.size() - 1) % scene.loop.size()];
      const Chord leads = named_chord(scale, scale.pitch_at(before.degree), before.intervals);
      if (way == Way::prepared && !leads.contains(chord->root + chord->intervals[1])) continue;
      own.intervals = goal.intervals;
      scene.loop.insert(scene.loop.begin() + static_cast<std::ptrdiff_t>(at),
                        {chord->degree, chord->intervals, {}, 0});
      return true;
    }
  }
  return false;
}

// By the table's ways, without a cadence where the loop closes.
std::vector<int> Progression::draw_loop_degrees(size_t size, bool with_characteristic, const Scale& scale,
                                                const PieceState& state) {
  const HarmonyTable& chain = table(scale, state);
  std::vector<int> degrees;
  for (size_t tries = 0; tries < loop_tries; ++tries) {
    const int first = scenes_ == 1 ? 0 : static_cast<int>(rng_.index(static_cast<size_t>(scale.size())));
    degrees.assign(1, pivot_ ? pivot_->degree : first);
    while (degrees.size() < size) {
      std::vector<int> left = scale.degrees();
      std::erase_if(left,
                    [&](int d) { return std::find(degrees.begin(), degrees.end(), d) != degrees.end(); });
      const int before = degrees.size() > 1 ? degrees[degrees.size() - 2] : -1;
      degrees.push_back(next_degree(scale, chain, before, degrees.back(), left, rng_));
    }
    const auto round = [&](size_t i) { return degrees[i % degrees.size()]; };
    bool cadence = false;
    for (size_t i = 0; i < size; ++i)
      cadence = cadence || (is_dominant(scale, round(i)) && round(i + 1) == 0);
    const bool characteristic =
        std::find(degrees.begin(), degrees.end(), chain.characteristic) != degrees.end();
    const bool home = std::find(degrees.begin(), degrees.end(), 0) != degrees.end();
    // No loop on the chords of one that is to come back.
    const bool known = std::any_of(promised_.begin(), promised_.end(), [&](const Promised& promised) {
      return std::is_permutation(degrees.begin(), degrees.end(), promised.scene.degrees.begin(),
                                 promised.scene.degrees.end());
    });
    const auto telling = std::count_if(degrees.begin(), degrees.end(), [&](int degree) {
      return has_chord_with(scale, degree, state.preset.harmony.colours, characteristic_tone(scale));
    });
    // What cannot all be had is given up one after another; that the mode is told comes last.
    const bool unlike_others = !known || tries >= loop_tries / 3;
    const bool has_home = home || tries >= 2 * loop_tries / 3;
    if (!cadence && static_cast<size_t>(telling) >= least_telling && has_home && unlike_others &&
        (characteristic || !with_characteristic))
      break;
  }
  return degrees;
}

}  // namespace auralis
