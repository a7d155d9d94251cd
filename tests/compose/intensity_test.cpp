// SPDX-License-Identifier: MIT
// What intensity does to what is played; tests/tools/intensity.sh hears what it does to the sound.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "compose/composed.h"
#include "model/layer.h"

using namespace auralis;

TEST_CASE("Intensity 1 has two to four times the notes of intensity 0, what is silent below 0.3 left aside") {
  for (const std::string& name : preset_names()) {
    const auto notes_at = [&](double intensity) {
      Control initial;
      initial[ControlId::intensity] = intensity;
      double count = 0;
      for (uint64_t seed : {1, 2}) {
        for (const NoteEvent& note : all_of<NoteEvent>(compose(load_preset(name), seed, 2 * 3600, initial)))
          count += info_of(*find_layer(note.layer)).percussive ? 0 : 1;
      }
      return count;
    };
    CAPTURE(name);
    const double more = notes_at(1.0) / notes_at(0.0);
    CHECK(more >= 2.0);
    CHECK(more <= 4.0);
  }
}

TEST_CASE("A preset known by a percussive layer plays at every intensity") {
  Preset preset = load_preset("focus");
  for (Layer layer : {Layer::bells, Layer::brush}) {
    preset.form.signature = std::string(name_of(layer));
    preset.layer(layer).share = 1.0;
    Control initial;
    initial[ControlId::intensity] = 0.0;
    CHECK(all_of<NoteEvent>(compose(preset, 1, 600, initial)).size() > 10);
  }
}

TEST_CASE("Nothing percussive sounds below intensity 0.3") {
  for (const std::string& name : preset_names()) {
    Control quiet;
    quiet[ControlId::intensity] = 0.29;
    const auto events = compose(load_preset(name), 4, 1800, quiet);
    for (const char* layer : {"low", "swell", "bells", "brush"}) CHECK(notes_of(events, layer).empty());
  }
}
