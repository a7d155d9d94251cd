// SPDX-License-Identifier: MIT
// The scenes of a progression: invented, or returning with something about them changed.
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "compose/progression.h"

namespace auralis {
namespace {

constexpr size_t most_remembered = 6;
constexpr int longest_walk = 64;  // steps in search of different chords
constexpr size_t shifts = 5;      // of voicings: −2 … 2 semitones
constexpr int middle_shift_st = 2;
constexpr int returning_shift_st = 4;  // of a scene that stood in the middle
constexpr size_t ways_to_change = 3;
constexpr size_t themes_a_scene = 2;
constexpr size_t most_to_add_to =
    2;  // chords of a scene; beyond, a chord that must be in it replaces the last

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

}  // namespace

Scene Progression::next_scene(const Scale& scale, const PieceState& state, Form& form) {
  const int characteristic = table(scale, state).characteristic;
  std::erase_if(memory_, [&](const Scene& s) { return s.mode_size != scale.size(); });
  Scene scene = memory_.size() > 1 && rng_.chance(state.preset.harmony.returns)
                    ? returning_scene(scale, state, form)
                    : invent_scene(scale, plain_scenes_ >= 1, state, form);
  plain_scenes_ = has(scene, characteristic) ? 0 : plain_scenes_ + 1;
  memory_.push_back(scene);
  if (memory_.size() > most_remembered) memory_.erase(memory_.begin());
  return scene;
}

Scene Progression::invent_scene(const Scale& scale, bool with_characteristic, const PieceState& state,
                                Form& form) {
  const HarmonyTable& chain = table(scale, state);
  const HarmonyPlan& plan = state.preset.harmony;
  Scene scene;
  scene.number = ++scenes_;
  scene.why = "a new scene";
  scene.mode_size = scale.size();
  const std::vector<int> all = scale.degrees();
  const auto wanted =
      std::min(static_cast<size_t>(std::lround(plan.scene_chords.at(rng_.uniform()))), all.size());
  int before = -1;
  int last = current_.chord.degree;
  if (last < 0) {
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
  scene.pedal = rng_.chance(plan.pedal);
  scene.shift_st = static_cast<int>(rng_.index(shifts)) - middle_shift_st;
  scene.voices = rng_.uniform();
  scene.cast = form.draw_cast(state);
  draw_themes(scene, state);
  return scene;
}

// A scene that was there before, with something about it changed.
Scene Progression::returning_scene(const Scale& scale, const PieceState& state, Form& form) {
  Scene scene = memory_[rng_.index(memory_.size())];
  scene.why = "scene " + std::to_string(scene.number) + " returns ";
  switch (rng_.index(ways_to_change)) {
    case 0: {
      scene.why += "with another chord";
      const int other = static_cast<int>(rng_.index(static_cast<size_t>(scale.size())));
      scene.degrees[rng_.index(scene.degrees.size())] = other;
      avoid_bare_cadence(scene, scale, state);
      if (scene.degrees.size() < 2)
        include(scene, scene.degrees.front() == 0 ? table(scale, state).characteristic : 0);
      break;
    }
    case 1:
      scene.why += "in another register";
      scene.shift_st = scene.shift_st == 0 ? returning_shift_st : -scene.shift_st;
      break;
    default:
      scene.pedal = !scene.pedal && state.preset.harmony.pedal > 0.0;
      scene.why += scene.pedal ? "over the tonic" : "over a moving bass";
      break;
  }
  scene.voices = rng_.uniform();
  scene.cast = form.draw_cast(state);
  return scene;
}

void Progression::draw_themes(Scene& scene, const PieceState& state) {
  for (size_t i = 0; i < themes_a_scene; ++i) {
    scene.themes.push_back(invent_theme(state.preset.melody.note_beats, scene.mode_size, themes_rng_));
    scene.themes.back().number = ++themes_;
  }
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
