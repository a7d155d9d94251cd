// SPDX-License-Identifier: MIT
#include "compose/parts/melody.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace auralis {
namespace {

constexpr int step_st = 2;      // the widest that counts as a step
constexpr int way_back_st = 3;  // how far outside its range a line may still move on the way back in
constexpr double forgetting_a_note = 0.99;  // factor on what was counted before
constexpr size_t most_motifs = 8;
constexpr size_t kept_motifs = 2;  // the newest, which are not forgotten for another
constexpr double shortest_s = 0.25;

// A motif: 3 to 6 notes; most steps are small.
constexpr size_t shortest_motif = 3;
constexpr size_t motif_lengths = 4;
constexpr double step_odds[] = {0.3, 0.6, 2.0, 4.0, 0.4, 4.0, 2.0, 0.6, 0.3};  // −4 … 4 steps
constexpr int widest_step = 4;
constexpr int wide_step = 3;  // from here on the next turns back

// A phrase.
constexpr double same_motif_again = 0.65;      // chance
constexpr Range reach_share{0.34, 0.48};       // of the range, that its contour takes to either side
constexpr double longest_of_note_beats = 1.5;  // an augmented note, of the preset's longest
constexpr double most_rest_beats = 4.0;        // between two statements
constexpr double middle_stress = 0.45;
constexpr double contour_stress = 0.35;
constexpr double stress_spread = 0.15;

// Choosing a note: costs in semitones.
constexpr double random_cost_st = 1.5;
constexpr double wrong_kind_cost_st = 5.0;  // a chord tone where none is wanted, or the reverse
constexpr double repeated_cost_st = 2.5;
constexpr double chord_tone_pull = 3.0;  // how strongly a lack of chord tones is made up for
constexpr Range chord_tone_chance{0.05, 0.98};
constexpr double colour_pull = 2.0;
constexpr double most_colour = 0.5;  // chance
constexpr double colour_stress = 0.6;
constexpr double longest_colour_beats = 1.0;
constexpr double clash_length = 0.95;  // of a long note: no clash lasts so long
constexpr double beyond_any_cost = 1e9;

// A source draws its notes a little more freely than it was trained to.
constexpr MelodyTaste taste{.temperature = 1.2, .top_p = 0.97};
constexpr double longest_chosen = 2.0;  // of the preset's longest note
constexpr size_t heard_motif = 5;       // of its notes are remembered as a motif

// The shape of a phrase: heights from −1, the bottom of its reach, to 1, the top; places as shares of the phrase.
enum class Contour { arch, fall, rise, valley, wave, count };

constexpr double arch_top_at = 0.45;
constexpr double arch_breadth = 0.6;  // of a bow that sinks by 1 within half a phrase
constexpr double fall_from = 0.9;
constexpr double fall_by = 1.7;
constexpr double rise_from = -0.8;
constexpr double rise_by = 1.6;
constexpr double valley_bottom = -0.7;
constexpr double valley_depth = 1.4;
constexpr double wave_top_at = 0.25;
constexpr double wave_bottom_at = 0.75;
constexpr double wave_depth = 4.0;

// A parabola: 0 at its turn, 1 half a phrase away.
double bow(double x, double turn) { return 4.0 * (x - turn) * (x - turn); }

double height(Contour contour, double x) {
  switch (contour) {
    case Contour::arch:
      return 1.0 - bow(x, arch_top_at) / arch_breadth;
    case Contour::fall:
      return fall_from - fall_by * x;
    case Contour::rise:
      return rise_from + rise_by * x;
    case Contour::valley:
      return valley_bottom + bow(x, 0.5) * valley_depth;
    case Contour::wave:
      return x < 0.5 ? 1.0 - bow(x, wave_top_at) * wave_depth : -1.0 + bow(x, wave_bottom_at) * wave_depth;
    case Contour::count:
      break;
  }
  return 0.0;
}

// Lengths a note may have, in beats.
constexpr double lengths[] = {0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16};
constexpr double shortest_beats = 0.25;
constexpr double longest_beats = 16.0;
constexpr double whole_beats_odds = 2.0;  // against 1 for other lengths

double draw_length(const Range& beats, bool last, Rng& rng) {
  std::vector<double> open;
  std::vector<double> odds;
  for (double length : lengths) {
    if (length < beats.low || length > beats.high) continue;
    open.push_back(length);
    // The end of a motif broadens.
    odds.push_back((length == std::floor(length) ? whole_beats_odds : 1.0) * (last ? length : 1.0));
  }
  return open.empty() ? beats.low : open[rng.weighted(odds)];
}

// A step back from a leap: the nearest tone of the mode on that side of it.
bool steps_back(const Scale& scale, int from, int over, int pitch) {
  const int interval = pitch - over;
  if (interval == 0 || (interval > 0) == (over > from)) return false;
  const int index = scale.index_below(over);
  const int back = interval < 0
                       ? (scale.pitch_at(index) == over ? scale.pitch_at(index - 1) : scale.pitch_at(index))
                       : scale.pitch_at(index + 1);
  return pitch == back;
}

}  // namespace

