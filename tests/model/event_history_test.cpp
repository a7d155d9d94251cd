// SPDX-License-Identifier: MIT
#include "model/event_history.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "model/event_stream.h"
#include "model/layer.h"

using namespace auralis;

namespace {

constexpr double window_s = 20.0;

// What a reader of the history gets.
std::vector<Event> joined(const EventHistory& history) {
  std::vector<Event> events;
  EventReader reader("joined", {}, true);
  reader.feed(history.lines(), [&](Event&& event) { events.push_back(std::move(event)); });
  return events;
}

template <typename T>
std::vector<T> all_of(const std::vector<Event>& events) {
  std::vector<T> found;
  for (const Event& event : events) {
    if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
  }
  return found;
}

NoteEvent note(double t, uint64_t id, double dur) {
  NoteEvent event;
  event.t = t;
  event.id = id;
  event.dur = dur;
  return event;
}

EventHistory begun() {
  EventHistory history(window_s);
  history.push(StartEvent{});
  return history;
}

}  // namespace

TEST_CASE("A young piece is told whole") {
  EventHistory history = begun();
  history.push(note(1.0, 1, 2.0));
  history.push(ReleaseEvent{.t = 2.0, .id = 1});
  history.push(AdvanceEvent{window_s});
  const std::vector<Event> events = joined(history);
  REQUIRE(events.size() == 4);
  CHECK(std::get<NoteEvent>(events[1]).t == 1.0);
  CHECK(std::get<AdvanceEvent>(events[3]).t == window_s);
}

TEST_CASE("Of an old one the window is told, even after more than a day") {
  EventHistory history = begun();
  for (int i = 0; i < 30; ++i) history.push(note(1e5 + i, static_cast<uint64_t>(i) + 1, 0.5));
  const auto notes = all_of<NoteEvent>(joined(history));
  REQUIRE(notes.size() == 21);
  CHECK(notes.front().t == 1e5 + 9);
  CHECK(notes.front().dur == 0.5);
}

TEST_CASE("What sounded before the window sounds on for what is left of it, unless it was released") {
  EventHistory history = begun();
  history.push(note(1.0, 1, 100.0));
  history.push(note(2.0, 2, 100.0));
  history.push(note(3.0, 3, 4.0));
  history.push(ReleaseEvent{.t = 5.0, .id = 2});
  history.push(AdvanceEvent{50.0});
  const auto notes = all_of<NoteEvent>(joined(history));
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].id == 1);
  CHECK(notes[0].t == 30.0);
  CHECK(notes[0].dur == 71.0);
}

TEST_CASE("A glide goes on from where it is, along its parameter's curve") {
  EventHistory history = begun();
  history.push(PatchEvent{.t = 0.0, .layer = "pad", .params = default_patch()});
  const auto change = [&](VoiceParam param, double value, double glide) {
    history.push(ChangeEvent{.t = 0.0, .layer = "pad", .param = param, .value = value, .glide = glide});
  };
  change(VoiceParam::cutoff_hz, 500.0, 0.0);
  change(VoiceParam::cutoff_hz, 2000.0, 60.0);
  change(VoiceParam::pan, 0.6, 60.0);
  change(VoiceParam::gain_db, -9.0, 10.0);
  history.push(AdvanceEvent{50.0});
  const std::vector<Event> events = joined(history);
  const auto patches = all_of<PatchEvent>(events);
  REQUIRE(patches.size() == 1);
  const auto& patch = std::get<Patch>(patches[0].params);
  CHECK(patch[VoiceParam::cutoff_hz] == doctest::Approx(1000.0).epsilon(1e-4));
  CHECK(patch[VoiceParam::pan] ==
        doctest::Approx(0.5 * (default_patch()[VoiceParam::pan] + 0.6F)).epsilon(1e-4));
  CHECK(patch[VoiceParam::gain_db] == doctest::Approx(-9.0));
  const auto changes = all_of<ChangeEvent>(events);
  REQUIRE(changes.size() == 2);
  for (const ChangeEvent& left : changes) CHECK(left.glide == 30.0);
}

TEST_CASE("Sounds, modulation and harmony are those of the window's beginning") {
  EventHistory history = begun();
  MasterPatch master = default_master_patch();
  master[MasterParam::gain_db] = -3.0F;
  history.push(PatchEvent{.t = 0.0, .layer = std::string(master_layer), .params = master});
  const Route route{.param = VoiceParam::cutoff_hz, .source = Source::walk, .depth = 1.0F, .period_s = 9.0F};
  history.push(PatchEvent{.t = 0.0, .layer = "pad", .params = default_patch(), .modulation = {route}});
  history.push(ChordEvent{.t = 1.0, .name = "Dm", .degree = "i", .pitches = {62.0}});
  history.push(ChordEvent{.t = 2.0, .name = "G", .degree = "IV", .pitches = {67.0}});
  history.push(AdvanceEvent{40.0});
  const std::vector<Event> events = joined(history);
  const auto patches = all_of<PatchEvent>(events);
  REQUIRE(patches.size() == 2);
  CHECK(std::get<MasterPatch>(patches[0].params)[MasterParam::gain_db] == -3.0F);
  REQUIRE(patches[1].modulation.size() == 1);
  CHECK(patches[1].modulation[0].period_s == 9.0F);
  const auto chords = all_of<ChordEvent>(events);
  REQUIRE(chords.size() == 1);
  CHECK(chords[0].name == "G");
}

TEST_CASE("A start forgets all that was before") {
  EventHistory history = begun();
  history.push(note(1.0, 1, 100.0));
  history.push(AdvanceEvent{90.0});
  history.push(StartEvent{});
  CHECK(history.newest_s() == 0.0);
  CHECK(joined(history).size() == 2);
  CHECK(EventHistory(window_s).lines().empty());
}
