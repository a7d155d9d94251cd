// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/io.h"
#include "compose/midi/midi_file.h"
#include "model/event_stream.h"
#include "refusal.h"
#include "render/event_input.h"
#include "render/piece.h"
#include "temporary_folder.h"

using namespace auralis;
using test::TemporaryFolder;

namespace {

std::vector<Event> read_all(const std::filesystem::path& path, const std::string& preset = "focus") {
  Input input(path.string(), false);
  EventInput events(input, preset);
  std::vector<Event> all;
  while (events.read([&all](const Event& event) { all.push_back(event); })) {
  }
  return all;
}

}  // namespace

TEST_CASE("An event stream and a MIDI file are told apart by content") {
  const TemporaryFolder folder;
  write_file(folder / "piece.mid", test::piece(2));  // whatever its name
  const std::vector<Event> stream = read_all(folder / "piece.mid");
  REQUIRE(stream.size() == 6);
  CHECK(std::get<StartEvent>(stream.front()).preset == "test");
  CHECK(std::get<EndEvent>(stream.back()).t == 2.0);

  write_file(folder / "song.jsonl", midi_from_events(stream));
  const auto preset = std::filesystem::path(AURALIS_SOURCE_DIR) / "presets/focus.yaml";
  const std::vector<Event> song = read_all(folder / "song.jsonl", preset.string());
  CHECK(std::get<StartEvent>(song.front()).preset == "focus");
  CHECK(std::count_if(song.begin(), song.end(),
                      [](const Event& event) { return std::holds_alternative<NoteEvent>(event); }) == 4);
}

TEST_CASE("A last line without a line feed counts, and bad lines are named after what was good") {
  const TemporaryFolder folder;
  std::string text = test::piece(1);
  text.pop_back();
  write_file(folder / "piece", text);
  CHECK(std::holds_alternative<EndEvent>(read_all(folder / "piece").back()));

  write_file(folder / "bad", test::notes(1) + "what?\n");
  Input input((folder / "bad").string(), false);
  EventInput events(input, "focus");
  size_t count = 0;
  const std::string message = test::refusal([&] {
    while (events.read([&count](const Event&) { ++count; })) {
    }
  });
  CHECK(count == 3);
  CHECK_MESSAGE(message.find("bad:4: not JSON") != std::string::npos, message);
}