Motif Melody::invent(const MelodyPlan& plan) {
  const size_t count = shortest_motif + rng_.index(motif_lengths);
  Motif motif;
  int offset = 0;
  int last = 0;
  for (size_t i = 0; i < count; ++i) {
    motif.push_back({offset, draw_length(plan.note_beats, i + 1 == count, rng_)});
    // A wide step turns back; any other step is drawn.
    last = std::abs(last) >= wide_step ? (last > 0 ? -1 : 1)
                                       : static_cast<int>(rng_.weighted(step_odds)) - widest_step;
    offset += last;
  }
  return motif;
}

void Melody::begin_phrase(const MelodyPlan& plan, const MelodyContext& context) {
  const auto wanted = static_cast<size_t>(std::lround(plan.phrase_notes.at(rng_.uniform())));
  const auto contour = static_cast<Contour>(rng_.index(static_cast<size_t>(Contour::count)));
  const int low = context.scale.nearest_index(context.low);
  const int high = context.scale.nearest_index(context.high);
  const double middle = 0.5 * (low + high);
  const double reach = (high - low) * rng_.uniform(reach_share.low, reach_share.high);

  std::vector<Planned> phrase;
  Known known;
  while (phrase.size() < wanted) {
    if (known.motif.empty() || !rng_.chance(same_motif_again)) {
      if (!memory_.empty() && rng_.chance(plan.recall)) {
        known = memory_[rng_.index(memory_.size())];
      } else {
        known = {invent(plan), ++invented_};
        if (memory_.size() == most_motifs)
          memory_.erase(memory_.begin() + static_cast<std::ptrdiff_t>(rng_.index(most_motifs - kept_motifs)));
        memory_.push_back(known);
      }
    }
    const auto how = static_cast<Variation>(rng_.index(static_cast<size_t>(Variation::count)));
    const Motif statement = vary(known.motif, how, longest_of_note_beats * plan.note_beats.high, rng_);
    const double progress = static_cast<double>(phrase.size()) / static_cast<double>(wanted);
    const int start = static_cast<int>(std::lround(middle + reach * height(contour, progress)));
    for (const MotifNote& note : statement) {
      const double x = static_cast<double>(phrase.size()) / static_cast<double>(wanted);
      phrase.push_back({std::clamp(start + note.offset, low, high), note.beats, 0.0,
                        std::clamp(middle_stress + contour_stress * height(contour, x) +
                                       rng_.uniform(-stress_spread, stress_spread),
                                   0.0, 1.0)});
    }
    phrase.back().rest_beats = std::floor(rng_.uniform(0.0, most_rest_beats));
    last_motif_ = statement;
    last_number_ = known.number;
  }
  // It ends on its longest note.
  phrase.back().beats = std::max(phrase.back().beats, plan.note_beats.high);
  phrase.back().rest_beats = 0.0;
  phrase_.assign(phrase.rbegin(), phrase.rend());
  beat_ = 0.0;
  heard_.clear();
}

std::vector<int> Melody::open(const MelodyContext& context, bool long_note, bool leap) const {
  const Scale& scale = context.scale;
  if (previous_ < 0) {
    std::vector<int> all = scale.between(context.low, context.high);
    std::erase_if(all, [&](int p) { return long_note && !agrees(*context.chord, p); });
    return all.empty() ? std::vector<int>{scale.pitch_at(scale.nearest_index(context.centre))} : all;
  }
  // The arcs may have moved the range away from the last note: the way back in is open.
  const std::vector<int> near = scale.between(std::min(context.low, previous_ - way_back_st),
                                              std::max(context.high, previous_ + way_back_st));
  const bool owed = before_ >= 0 && std::abs(previous_ - before_) > fifth_st;
  std::vector<int> open;
  for (int pitch : near) {
    const int interval = std::abs(pitch - previous_);
    if (owed ? !steps_back(scale, before_, previous_, pitch) : interval > (leap ? octave_st : fifth_st))
      continue;
    if (resolve_ && !owed && (interval == 0 || interval > step_st)) continue;
    if (pitch == previous_ && pitch == before_) continue;
    if (long_note && !owed && !resolve_ && !agrees(*context.chord, pitch)) continue;
    open.push_back(pitch);
  }
  // Outside the range only on the way back to it.
  const auto outside = [&](int p) { return p < context.low || p > context.high; };
  if (!std::all_of(open.begin(), open.end(), outside)) std::erase_if(open, outside);
  if (!open.empty()) return open;
  return {scale.pitch_at(scale.nearest_index(previous_))};
}

int Melody::choose(const std::vector<int>& open, const MelodyPlan& plan, const MelodyContext& context,
                   int target) {
  // What is lacking from the shares comes up more often.
  const double lacking = notes_ < 1.0 ? 0.0 : plan.chord_tones - chord_notes_ / notes_;
  const bool want_chord = rng_.chance(std::clamp(plan.chord_tones + chord_tone_pull * lacking,
                                                 chord_tone_chance.low, chord_tone_chance.high));
  int best = open.front();
  double best_cost = beyond_any_cost;
  for (int pitch : open) {
    double cost = std::abs(pitch - target) + rng_.uniform(0.0, random_cost_st);
    if (context.chord->contains(pitch) != want_chord) cost += wrong_kind_cost_st;
    if (pitch == previous_) cost += repeated_cost_st;
    if (cost < best_cost) {
      best = pitch;
      best_cost = cost;
    }
  }
  return best;
}

