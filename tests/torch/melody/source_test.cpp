// SPDX-License-Identifier: MIT
#include "torch/melody/source.h"

#include <ATen/Parallel.h>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "torch/melody/network_file.h"

using namespace auralis;
using namespace auralis::melody;

namespace {

const Network& shipped() {
  static const Network net = load_network(AURALIS_SOURCE_DIR "/lib/torch/melody/melody.weights");
  return net;
}

std::vector<int> scale_pitches(const Mode& mode, int tonic, int low, int high) {
  std::vector<int> pitches;
  for (int pitch = low; pitch <= high; ++pitch) {
    const int above = ((pitch - tonic) % 12 + 12) % 12;
    if (std::find(mode.steps.begin(), mode.steps.end(), above) != mode.steps.end()) pitches.push_back(pitch);
  }
  return pitches;
}

struct Melody {
  std::vector<int> pitches;
  std::vector<double> beats;
  std::vector<int> degrees;  // of the chord at each note
  bool operator==(const Melody&) const = default;
};

// A melody over a chord that changes every two bars, all of it `shift` semitones higher.
Melody compose(uint64_t seed, const char* mode_name, int notes, int shift = 0,
               const MelodyTaste& taste = {}) {
  TransformerMelody source(shipped(), seed);
  const Mode& mode = *find_mode(mode_name);
  MelodyPlace place;
  place.mode = &mode;
  place.tonic = (2 + shift) % 12;
  place.centre = 70 + shift;
  const auto open = scale_pitches(mode, place.tonic, 60 + shift, 81 + shift);
  static constexpr int degrees[] = {0, 3, 5, 1, 4};
  Melody melody;
  for (int i = 0; i < notes; ++i) {
    place.chord_degree =
        degrees[static_cast<int>(place.beat / 8.0) % 5] % static_cast<int>(mode.steps.size());
    const MelodyNote note = source.next(place, open, {}, taste);
    source.played(place, note);
    melody.pitches.push_back(note.pitch - shift);
    melody.beats.push_back(note.beats);
    melody.degrees.push_back(place.chord_degree);
    place.beat += note.beats;
  }
  return melody;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("Top-p keeps the fewest of the likeliest that hold p together, in their proportions") {
  const std::vector<double> logits{std::log(0.1), std::log(0.5), std::log(0.15), std::log(0.25)};
  const auto close = [](const std::vector<double>& got, const std::vector<double>& expected) {
    for (size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-6));
  };
  close(tempered(logits, {1.0, 1.0}), {0.1, 0.5, 0.15, 0.25});
  close(tempered(logits, {1.0, 0.8}), {0.0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9});
  close(tempered(logits, {1.0, 0.7}), {0.0, 2.0 / 3.0, 0.0, 1.0 / 3.0});
  close(tempered(logits, {1.0, 0.0}), {0.0, 1.0, 0.0, 0.0});
}

TEST_CASE("Temperature sharpens or levels, and never changes the order") {
  const std::vector<double> logits{0.3, 2.0, -1.0, 1.0};
  const auto cold = tempered(logits, {0.5, 1.0});
  const auto plain = tempered(logits, {1.0, 1.0});
  const auto hot = tempered(logits, {3.0, 1.0});
  CHECK(cold[1] > plain[1]);
  CHECK(hot[1] < plain[1]);
  CHECK(plain[1] / plain[3] == doctest::Approx(std::exp(1.0)).epsilon(1e-6));
  CHECK(cold[1] / cold[3] == doctest::Approx(std::exp(2.0)).epsilon(1e-6));
  for (const auto& weights : {cold, plain, hot}) {
    CHECK(sum(weights) == doctest::Approx(1.0));
    CHECK(weights[1] > weights[3]);
    CHECK(weights[3] > weights[0]);
    CHECK(weights[0] > weights[2]);
  }
}

TEST_CASE("The same seed gives the same melody whatever the threads, another seed another") {
  at::set_num_threads(1);
  const Melody one = compose(7, "dorian", 60);
  at::set_num_threads(2);
  CHECK(compose(7, "dorian", 60) == one);
  at::set_num_threads(1);
  CHECK_FALSE(compose(8, "dorian", 60) == one);
}

TEST_CASE("A melody is the same in every key") {
  const Melody one = compose(3, "aeolian", 24);
  for (int shift = 1; shift < 12; ++shift) CHECK(compose(3, "aeolian", 24, shift) == one);
}

TEST_CASE("Only open pitches are drawn, even where they are few and unlikely") {
  TransformerMelody source(shipped(), 1);
  MelodyPlace place;
  place.mode = find_mode("ionian");
  const std::vector<int> open{61, 66, 70};  // all outside C major
  std::set<int> seen;
  for (int i = 0; i < 40; ++i) {
    const MelodyNote note = source.next(place, open, {}, {1.0, 1.0});
    CHECK(std::find(open.begin(), open.end(), note.pitch) != open.end());
    CHECK(note.beats >= 0.25);
    CHECK(note.beats * 4.0 == std::floor(note.beats * 4.0));
    source.played(place, note);
    place.beat += note.beats;
    seen.insert(note.pitch);
  }
  CHECK(seen.size() > 1);
}

TEST_CASE(
    "What the motif has is all but certain at fourteen nats, likelier at two, and of no account at none") {
  const auto followed = [](double nats) {
    TransformerMelody source(shipped(), 5);
    MelodyPlace place;
    place.mode = find_mode("dorian");
    place.tonic = 2;
    const auto open = scale_pitches(*place.mode, 2, 62, 81);
    Rng rng(5, "motif");
    struct Shares {
      double pitches = 0.0;
      double lengths = 0.0;
    } shares;
    for (int i = 0; i < 200; ++i) {
      const double beats = 0.25 * static_cast<double>(1 + rng.index(6));
      const MelodyIntent intent{open[rng.index(open.size())], beats, nats};
      const MelodyNote note = source.next(place, open, intent, {1.2, 0.97});
      source.played(place, note);
      shares.pitches += note.pitch == intent.pitch ? 1.0 / 200.0 : 0.0;
      shares.lengths += note.beats == intent.beats ? 1.0 / 200.0 : 0.0;
      place.beat += note.beats;
    }
    return shares;
  };
  // Notes and lengths without sense, which the network by itself would seldom play.
  CHECK(followed(14.0).pitches > 0.8);
  CHECK(followed(14.0).lengths > 0.8);
  CHECK(followed(2.0).pitches > 1.5 * followed(0.0).pitches);
  CHECK(followed(0.0).pitches < 0.25);
}

TEST_CASE("A question asked twice and not played leaves no trace but the random numbers it drew") {
  const std::vector<int> open{60, 62, 64, 65, 67, 69, 71, 72};
  const MelodyTaste surest{1.0, 0.0};  // nothing left to chance
  MelodyPlace place;
  place.mode = find_mode("ionian");
  TransformerMelody quiet(shipped(), 1);
  TransformerMelody curious(shipped(), 1);
  for (int i = 0; i < 16; ++i) {
    for (int more = 0; more < i % 3; ++more) curious.next(place, open, {}, surest);
    const MelodyNote note = quiet.next(place, open, {}, surest);
    const MelodyNote same = curious.next(place, open, {}, surest);
    CHECK(note.pitch == same.pitch);
    CHECK(note.beats == same.beats);
    quiet.played(place, note);
    curious.played(place, same);
    place.beat += note.beats;
    place.chord_degree = i % 7;
  }
}

TEST_CASE("The shipped weights follow the chord and move by step, in every mode") {
  for (const Mode& mode : modes()) {
    CAPTURE(std::string(mode.name));
    const Melody melody = compose(11, std::string(mode.name).c_str(), 120);
    int chord_tones = 0;
    int small = 0;
    int repeated = 0;
    for (size_t i = 0; i < melody.pitches.size(); ++i) {
      const int above = ((melody.pitches[i] - 2) % 12 + 12) % 12;
      const auto at = std::find(mode.steps.begin(), mode.steps.end(), above) - mode.steps.begin();
      const auto size = static_cast<long>(mode.steps.size());
      const long over_root = (at - melody.degrees[i] + size) % size;
      chord_tones += over_root % 2 == 0 && over_root < 6 ? 1 : 0;
      if (i > 0) {
        small += std::abs(melody.pitches[i] - melody.pitches[i - 1]) <= 4 ? 1 : 0;
        repeated += melody.pitches[i] == melody.pitches[i - 1] ? 1 : 0;
      }
    }
    // Five tones a mode have other chords: thirds of a pentatonic are not always triads.
    if (mode.steps.size() == degree_count) CHECK(chord_tones > 72);
    CHECK(small > 80);
    CHECK(repeated < 12);
    CHECK(std::set<int>(melody.pitches.begin(), melody.pitches.end()).size() >= 6);
  }
}

TEST_CASE("More intensity makes shorter notes") {
  const auto mean_beats = [](double intensity) {
    double beats = 0.0;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      TransformerMelody source(shipped(), seed);
      MelodyPlace place;
      place.mode = find_mode("ionian");
      place.intensity = intensity;
      const auto open = scale_pitches(*place.mode, 0, 60, 79);
      for (int i = 0; i < 60; ++i) {
        place.chord_degree = static_cast<int>(place.beat / 4.0) % 4;
        const MelodyNote note = source.next(place, open, {}, {});
        source.played(place, note);
        place.beat += note.beats;
      }
      beats += place.beat / 60.0;
    }
    return beats / 6.0;
  };
  CHECK(mean_beats(1.0) < 0.8 * mean_beats(0.0));
}
