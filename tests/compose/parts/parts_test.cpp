// SPDX-License-Identifier: MIT
// Every part by itself, on a stage of four chords that go round.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "compose/parts/stage.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

constexpr double hour_s = 3600.0;
constexpr double humanised_s = 0.091;  // the preset's most, rounded up

std::vector<NoteEvent> an_hour_of(Stage stage) {
  stage.begin();
  return stage.play_until(hour_s);
}

std::vector<double> gaps_s(const std::vector<NoteEvent>& notes) {
  std::vector<double> gaps;
  for (size_t i = 1; i < notes.size(); ++i) gaps.push_back(notes[i].t - notes[i - 1].t);
  return gaps;
}

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

bool same(const std::vector<NoteEvent>& a, const std::vector<NoteEvent>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const NoteEvent& x, const NoteEvent& y) {
    return x.t == y.t && x.id == y.id && x.pitch == y.pitch && x.dur == y.dur && x.vel == y.vel &&
           x.pan == y.pan;
  });
}

}  // namespace

TEST_CASE("A part that is copied goes on as its original, and neither disturbs the other") {
  for (Layer layer : all_layers) {
    CAPTURE(name_of(layer));
    Stage original(layer, 7);
    original.begin();
    original.play_until(501.0);
    Stage copy = original;
    const std::vector<NoteEvent> rest = original.play_until(hour_s);
    CHECK(rest.size() > 20);
    CHECK(same(copy.play_until(hour_s), rest));
  }
}

TEST_CASE("A part stays within its layer's pitches and velocities, and its notes within their lengths") {
  for (Layer layer : all_layers) {
    CAPTURE(name_of(layer));
    Stage stage(layer);
    stage.state.preset.drone.fifth = 0.0;
    const LayerPlan plan = stage.plan();
    const std::vector<NoteEvent> notes = an_hour_of(stage);
    REQUIRE(notes.size() > 20);
    for (const NoteEvent& note : notes) {
      CHECK(plan.pitches.holds(note.pitch));
      CHECK(note.vel >= plan.velocity.low);
      CHECK(note.vel <= plan.velocity.high + 1e-4);
      CHECK(std::abs(note.pan) <= plan.width);
    }
  }
}

TEST_CASE("A part that may not play is silent, and comes when it may") {
  for (Layer layer : all_layers) {
    CAPTURE(name_of(layer));
    Stage stage(layer);
    stage.active = false;
    stage.begin();
    CHECK(stage.play_until(600.0).empty());
    stage.active = true;
    CHECK_FALSE(stage.play_until(1200.0).empty());
  }
}

TEST_CASE("Nothing sounds into a silence, nor begins within it, and after it the part is back") {
  for (Layer layer : all_layers) {
    CAPTURE(name_of(layer));
    Stage stage(layer);
    stage.begin();
    stage.play_until(610.0);
    stage.state.time.silence_from_s = 622.0;
    stage.state.time.silence_to_s = 630.0;
    for (const NoteEvent& note : stage.play_until(630.0)) {
      CHECK(note.t < 622.0);
      CHECK(note.t + note.dur <= 622.0 + 1e-6);
    }
    stage.state.time.silence_from_s = stage.state.time.silence_to_s = never;
    CHECK_FALSE(stage.play_until(900.0).empty());
  }
}

TEST_CASE("Dense music has more notes than thin music, where a part follows the density") {
  for (Layer layer : {Layer::lead, Layer::bells, Layer::texture, Layer::low, Layer::brush}) {
    CAPTURE(name_of(layer));
    Stage thin(layer), dense(layer);
    thin.density = 0.0;
    dense.density = 1.0;
    CHECK(static_cast<double>(an_hour_of(dense).size()) > 1.2 * static_cast<double>(an_hour_of(thin).size()));
  }
}

