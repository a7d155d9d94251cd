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
constexpr double shortest_s = 0.25;
constexpr double shortest_beats = 0.25;
constexpr double colour_stress = 0.6;
constexpr double clash_length = 0.95;  // of a long note: no clash lasts so long
// A note that would last longer gives way rather than being shortened.
constexpr double longest_clash_s = 6.0;
constexpr double other_way_cost_st = 1.5;  // of a note that gives way against the line's direction

// A source draws its notes a little more freely than it was trained to.
constexpr MelodyTaste taste{.temperature = 1.2, .top_p = 0.97};
constexpr double longest_chosen = 2.0;  // of the preset's longest note

constexpr size_t answered_notes = 5;  // the last of a phrase

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

// A length on a source's grid.
double in_quarters(double beats) {
  return std::max(shortest_beats, std::round(beats / shortest_beats) * shortest_beats);
}

bool has(const std::vector<int>& pitches, int pitch) {
  return std::find(pitches.begin(), pitches.end(), pitch) != pitches.end();
}

// Leaves those that fit, or all where none does.
template <class Fits>
void keep_if_any(std::vector<int>& pitches, Fits fits) {
  if (std::any_of(pitches.begin(), pitches.end(), fits))
    std::erase_if(pitches, [&](int pitch) { return !fits(pitch); });
}

}  // namespace

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
  keep_if_any(open, [&](int p) { return p >= context.low && p <= context.high; });
  if (!open.empty()) return open;
  return {scale.pitch_at(scale.nearest_index(previous_))};
}

// The pitch of a planned note: its own where the rules allow it, else the nearest that they allow. A long note that
// clashes keeps its pitch and is cut short, unless it is very long.
int Melody::settle(const Planned& planned, const MelodyContext& context) const {
  const int wanted = context.scale.pitch_at(planned.index);
  const double length_s = planned.beats * context.beat_s;
  const bool long_note = length_s >= long_note_s;
  const std::vector<int> all = open(context, false, planned.leap);
  const bool fits = !long_note || agrees(*context.chord, wanted);
  if (has(all, wanted) && (fits || (!planned.goal && length_s < longest_clash_s))) return wanted;
  std::vector<int> offered = open(context, long_note, planned.leap);
  if (planned.goal) {
    const auto rests = [&](int pitch) { return rests_on(context.scale, pitch); };
    if (std::none_of(offered.begin(), offered.end(), rests)) offered = all;
    keep_if_any(offered, rests);
  }
  const auto cost = [&](int pitch) {
    const bool other_way = previous_ >= 0 && (pitch > previous_) != (wanted > previous_);
    return std::abs(pitch - wanted) + (other_way ? other_way_cost_st : 0.0);
  };
  return *std::min_element(offered.begin(), offered.end(), [&](int a, int b) { return cost(a) < cost(b); });
}

bool Melody::takes_colour(const Planned& planned) const {
  const bool owed = before_ >= 0 && std::abs(previous_ - before_) > fifth_st;
  const int interval = std::abs(planned.colour - previous_);
  return previous_ >= 0 && !owed && !resolve_ && interval > 0 && interval <= step_st;
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

// How long the pitch sounds in the end.
Melody::Note Melody::sounded(int pitch, const Planned& planned, const MelodyContext& context) {
  Note note{pitch, planned.beats * context.beat_s, planned.rest_beats, planned.beats, planned.stress};
  const bool colour = !context.scale.contains(pitch) && !context.chord->contains(pitch);
  if (!agrees(*context.chord, pitch) || colour) note.dur_s = std::min(note.dur_s, clash_length * long_note_s);
  // Into the next chord only where it belongs there too.
  if (context.next && note.dur_s > context.until_next_s && !agrees(*context.next, pitch))
    note.dur_s = context.until_next_s;
  note.dur_s = std::max(std::min(note.dur_s, context.until_quiet_s), shortest_s);
  remember(pitch, context);
  if (!colour) heard_.push_back({context.scale.nearest_index(pitch), note.beats});
  beat_ += note.beats + note.rest_beats;
  return note;
}

// A source chooses a planned note's pitch and, in the note itself, its length.
int Melody::ask(MelodySource& source, const MelodyPlace& place, Planned& planned, double pace,
                const MelodyPlan& plan, const MelodyContext& context) const {
  const MelodyIntent intent{settle(planned, context), in_quarters(planned.beats / pace), planned.nats};
  // It finds its own way, not far from where the phrase is going, and to an end that is one.
  std::vector<int> offered = open(context, false, planned.leap);
  if (planned.goal) keep_if_any(offered, [&](int pitch) { return rests_on(context.scale, pitch); });
  keep_if_any(offered, [&](int pitch) { return std::abs(pitch - intent.pitch) <= fifth_st; });
  const MelodyNote chosen = source.next(place, offered, intent, taste);
  if (chosen.beats != intent.beats) {
    planned.beats = std::clamp(in_quarters(pace * chosen.beats), plan.note_beats.low,
                               longest_chosen * plan.note_beats.high);
  }
  return chosen.pitch;
}

Melody::Note Melody::next(const MelodyPlan& plan, const MelodyContext& context, MelodySource* source) {
  if (line_.empty()) {
    const Statement statement = statements_.back();
    statements_.pop_back();
    place(statement, plan, context);
  }
  if (line_.back().colour >= 0 && !takes_colour(line_.back())) line_.pop_back();
  Planned planned = line_.back();
  line_.pop_back();
  // A source's quarter note is of middling length here, so that both halves of its notes and twice them have room.
  const double pace = std::sqrt(plan.note_beats.low * plan.note_beats.high);
  const MelodyPlace place{context.scale.mode, context.scale.tonic, std::max(context.chord->degree, 0),
                          context.intensity,  beat_ / pace,        context.centre};
  int pitch = planned.colour;
  if (planned.colour >= 0) {
    planned.stress *= colour_stress;
  } else if (source) {
    pitch = ask(*source, place, planned, pace, plan, context);
  } else {
    pitch = settle(planned, context);
  }
  const Note note = sounded(pitch, planned, context);
  if (source) source->played(place, {pitch, in_quarters(planned.beats / pace)});
  return note;
}

Motif Melody::answer() const {
  const size_t count = std::min(heard_.size(), answered_notes);
  Motif end(heard_.end() - static_cast<std::ptrdiff_t>(count), heard_.end());
  const int first = end.empty() ? 0 : end.front().offset;
  for (MotifNote& note : end) note.offset -= first;
  return end;
}

}  // namespace auralis
