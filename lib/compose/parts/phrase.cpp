// SPDX-License-Identifier: MIT
// How the lead's phrases are made: themes, statements and where they stand, cadences.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "compose/parts/melody.h"

namespace auralis {
namespace {

// A phrase.
constexpr double first_theme_share = 0.85;     // of the phrases, that a scene's first theme has
constexpr double varied_share = 0.25;          // of the phrases have one statement that is varied
constexpr double longest_of_note_beats = 1.5;  // an augmented note, of the preset's longest
constexpr double longest_breath_s = 4.0;
constexpr int varied_move = 2;        // steps, of a statement that is transposed for once
constexpr size_t notes_to_close = 2;  // before the last, of a phrase that must end soon

// How much likelier a source is to find what the motif has, in nats: where it is stated, answered, and on the way to rest.
constexpr double stated_nats = 14.0;
constexpr double answered_nats = 10.0;
constexpr double connecting_nats = 4.0;

// Stress: a phrase swells to its middle.
constexpr double first_stress = 0.4;
constexpr double swell_stress = 0.3;
constexpr double stress_spread = 0.12;

// Where a statement stands: costs.
constexpr double share_cost = 13.0;      // for each 1 of the share of chord tones that is missing or too much
constexpr double long_clash_cost = 2.5;  // of a long note with a tone of its chord
constexpr double short_clash_cost = 0.1;
constexpr double outside_cost = 6.0;  // of a note beyond the range
constexpr double step_away_cost = 0.15;
constexpr double wide_joint_cost_per_st = 0.25;  // beyond a step
constexpr double repeated_joint_cost = 0.4;
constexpr double barred_cost = 100.0;
constexpr double leap_gain = 8.0;            // of a leap where there is to be one
constexpr double chord_tone_pull = 4.0;      // how strongly a lack of chord tones is made up for
constexpr double other_interval_cost = 0.7;  // of a step that is wider or narrower than at home

constexpr int step_st = 2;  // the widest that counts as a step
constexpr double longest_colour_beats = 1.0;
constexpr double colours_in_reserve = 1.0;  // so many must be owed before a motif is coloured

// Ends.
constexpr double other_goal_cost = 1.5;    // steps of detour for the end that is wanted
constexpr double strange_goal_cost = 0.8;  // of one that the chord does not have
constexpr double clashing_goal_cost = 4.0;

double beats_of(const Motif& motif) {
  double beats = 0.0;
  for (const MotifNote& note : motif) beats += note.beats;
  return beats;
}

// The index of that degree nearest a pitch.
int home_index(const Scale& scale, int degree, int pitch) {
  const int base = scale.nearest_index(pitch);
  int steps = wrap(degree - wrap(base, scale.size()), scale.size());
  if (2 * steps > scale.size()) steps -= scale.size();
  return base + steps;
}

// How many intervals of the motif are not what they are where it is at home.
int other_intervals(const Scale& scale, const Motif& motif, int home, int start) {
  int count = 0;
  for (size_t i = 1; i < motif.size(); ++i) {
    const auto interval = [&](int from) {
      return scale.pitch_at(from + motif[i].offset) - scale.pitch_at(from + motif[i - 1].offset);
    };
    count += interval(home) != interval(start) ? 1 : 0;
  }
  return count;
}

}  // namespace

bool rests_on(const Scale& scale, int pitch) {
  const int above_tonic = wrap(pitch - scale.tonic, octave_st);
  return above_tonic == 0 || above_tonic == fifth_st;
}

void Melody::choose_theme(const MelodyPlan& plan, const MelodyContext& context) {
  const auto same = [&](const Theme& theme) { return theme == theme_; };
  const bool known = std::any_of(context.themes.begin(), context.themes.end(), same);
  // The second phrase of a pair keeps its theme.
  if (phrases_ % 2 == 1 && (known || theme_.number == 0) && !theme_.motif.empty()) return;
  const bool takes_up = rng_.chance(plan.recall);
  Theme chosen;
  if (context.themes.empty() || !takes_up) {
    chosen = invent_theme(plan.note_beats, context.scale.size(), rng_);
  } else {
    const bool first = context.themes.size() == 1 || rng_.chance(first_theme_share);
    chosen = first ? context.themes.front() : context.themes[1 + rng_.index(context.themes.size() - 1)];
  }
  if (chosen == theme_) return;
  theme_ = chosen;
  phrases_ = 0;
}

void Melody::begin_phrase(const MelodyPlan& plan, const MelodyContext& context) {
  break_off();
  choose_theme(plan, context);
  const double wanted = std::round(plan.phrase_notes.at(rng_.uniform()));
  const double size = static_cast<double>(theme_.motif.size());
  const double breath_beats = std::min(theme_.breath_beats, std::floor(longest_breath_s / context.beat_s));
  // What cannot be said before a silence is left out.
  const double statement_s = (beats_of(theme_.motif) + breath_beats) * context.beat_s;
  const double fits = (context.until_quiet_s - plan.note_beats.high * context.beat_s) / statement_s;
  const auto count =
      static_cast<size_t>(std::max(1.0, std::min(std::round((wanted - 1.0) / size), std::floor(fits))));
  for (size_t i = 0; i < count; ++i) {
    const double x = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    const double stress = first_stress + swell_stress * (1.0 - std::abs(2.0 * x - 1.0));
    statements_.push_back(
        {theme_.motif, theme_.moves[i % theme_.moves.size()], breath_beats, stress, i + 1 == count, i == 0});
  }
  // The first statement is as it is.
  if (count > 1 && rng_.chance(varied_share)) {
    Statement& varied = statements_[1 + rng_.index(count - 1)];
    const auto how = static_cast<Variation>(rng_.index(static_cast<size_t>(Variation::count)));
    varied.motif = vary(varied.motif, how, longest_of_note_beats * plan.note_beats.high, rng_);
    if (how == Variation::transposition) varied.move += rng_.chance(0.5) ? varied_move : -varied_move;
  }
  std::reverse(statements_.begin(), statements_.end());
  ++phrases_;
  beat_ = 0.0;
  heard_.clear();
}

void Melody::break_off() {
  statements_.clear();
  line_.clear();
}

double Melody::fit_cost(const Motif& motif, int start, double wanted_share,
                        const MelodyContext& context) const {
  double cost = 0.0;
  double chord_tones = 0.0;
  double from_s = 0.0;
  for (const MotifNote& note : motif) {
    const int pitch = context.scale.pitch_at(start + note.offset);
    const bool later = context.next != nullptr && from_s >= context.until_next_s;
    const Chord& chord = later ? *context.next : *context.chord;
    const double length_s = note.beats * context.beat_s;
    if (pitch < context.low || pitch > context.high) cost += outside_cost;
    if (!agrees(chord, pitch)) cost += length_s >= long_note_s ? long_clash_cost : short_clash_cost;
    if (chord.contains(pitch)) chord_tones += 1.0;
    from_s += length_s;
  }
  return cost + share_cost * std::abs(chord_tones / static_cast<double>(motif.size()) - wanted_share);
}

// From the last note to the first of a statement.
double Melody::joint_cost(const Motif& motif, int pitch, bool leap) const {
  if (previous_ < 0) return 0.0;
  const int interval = pitch - previous_;
  const int distance = std::abs(interval);
  if (distance > octave_st) return barred_cost;
  if (distance > fifth_st) {
    const int back = motif.size() > 1 ? motif[1].offset - motif[0].offset : 0;
    return leap && std::abs(back) == 1 && (back > 0) != (interval > 0) ? -leap_gain : barred_cost;
  }
  if (distance == 0) return pitch == before_ ? barred_cost : repeated_joint_cost;
  return wide_joint_cost_per_st * std::max(0, distance - step_st);
}

int Melody::best_start(const Statement& statement, bool leap, const MelodyPlan& plan,
                       const MelodyContext& context) const {
  const Scale& scale = context.scale;
  const double lacking = notes_ < 1.0 ? 0.0 : plan.chord_tones - chord_notes_ / notes_;
  const double wanted_share = std::clamp(plan.chord_tones + chord_tone_pull * lacking, 0.0, 1.0);
  const int at_home = home_index(scale, theme_.degree, context.centre);
  const int home = at_home + statement.move;
  int best = home;
  double least = 2.0 * barred_cost * static_cast<double>(statement.motif.size());
  for (int start = home - scale.size(); start <= home + scale.size(); ++start) {
    const double cost = fit_cost(statement.motif, start, wanted_share, context) +
                        joint_cost(statement.motif, scale.pitch_at(start), leap) +
                        other_interval_cost * other_intervals(scale, statement.motif, at_home, start) +
                        step_away_cost * std::abs(start - home);
    if (cost >= least) continue;
    least = cost;
    best = start;
  }
  return best;
}

double Melody::owed_colours(const MelodyPlan& plan) const {
  return plan.colour_tones * notes_ - colour_notes_;
}

// A colour passes into the note at `before`, where there is one a step from it and from the note that precedes.
void Melody::colour_line(std::vector<Planned>& line, size_t before, const MelodyPlan& plan,
                         const MelodyContext& context) {
  const Scale& scale = context.scale;
  const int from = before == 0 ? previous_ : scale.pitch_at(line[before - 1].index);
  const int to = scale.pitch_at(line[before].index);
  if (from < 0) return;
  const int first = to > from ? 1 : -1;
  for (int distance : {first, -first, 2 * first, -2 * first}) {
    const int pitch = to - distance;
    if (scale.contains(pitch) || std::abs(pitch - from) > step_st || pitch == from) continue;
    if (pitch < context.low || pitch > context.high) continue;
    Planned colour = line[before];
    colour.colour = pitch;
    colour.goal = colour.leap = false;
    colour.beats = std::max(plan.note_beats.low, std::min(line[before].beats, longest_colour_beats));
    colour.rest_beats = 0.0;
    line.insert(line.begin() + static_cast<std::ptrdiff_t>(before), colour);
    return;
  }
}

// The last note becomes the tonic or the fifth, whichever is near and agrees with the harmony, and is reached by step.
void Melody::come_to_rest(std::vector<Planned>& line, const MelodyPlan& plan, const MelodyContext& context) {
  const Scale& scale = context.scale;
  const int from =
      line.empty() ? scale.nearest_index(previous_ < 0 ? context.centre : previous_) : line.back().index;
  const bool closed = phrases_ % 2 == 0;
  int goal = from;
  double least = barred_cost;
  for (int index = from - scale.size(); index <= from + scale.size(); ++index) {
    const int pitch = scale.pitch_at(index);
    if (!rests_on(scale, pitch) || pitch < context.low || pitch > context.high) continue;
    const bool tonic = wrap(index, scale.size()) == 0;
    const double cost = std::abs(index - from) + (tonic == closed ? 0.0 : other_goal_cost) +
                        (context.chord->contains(pitch)  ? 0.0
                         : agrees(*context.chord, pitch) ? strange_goal_cost
                                                         : clashing_goal_cost);
    if (cost >= least) continue;
    least = cost;
    goal = index;
  }
  Planned last = line.empty() ? Planned{} : line.back();
  last.rest_beats = 0.0;
  last.colour = -1;
  last.leap = false;
  last.nats = connecting_nats;
  if (goal == from && !line.empty()) line.pop_back();
  if (!line.empty()) line.back().rest_beats = 0.0;
  last.beats = std::max(plan.note_beats.low, std::min(last.beats, 1.0));
  const int way = goal > from ? 1 : -1;
  for (int index = from + way; goal != from && index != goal; index += way) {
    last.index = index;
    line.push_back(last);
  }
  last.index = goal;
  last.beats = plan.note_beats.high;
  last.goal = true;
  line.push_back(last);
  if (rng_.chance(owed_colours(plan))) colour_line(line, line.size() - 1, plan, context);
}

void Melody::place(const Statement& statement, const MelodyPlan& plan, const MelodyContext& context) {
  const double size = static_cast<double>(statement.motif.size());
  const bool leap = rng_.chance(plan.leap * size);
  const int start = best_start(statement, leap, plan, context);
  std::vector<Planned> line;
  for (const MotifNote& note : statement.motif) {
    Planned planned;
    planned.index = start + note.offset;
    planned.beats = note.beats;
    planned.stress = std::clamp(statement.stress + rng_.uniform(-stress_spread, stress_spread), 0.0, 1.0);
    planned.leap = leap && line.empty();
    if (theme_.number > 0) planned.nats = statement.opens ? stated_nats : answered_nats;
    line.push_back(planned);
  }
  line.back().rest_beats = statement.rest_beats;
  const size_t coloured = theme_.coloured;
  if (coloured < line.size() && rng_.chance(owed_colours(plan) - colours_in_reserve))
    colour_line(line, coloured, plan, context);
  if (statement.ends) come_to_rest(line, plan, context);
  line_.assign(line.rbegin(), line.rend());
}

void Melody::close(const MelodyPlan& plan, const MelodyContext& context) {
  statements_.clear();
  if (line_.empty()) return;
  std::vector<Planned> line(line_.rbegin(), line_.rend());
  if (line.back().goal) line.pop_back();
  if (line.size() > notes_to_close) line.resize(notes_to_close);
  if (!line.empty() && line.back().colour >= 0) line.pop_back();
  come_to_rest(line, plan, context);
  line_.assign(line.rbegin(), line.rend());
}

}  // namespace auralis