TEST_CASE(
    "A lead rests between phrases as long as the preset says at its own intensity, by 0.6 octaves longer in "
    "music thinner by half, shorter in denser") {
  for (const auto& [density, factor] : {std::pair(0.0, 1.516), std::pair(0.5, 1.0), std::pair(1.0, 0.660)}) {
    CAPTURE(density);
    Stage stage(Layer::lead);
    stage.density = density;
    stage.state.preset.melody.rest_s = {40.0, 60.0};
    stage.state.preset.melody.note_beats = {1.0, 4.0};
    size_t rests = 0;
    for (double gap : gaps_s(an_hour_of(stage))) {
      // Within a phrase: a note of at most six beats and a breath of two.
      if (gap <= 9.0 + 2 * humanised_s) continue;
      ++rests;
      // A phrase ends on a note of four to six beats.
      CHECK(gap >= 40.0 * factor + 4.0 - humanised_s);
      CHECK(gap <= 60.0 * factor + 6.0 + humanised_s);
    }
    CHECK(rests > 10);
  }
}

TEST_CASE(
    "A lead's phrase is under way from its first note to its last, and comes to rest where it may not play") {
  Stage stage(Layer::lead);
  stage.begin();
  CHECK(stage.part().rests());
  CHECK_FALSE(stage.play_until(2.0).empty());
  CHECK_FALSE(stage.part().rests());
  stage.active = false;
  stage.play_until(30.0);
  CHECK(stage.part().rests());
}

TEST_CASE(
    "Bells answer a phrase two beats after it: as many notes as the motif has, in its rhythm and contour, "
    "chord tones all") {
  Stage stage(Layer::bells);
  stage.begin();
  stage.play_until(5.0);
  const Motif motif{{0, 1.0}, {2, 2.0}, {1, 1.0}};
  stage.visit([&](Part& part, const Moment& moment, Player& player) {
    part.take_up({motif, 10.0}, moment, player);
  });
  const std::vector<NoteEvent> answer = stage.play_until(18.0);
  REQUIRE(answer.size() == 3);
  const double onsets_s[] = {12.0, 13.0, 15.0};
  for (size_t i = 0; i < 3; ++i) {
    CHECK(std::abs(answer[i].t - onsets_s[i]) <= static_cast<double>(i + 1) * humanised_s);
    CHECK(stage.chord_at(answer[i].t).contains(static_cast<int>(answer[i].pitch)));
  }
  CHECK(answer[1].pitch > answer[0].pitch);
  CHECK(answer[2].pitch < answer[1].pitch);
}

TEST_CASE("Pads sound as many voices as the chord, none in a chord that it would clash with") {
  Stage stage(Layer::pad);
  const std::vector<NoteEvent> notes = an_hour_of(stage);
  const double overlap_s = stage.state.preset.pad.overlap_s;
  size_t tied = 0;
  for (const NoteEvent& note : notes) {
    const int pitch = static_cast<int>(note.pitch);
    CHECK(stage.chord_at(note.t).contains(pitch));
    const double change_s = stage.chord_ends_s(note.t);
    if (note.t + note.dur <= change_s + overlap_s) continue;
    ++tied;
    CHECK(stage.chord_at(change_s).contains(pitch));
  }
  CHECK(tied > 20);
  for (double t = 20.0; t < hour_s - 30.0; t += 30.0) {
    std::set<double> sounding;
    for (const NoteEvent& note : notes) {
      if (note.t <= t && t < note.t + note.dur) sounding.insert(note.pitch);
    }
    CHECK(sounding.size() <= 4);
  }
}

