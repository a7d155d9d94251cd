// SPDX-License-Identifier: MIT
// Who leads the inner voices may be another than the composer: it is asked, obeyed, and told what sounded.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compose/composed.h"
#include "compose/theory/voicing.h"

using namespace auralis;

namespace {

// Always the last of those offered.
struct LastVoices : VoicesSource {
  size_t choose(const ChordTones& chord, std::span<const Voicing> voicings) override {
    REQUIRE(!voicings.empty());
    for (const Voicing& voicing : voicings) {
      CHECK(voicing.front() == voicings.front().front());
      CHECK(voicing.back() == voicings.front().back());
      CHECK(voicing.size() == voicings.front().size());
      for (int pitch : voicing)
        CHECK(std::count(chord.intervals.begin(), chord.intervals.end(), wrap(pitch - chord.root, 12)) == 1);
    }
    choices += voicings.size() > 1;
    chosen.push_back(voicings.back());
    return voicings.size() - 1;
  }
  void sounded(const ChordTones&, const Voicing& voicing) override { heard.push_back(voicing); }
  std::vector<Voicing> chosen, heard;
  int choices = 0;
};

std::vector<Event> compose_with(MelodyKind melody, VoicesSource* voices) {
  ComposeSettings settings = installed_settings(11);
  settings.duration_s = 2 * 3600.0;
  settings.melody = melody;
  settings.voices = voices;
  Composer composer(load_preset("focus"), settings);
  std::vector<Event> events;
  composer.compose_until(1e12, events);
  return events;
}

}  // namespace

TEST_CASE("A source of voices is asked for new voicings, obeyed, and told every chord") {
  LastVoices source;
  const auto chords = all_of<ChordEvent>(compose_with(MelodyKind::transformer, &source));
  REQUIRE(chords.size() == source.heard.size());
  for (size_t i = 0; i < chords.size(); ++i) {
    const std::vector<double> pitches(source.heard[i].begin(), source.heard[i].end());
    CHECK(std::vector<double>(chords[i].pitches.begin(), chords[i].pitches.end()) == pitches);
  }
  for (const Voicing& voicing : source.chosen)
    CHECK(std::find(source.heard.begin(), source.heard.end(), voicing) != source.heard.end());
  CHECK(source.choices >= 8);
}

TEST_CASE("Other melodies ask no source of voices; what it leads moves little more") {
  LastVoices source;
  const auto own = compose_with(MelodyKind::constraint, &source);
  CHECK(source.heard.empty());
  const auto led = compose_with(MelodyKind::transformer, &source);
  const auto before = measure_score(own);
  const auto after = measure_score(led);
  CHECK(after["chords"] == before["chords"]);
  // A chord may move six semitones more, the mean hardly.
  CHECK(after["voice_leading_st"]["mean"].get<double>() <
        before["voice_leading_st"]["mean"].get<double>() + 1.5);
}
