// SPDX-License-Identifier: MIT
#include "compose/intonation.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "compose/theory/chord.h"
#include "compose/theory/just_intonation.h"
#include "model/control.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr double chord_glide_s = 1.5;  // of what sounds on into another chord
constexpr double least_left_s = 4.0;   // of a note that is worth it; the others fade as they are
constexpr double decimals = 1e6;       // of a pitch
constexpr double highest = 127.0;

const double retune_glide_s = info_of(ControlId::tuning).glide_s;

double rounded_pitch(double pitch) { return std::round(pitch * decimals) / decimals; }

// Into the range of a stream, by octaves.
double within_range(double pitch) {
  if (pitch > highest) return pitch - 12.0 * std::ceil((pitch - highest) / 12.0);
  if (pitch < 0.0) return pitch + 12.0 * std::ceil(-pitch / 12.0);
  return pitch;
}

int nearest_key(double key) {
  return static_cast<int>(std::lround(std::clamp(key, 0.0, static_cast<double>(key_count - 1))));
}

int pitch_class_of(double key) { return wrap(nearest_key(key), 12); }

}  // namespace

Intonation::Intonation(Tuning tuning, double reference_hz)
    : tuning_(std::move(tuning)), reference_hz_(reference_hz) {
  set_table();
}

bool Intonation::is_plain() const { return is_equal(tuning_) && reference_hz_ == standard_hz; }

void Intonation::tune(std::vector<Event>& events, size_t from) {
  const auto begin = events.begin() + static_cast<std::ptrdiff_t>(from);
  if (begin == events.end()) return;
  std::vector<Event> taken(std::make_move_iterator(begin), std::make_move_iterator(events.end()));
  events.erase(begin, events.end());
  for (Event& event : taken) take(std::move(event), events);
}

void Intonation::take(Event&& event, std::vector<Event>& out) {
  if (auto* start = std::get_if<StartEvent>(&event)) take(*start);
  if (auto* release = std::get_if<ReleaseEvent>(&event)) {
    for (Sounding& note : sounding_) {
      if (note.id == release->id) note.end = std::min(note.end, release->t);
    }
  }
  if (auto* note = std::get_if<NoteEvent>(&event); note != nullptr && !take(*note)) return;
  if (auto* bend = std::get_if<BendEvent>(&event); bend != nullptr && !take(*bend)) return;
  auto* chord = std::get_if<ChordEvent>(&event);
  if (chord == nullptr) return out.push_back(std::move(event));
  take(*chord);
  const double t = chord->t;
  out.push_back(std::move(event));
  if (!is_plain()) bend(t, least_left_s, chord_glide_s, out);
}

void Intonation::take(StartEvent& event) {
  tonic_ = key_pitch_class(event.key).value_or(0);
  set_table();
  if (is_plain()) return;
  event.tuning = tuning_.name;
  event.reference_hz = reference_hz_;
}

void Intonation::take(ChordEvent& event) {
  chord_ = event;
  if (const auto tonic = key_pitch_class(event.key)) tonic_ = *tonic;
  std::erase_if(sounding_, [&](const Sounding& note) { return note.end <= event.t; });
  set_table();
  tune_chord(event);
}

void Intonation::tune_chord(ChordEvent& event) const {
  if (is_plain()) return;
  std::vector<double> pitches;
  for (const double key : event.pitches) {
    if (const auto pitch = pitch_of(key)) pitches.push_back(*pitch);
  }
  event.pitches = std::move(pitches);
}

bool Intonation::take(NoteEvent& event) {
  const double key = event.key ? *event.key : event.pitch;
  const double end = event.t + event.dur;
  const std::optional<double> pitch = is_plain() ? key : pitch_of(key);
  if (!pitch) return false;
  if (sounding_.size() % 64 == 63)
    std::erase_if(sounding_, [&](const Sounding& note) { return note.end <= event.t; });
  sounding_.push_back({event.id, key, *pitch, end, event.key.has_value()});
  event.key.reset();
  if (!is_plain() && key == std::floor(key)) event.key = static_cast<int>(key);
  event.pitch = *pitch;
  return true;
}

bool Intonation::take(BendEvent& event) const {
  const auto note = std::find_if(sounding_.begin(), sounding_.end(),
                                 [&](const Sounding& other) { return other.id == event.id; });
  if (note != sounding_.end() && note->keyed) return false;
  if (!is_plain()) event.pitch = pitch_of(event.pitch).value_or(event.pitch);
  return true;
}

void Intonation::set_table() {
  table_ = key_pitches(tuning_, reference_hz_, tonic_);
  if (!tuning_.follows_chord) return;
  int root = tonic_;
  std::vector<int> classes;
  if (chord_) {
    for (const double key : chord_->pitches) classes.push_back(pitch_class_of(key));
    if (const auto symbol = parse_chord_symbol(chord_->name)) {
      root = symbol->root;
      for (const int interval : symbol->intervals) classes.push_back(wrap(root + interval, 12));
    } else if (!classes.empty()) {
      root = classes.front();
    }
  }
  std::vector<HeldTone> held;
  const double shift_st = reference_st(reference_hz_);
  for (const Sounding& note : sounding_) {
    if (chord_ && note.end > chord_->t + least_left_s)
      held.push_back({pitch_class_of(note.key), 100.0 * (note.pitch - note.key - shift_st)});
  }
  const auto offsets = just_offsets(tonic_, root, classes, held);
  for (int key = 0; key < key_count; ++key) {
    table_[static_cast<size_t>(key)] =
        rounded_pitch(key + shift_st + offsets[static_cast<size_t>(key % 12)] / 100.0);
  }
}

std::optional<double> Intonation::pitch_of(double key) const {
  const int nearest = nearest_key(key);
  const std::optional<double>& pitch = table_[static_cast<size_t>(nearest)];
  if (!pitch) return std::nullopt;
  return within_range(rounded_pitch(*pitch + (key - nearest)));
}

void Intonation::bend(double t, double left_s, double glide_s, std::vector<Event>& out) {
  for (Sounding& note : sounding_) {
    if (note.end <= t + left_s) continue;
    const std::optional<double> pitch = pitch_of(note.key);
    if (!pitch || *pitch == note.pitch) continue;
    note.pitch = *pitch;
    out.push_back(BendEvent{t, note.id, *pitch, glide_s});
  }
}

void Intonation::retune(double t, const Tuning& tuning, double reference_hz, std::vector<Event>& out) {
  if (tuning == tuning_ && reference_hz == reference_hz_) return;
  tuning_ = tuning;
  reference_hz_ = reference_hz;
  std::erase_if(sounding_, [&](const Sounding& note) { return note.end <= t; });
  set_table();
  bend(t, 0.0, retune_glide_s, out);
  if (!chord_) return;
  ChordEvent again = *chord_;
  again.t = t;
  again.why.clear();
  tune_chord(again);
  out.push_back(std::move(again));
}

}  // namespace auralis