TEST_CASE("A drone never breaks, stands on the bass, and has its fifth as often as the preset says") {
  for (const bool pedal : {true, false}) {
    CAPTURE(pedal);
    Stage stage(Layer::drone);
    stage.pedal = pedal;
    stage.state.preset.drone.fifth = 0.0;
    double sounds_until_s = 0.0;
    for (const NoteEvent& note : an_hour_of(stage)) {
      CHECK(note.t <= sounds_until_s);
      sounds_until_s = std::max(sounds_until_s, note.t + note.dur);
      const int bass = pedal ? stage.state.scale.tonic : stage.chord_at(note.t).root;
      CHECK(wrap(static_cast<int>(note.pitch), 12) == bass);
    }
    stage.state.preset.drone.fifth = 1.0;
    const std::vector<NoteEvent> both = an_hour_of(stage);
    const auto fifths = std::count_if(both.begin() + 1, both.end(), [&](const NoteEvent& note) {
      return note.pitch == (&note - 1)->pitch + 7.0 && note.t == (&note - 1)->t;
    });
    CHECK(fifths > static_cast<std::ptrdiff_t>(both.size() / 4));
  }
}

TEST_CASE("Low hits are on the bass, whole bars apart, as few and as many as the preset says") {
  for (const double density : {0.0, 1.0}) {
    CAPTURE(density);
    Stage stage(Layer::low);
    stage.density = density;
    const Range bars = stage.state.preset.percussion.low_bars;
    const std::vector<NoteEvent> notes = an_hour_of(stage);
    for (const NoteEvent& note : notes)
      CHECK(wrap(static_cast<int>(note.pitch), 12) == stage.chord_at(note.t).root);
    const std::vector<double> gaps = gaps_s(notes);
    const double bar_s = 4.0;
    for (double gap : gaps) {
      CHECK(std::abs(gap - bar_s * std::round(gap / bar_s)) <= humanised_s);
      CHECK(gap >= bar_s * bars.low - humanised_s);
      CHECK(gap <= bar_s * bars.high + humanised_s);
    }
    CHECK(std::abs(mean(gaps) / bar_s - (density > 0.5 ? bars.low : bars.high)) < 1.0);
  }
}

TEST_CASE("A swell ends where the next chord begins, lasts as long as the preset says, and is a tone of it") {
  Stage stage(Layer::swell);
  stage.state.preset.percussion.swells = 1.0;
  const Range swell_s = stage.state.preset.percussion.swell_s;
  const std::vector<NoteEvent> notes = an_hour_of(stage);
  CHECK(notes.size() == static_cast<size_t>(hour_s / stage.chord_s));
  for (const NoteEvent& note : notes) {
    const double change_s = stage.chord_ends_s(note.t);
    CHECK(note.t + note.dur == doctest::Approx(change_s));
    CHECK(swell_s.holds(note.dur));
    // The chords of the round have tones in common, one after the other.
    CHECK(stage.chord_at(note.t).contains(static_cast<int>(note.pitch)));
    CHECK(stage.chord_at(change_s).contains(static_cast<int>(note.pitch)));
  }
  stage.state.preset.percussion.swells = 0.0;
  CHECK(an_hour_of(stage).empty());
}

TEST_CASE("Brushes keep to half beats within a figure, and rest 6 to 24 seconds between figures") {
  Stage stage(Layer::brush);
  stage.density = 1.0;  // every onset is kept
  const double slot_s = 0.5;
  size_t rests = 0;
  const double longest_slots = stage.state.preset.percussion.brush_slots.high;
  for (double gap : gaps_s(an_hour_of(stage))) {
    if (gap > 24.0 * 0.67 + longest_slots * slot_s) FAIL("a rest of " << gap << " s");
    if (gap > longest_slots * slot_s) ++rests;
  }
  CHECK(rests > 20);
}

TEST_CASE("Textures come 1.3 times their share apart in thin music and 0.8 times in dense") {
  const auto mean_gap_s = [](double density) {
    Stage stage(Layer::texture, 3);
    stage.density = density;
    stage.plan().note_s = {10.0, 10.0};
    return mean(gaps_s(an_hour_of(stage)));
  };
  const double middle_share = 0.85;  // of a tone's length, 0.6 to 1.1
  CHECK(mean_gap_s(0.0) == doctest::Approx(10.0 * middle_share * 1.3).epsilon(0.05));
  CHECK(mean_gap_s(1.0) == doctest::Approx(10.0 * middle_share * 0.8).epsilon(0.05));
}
