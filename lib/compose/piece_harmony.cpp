// SPDX-License-Identifier: MIT
#include <numeric>
#include <span>
#include <utility>

#include "base/error.h"
#include "compose/piece.h"
#include "compose/theory/voicing.h"

namespace auralis {

const HarmonyTable& Composer::Piece::table(const Scale& scale) const {
  if (preset_.harmony.table && scale.mode->name == preset_.mode) return *preset_.harmony.table;
  const auto found = settings_.harmony.find(scale.mode->name);
  if (found == settings_.harmony.end())
    throw Error(Exit::bad_input, "no table of harmony for " + std::string(scale.mode->name));
  return found->second;
}

Range Composer::Piece::chord_range() const {
  const Range& range = preset_.harmony.chord_s;
  if (end_ >= 3.0 * range.high) return range;
  if (end_ < 20.0) return {end_, end_ + 1.0};
  return {std::min(range.low, end_ / 3.8), std::min(range.high, end_ / 2.6)};
}

double Composer::Piece::draw_length(double t) {
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

double Composer::Piece::draw_modulation() {
  const double minutes = preset_.harmony.modulate_min;
  return minutes <= 0.0 ? never : now_ + 60.0 * minutes * harmony_rng_.uniform(0.67, 1.33);
}

std::vector<int> Composer::Piece::all_degrees(const Scale& scale) {
  std::vector<int> all(static_cast<size_t>(scale.size()));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Composer::Piece::Scene Composer::Piece::invent_scene(const Scale& scale, int last_degree,
                                                     bool with_characteristic) {
  const HarmonyTable& chain = table(scale);
  Scene scene;
  scene.size = scale.size();
  const std::vector<int> all = all_degrees(scale);
  const auto wanted = std::min(
      static_cast<size_t>(std::lround(preset_.harmony.scene_chords.at(harmony_rng_.uniform()))), all.size());
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

void Composer::Piece::include(Scene& scene, int degree) {
  if (std::find(scene.degrees.begin(), scene.degrees.end(), degree) != scene.degrees.end()) return;
  if (scene.degrees.size() > 2) {
    scene.degrees.back() = degree;
  } else {
    scene.degrees.push_back(degree);
  }
}

void Composer::Piece::avoid_bare_cadence(Scene& scene, const Scale& scale) {
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

void Composer::Piece::choose_layers(Scene& scene) {
  std::vector<Layer> willing;
  for (Layer layer : all_layers) {
    double& draw = scene.draws[static_cast<size_t>(layer)];
    draw = on(layer) ? form_rng_.uniform() : 1.0;
    if (draw < preset_.layer(layer).share) willing.push_back(layer);
  }
  while (static_cast<double>(willing.size()) > most_layers()) {
    // The ground stays.
    const size_t out = form_rng_.index(willing.size());
    if (willing[out] == Layer::drone || willing[out] == Layer::pad) continue;
    // Willing still, but the last to be asked again.
    scene.draws[static_cast<size_t>(willing[out])] = 0.999999 * preset_.layer(willing[out]).share;
    willing.erase(willing.begin() + static_cast<std::ptrdiff_t>(out));
  }
  fill_layers(scene);
}

double Composer::Piece::most_layers() const {
  return std::min(preset_.form.layers, 2.0 + std::ceil(4.0 * intensity_));
}

// A function of the scene's draws, the preset and the intensity alone.
void Composer::Piece::fill_layers(Scene& scene) const {
  scene.layers.fill(false);
  const auto reluctance = [&](Layer layer) {
    if (layer == Layer::drone || layer == Layer::pad) return -1.0;  // the ground stays
    return scene.draws[static_cast<size_t>(layer)] / preset_.layer(layer).share;
  };
  std::vector<Layer> willing;
  for (Layer layer : all_layers) {
    if (on(layer) && scene.draws[static_cast<size_t>(layer)] < preset_.layer(layer).share)
      willing.push_back(layer);
  }
  while (static_cast<double>(willing.size()) > most_layers()) {
    const auto out = std::max_element(willing.begin(), willing.end(),
                                      [&](Layer a, Layer b) { return reluctance(a) < reluctance(b); });
    if (reluctance(*out) < 0.0) break;
    willing.erase(out);
  }
  for (Layer layer : {Layer::pad, Layer::drone, Layer::texture, Layer::lead}) {
    if (willing.size() >= 2) break;
    if (on(layer) && std::find(willing.begin(), willing.end(), layer) == willing.end())
      willing.push_back(layer);
  }
  for (Layer layer : willing) scene.layers[static_cast<size_t>(layer)] = true;
}

Composer::Piece::Scene Composer::Piece::returning_scene(const Scale& scale) {
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

Composer::Piece::Scene Composer::Piece::next_scene(const Scale& scale) {
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

void Composer::Piece::plan_next(double t) {
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

void Composer::Piece::choose_next_chord(bool first) {
  if (!settings_.chart.empty()) {
    next_.chord = settings_.chart[chart_position_ % settings_.chart.size()].chord;
    const int moved = next_.scale.tonic - chart_home_;
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

void Composer::Piece::revoice_next() {
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

void Composer::Piece::modulate() {
  constexpr int distances[] = {7, 5, 3, 9, 2, 10};
  constexpr double odds[] = {3.0, 3.0, 1.5, 1.5, 0.7, 0.7};
  Scale to = scale_;
  to.tonic = wrap(scale_.tonic + distances[harmony_rng_.weighted(odds)], 12);
  // Never far from home: from a key that has wandered, home is the next.
  if (scale_.tonic != home_ && harmony_rng_.chance(0.5)) to.tonic = home_;
  scale_for_next_ = to;
  modulate_at_ = draw_modulation();
}

void Composer::Piece::run_harmony() {
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
    const std::optional<double> seconds = settings_.chart[chart_position_++ % settings_.chart.size()].seconds;
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

void Composer::Piece::plan_silence() {
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

}  // namespace auralis
