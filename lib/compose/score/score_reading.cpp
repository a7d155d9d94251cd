// SPDX-License-Identifier: MIT
#include "compose/score/score_reading.h"

#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "compose/theory/chord.h"
#include "model/control.h"
#include "model/layer.h"
#include "model/tuning.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

// "bVI" → 8; case and what follows the numeral do not matter. nullopt for any other text.
std::optional<int> degree_semitones(std::string_view degree) {
  int shift = 0;
  while (!degree.empty() && (degree[0] == 'b' || degree[0] == '#')) {
    shift += degree[0] == 'b' ? -1 : 1;
    degree.remove_prefix(1);
  }
  constexpr std::array<std::pair<std::string_view, int>, 7> numerals{
      {{"VII", 11}, {"III", 4}, {"VI", 9}, {"IV", 5}, {"II", 2}, {"V", 7}, {"I", 0}}};
  std::string upper;
  for (char c : degree) {
    if (c != 'i' && c != 'v' && c != 'I' && c != 'V') break;
    upper += c == 'i' ? 'I' : c == 'v' ? 'V' : c;
  }
  for (const auto& [text, semitones] : numerals) {
    if (upper == text) return (semitones + shift + 12) % 12;
  }
  return std::nullopt;
}

// shift_st: by which the pitches lie above their keys.
void add_chord(Score& score, const ChordEvent& e, double shift_st) {
  if (!score.chords.empty() && score.chords.back().name == e.name) return;
  ScoreChord chord;
  chord.t = e.t;
  chord.name = e.name;
  chord.scene = e.scene;
  chord.opens_scene = !e.why.empty();
  for (double pitch : e.pitches) {
    pitch = std::max(pitch - shift_st, 0.0);
    chord.pitches.push_back(static_cast<int>(std::llround(pitch)));
    chord.classes.insert(pitch_class(pitch));
  }
  std::sort(chord.pitches.begin(), chord.pitches.end());
  if (const auto symbol = parse_chord_symbol(e.name)) {
    chord.root = symbol->root;
    for (int interval : symbol->intervals) chord.classes.insert((symbol->root + interval) % 12);
    // A modulation shows in the degree: the root and its degree together tell the tonic.
    if (const auto above = degree_semitones(e.degree)) {
      const int tonic = (chord.root - *above + 12) % 12;
      if (tonic != score.keys.back().tonic) score.keys.push_back({e.t, tonic, score.keys.back().mode});
    }
  }
  if (!score.chords.empty()) score.chords.back().end = e.t;
  score.chords.push_back(std::move(chord));
}

}  // namespace

int pitch_class(double pitch) { return static_cast<int>(std::llround(pitch)) % 12; }

// null where there is nothing to divide by.
ordered_json ratio(double part, double whole) {
  return whole > 0.0 ? ordered_json(rounded(part / whole, 4)) : ordered_json(nullptr);
}

ordered_json spread(std::vector<double> values) {
  if (values.empty()) return {{"mean", nullptr}, {"median", nullptr}, {"min", nullptr}, {"max", nullptr}};
  std::sort(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {{"mean", rounded(sum / static_cast<double>(values.size()), 3)},
          {"median", rounded(values[values.size() / 2], 3)},
          {"min", rounded(values.front(), 3)},
          {"max", rounded(values.back(), 3)}};
}

Score read_score(std::span<const Event> events) {
  Score score;
  score.length_s = piece_length_s(events);
  score.notes = sounded_notes(events);
  score.keys.push_back({0.0, 0, find_mode("ionian")});
  double shift_st = 0.0;
  for (const Event& event : events) {
    if (const auto* start = std::get_if<StartEvent>(&event)) {
      if (start->reference_hz) shift_st = reference_st(*start->reference_hz);
      score.bpm = start->bpm.value_or(score.bpm);
      const Mode* mode = find_mode(start->mode);
      score.keys = {
          {0.0, key_pitch_class(start->key).value_or(0), mode != nullptr ? mode : find_mode("ionian")}};
    } else if (const auto* control = std::get_if<ControlEvent>(&event)) {
      const Control& applied = control->applied;
      if (const double* hz = applied.number(ControlId::reference)) shift_st = reference_st(*hz);
      ScoreKey key = score.keys.back();
      key.t = control->t;
      const std::string* tonic = applied.text(ControlId::key);
      const std::string* mode = applied.text(ControlId::mode);
      if (tonic != nullptr) key.tonic = *key_pitch_class(*tonic);
      if (mode != nullptr) key.mode = find_mode(*mode);
      if (tonic != nullptr || mode != nullptr) score.keys.push_back(key);
    } else if (const auto* chord = std::get_if<ChordEvent>(&event)) {
      add_chord(score, *chord, shift_st);
    }
  }
  if (!score.chords.empty()) score.chords.back().end = std::max(score.length_s, score.chords.back().t);
  return score;
}

double piece_length_s(std::span<const Event> events) {
  double last = 0.0;
  for (const Event& event : events) {
    if (const auto* end = std::get_if<EndEvent>(&event)) return end->t;
    const auto* note = std::get_if<NoteEvent>(&event);
    last = std::max(last, note != nullptr ? note->t + note->dur : event_time(event));
  }
  return last;
}

std::vector<SoundedNote> sounded_notes(std::span<const Event> events) {
  const double length_s = piece_length_s(events);
  std::vector<SoundedNote> notes;
  std::unordered_map<uint64_t, size_t> by_id;
  for (const Event& event : events) {
    if (const auto* note = std::get_if<NoteEvent>(&event)) {
      by_id[note->id] = notes.size();
      notes.push_back({note->t, std::min(note->t + note->dur, std::max(note->t, length_s)),
                       std::string(layer_kind(note->layer)), note->key ? *note->key : note->pitch,
                       note->vel});
    } else if (const auto* release = std::get_if<ReleaseEvent>(&event)) {
      const auto found = by_id.find(release->id);
      if (found != by_id.end()) notes[found->second].end = std::min(notes[found->second].end, release->t);
    }
  }
  return notes;
}

}  // namespace auralis