std::optional<int> Melody::colour_tone(const MelodyPlan& plan, const MelodyContext& context, int target) {
  const double share = notes_ < 1.0 ? 0.0 : colour_notes_ / notes_;
  if (previous_ < 0 || resolve_ ||
      !rng_.chance(
          std::clamp(plan.colour_tones + colour_pull * (plan.colour_tones - share), 0.0, most_colour)))
    return std::nullopt;
  if (before_ >= 0 && std::abs(previous_ - before_) > fifth_st) return std::nullopt;
  // Between the last note and where the line is going, a step away.
  const int direction = target >= previous_ ? 1 : -1;
  for (int distance = 1; distance <= step_st; ++distance) {
    const int pitch = previous_ + direction * distance;
    if (!context.scale.contains(pitch) && pitch >= context.low && pitch <= context.high) return pitch;
  }
  return std::nullopt;
}

void Melody::remember(int pitch, const MelodyContext& context) {
  before_ = previous_;
  previous_ = pitch;
  resolve_ = !context.scale.contains(pitch);
  notes_ = forgetting_a_note * notes_ + 1.0;
  chord_notes_ = forgetting_a_note * chord_notes_ + (context.chord->contains(pitch) ? 1.0 : 0.0);
  colour_notes_ =
      forgetting_a_note * colour_notes_ + (resolve_ && !context.chord->contains(pitch) ? 1.0 : 0.0);
}

Melody::Note Melody::next(const MelodyPlan& plan, const MelodyContext& context, MelodySource* source) {
  Planned planned = phrase_.back();
  phrase_.pop_back();
  const bool leap = rng_.chance(plan.leap);
  int target = context.scale.pitch_at(planned.index);
  if (leap && previous_ >= 0) target = previous_ + (target >= previous_ ? 1 : -1) * octave_st;
  // A source's quarter note is of middling length here, so that both halves of its notes and twice them have room.
  const double pace = std::sqrt(plan.note_beats.low * plan.note_beats.high);
  const auto quarters = [](double beats) {
    return std::max(shortest_beats, std::round(beats / shortest_beats) * shortest_beats);
  };
  const MelodyPlace place{context.scale.mode, context.scale.tonic, std::max(context.chord->degree, 0),
                          context.intensity,  beat_ / pace,        context.centre};
  int pitch = 0;
  if (const std::optional<int> colour = phrase_.empty() ? std::nullopt : colour_tone(plan, context, target)) {
    pitch = *colour;
    planned.beats = std::max(plan.note_beats.low, std::min(planned.beats, longest_colour_beats));
    planned.rest_beats = 0.0;
    planned.stress *= colour_stress;
  } else if (source) {
    // It finds its own way, not far from where the phrase is going.
    std::vector<int> offered = open(context, false, leap);
    if (std::any_of(offered.begin(), offered.end(),
                    [&](int p) { return std::abs(p - target) <= fifth_st; })) {
      std::erase_if(offered, [&](int p) { return std::abs(p - target) > fifth_st; });
    }
    const MelodyNote chosen = source->next(place, offered, taste);
    pitch = chosen.pitch;
    planned.beats =
        std::clamp(quarters(pace * chosen.beats), plan.note_beats.low, longest_chosen * plan.note_beats.high);
    heard_.push_back({context.scale.nearest_index(pitch), planned.beats});
    if (heard_.size() == heard_motif) {
      const int first = heard_.front().offset;
      for (MotifNote& note : heard_) note.offset -= first;
      last_motif_ = heard_;
      heard_.clear();
    }
  } else {
    const bool long_note = planned.beats * context.beat_s >= long_note_s;
    pitch = choose(open(context, long_note, leap), plan, context, target);
  }

  Note note{pitch, planned.beats * context.beat_s, planned.rest_beats, planned.beats, planned.stress};
  const bool colour = !context.scale.contains(pitch) && !context.chord->contains(pitch);
  if (!agrees(*context.chord, pitch) || colour) note.dur_s = std::min(note.dur_s, clash_length * long_note_s);
  // Into the next chord only where it belongs there too.
  if (context.next && note.dur_s > context.until_next_s && !agrees(*context.next, pitch))
    note.dur_s = context.until_next_s;
  note.dur_s = std::max(std::min(note.dur_s, context.until_quiet_s), shortest_s);
  remember(pitch, context);
  if (source) source->played(place, {pitch, quarters(planned.beats / pace)});
  beat_ += note.beats + note.rest_beats;
  return note;
}

Motif Melody::answer() {
  return last_motif_.empty() ? Motif{} : vary(last_motif_, Variation::fragment, longest_beats, rng_);
}

}  // namespace auralis
