// SPDX-License-Identifier: MIT
#include "model/event_stream.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/layer.h"
#include "model/rng.h"
#include "refusal.h"

using namespace auralis;

namespace {

const std::string start_line =
    R"({"type":"start","auralis":1,"seed":"7","preset":"focus","key":"D","mode":"dorian","bpm":60.0,"intensity":0.5,"version":"0.1.0"})"
    "\n";

std::vector<Event> read(const std::string& bytes, size_t piece = std::string::npos) {
  std::vector<Event> events;
  EventReader reader("piece.jsonl");
  const auto keep = [&](Event&& event) { events.push_back(std::move(event)); };
  for (size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
    reader.feed(std::string_view(bytes).substr(at, piece), keep);
  }
  reader.finish(keep);
  return events;
}

std::string refusal(const std::string& bytes) {
  return test::refusal([&] { read(bytes); });
}

double step(Rng& rng) { return static_cast<double>(rng.index(2'000'000)) / 1e6; }

// Six decimals, as the wire carries them.
double wire(double x) { return std::round(x * 1e6) / 1e6; }

std::string random_layer(Rng& rng) {
  return rng.chance(0.8) ? std::string(layer_names()[rng.index(layer_names().size())]) : "my-layer_2";
}

template <typename Set, size_t Count>
Set random_params(Rng& rng, const std::array<ParamInfo, Count>& table) {
  Set set{};
  for (size_t i = 0; i < Count; ++i)
    set.values[i] = static_cast<float>(rng.uniform(table[i].min, table[i].max));
  return set;
}

Event random_event(Rng& rng, double t) {
  switch (rng.index(7)) {
    case 0: {
      if (rng.chance(0.2)) {
        return PatchEvent{t, "master", random_params<MasterPatch>(rng, master_params)};
      }
      const Modulation routes{{VoiceParam::pan, Source::walk, wire(rng.uniform()), 12.5, rng.chance(0.5)}};
      return PatchEvent{t, random_layer(rng), random_params<Patch>(rng, voice_params),
                        rng.chance(0.5) ? routes : Modulation{},
                        rng.chance(0.5) ? 0.0 : wire(rng.uniform(0, 9))};
    }
    case 1:
      return ReleaseEvent{t, rng.index(1000), rng.chance(0.5)};
    case 2: {
      const size_t param = rng.index(voice_param_count);
      return ChangeEvent{t, random_layer(rng), static_cast<VoiceParam>(param),
                         wire(rng.uniform(voice_params[param].min, voice_params[param].max)),
                         wire(rng.uniform(0, 9))};
    }
    case 3:
      return ChordEvent{t, "D\"m\\9 \xc2\xb0\n", "bVI", {50, 53.5, wire(rng.uniform(0, 127))}};
    case 4:
      return ControlEvent{
          t, parse_control({{"id", "a"}, {"bpm", 61.5}, {"layers", {{"pad", {{"on", false}}}}}})};
    case 5:
      return AdvanceEvent{t};
    default:
      return NoteEvent{t,
                       rng.next() >> 11,
                       random_layer(rng),
                       wire(rng.uniform(0, 127)),
                       wire(rng.uniform()),
                       wire(rng.uniform(0, 1000)),
                       wire(rng.uniform(-1, 1))};
  }
}

std::string random_stream(Rng& rng, size_t count) {
  std::string bytes = start_line;
  double t = 0.0;
  for (size_t i = 0; i < count; ++i) {
    if (rng.chance(0.7)) t = wire(t + step(rng));
    bytes += to_line(random_event(rng, t));
  }
  return bytes + to_line(EndEvent{t});
}

}  // namespace

TEST_CASE("Any valid stream reads back to the same bytes, whatever the size of the pieces it arrives in") {
  Rng rng(1, "streams");
  for (int round = 0; round < 60; ++round) {
    const std::string bytes = random_stream(rng, rng.index(80));
    for (size_t piece : {std::string::npos, size_t{1}, 1 + rng.index(300)}) {
      std::string again;
      for (const Event& event : read(bytes, piece)) again += to_line(event);
      const auto [mine, theirs] = std::mismatch(again.begin(), again.end(), bytes.begin(), bytes.end());
      REQUIRE_MESSAGE(mine == again.end(), std::string(theirs, bytes.end()).substr(0, 200));
      REQUIRE(theirs == bytes.end());
    }
  }
}

TEST_CASE("The same event gives the same line, with six decimals of time and the shortest numbers") {
  CHECK(to_line(NoteEvent{1.5, 3, "pad", 60.25, 0.1, 2.0, -0.5}) ==
        R"({"type":"note","t":1.500000,"id":3,"layer":"pad","pitch":60.25,"vel":0.1,"dur":2.0,"pan":-0.5})"
        "\n");
  CHECK(to_line(AdvanceEvent{0.1 + 0.2}) == "{\"type\":\"advance\",\"t\":0.300000}\n");
  CHECK(to_line(EndEvent{28800}) == "{\"type\":\"end\",\"t\":28800.000000}\n");
}

TEST_CASE("An event as it is written is, to the bit, what its line reads as") {
  Rng rng(5, "written");
  for (int i = 0; i < 300; ++i) {
    const double t = rng.uniform(0.0, 8e4);
    const NoteEvent note{
        t, 1, "pad", rng.uniform(0, 127), rng.uniform(0, 1), rng.uniform(0, 90), rng.uniform(-1, 1)};
    const ChangeEvent change{t, "pad", VoiceParam::cutoff_hz, rng.uniform(20, 20000), rng.uniform(0, 60)};
    const PatchEvent patch{t, "pad", random_params<Patch>(rng, voice_params)};
    const auto read_note = std::get<NoteEvent>(read(start_line + to_line(note))[1]);
    const auto written_note = std::get<NoteEvent>(as_written(note));
    CHECK(read_note.t == written_note.t);
    CHECK(read_note.pitch == written_note.pitch);
    CHECK(read_note.vel == written_note.vel);
    CHECK(read_note.dur == written_note.dur);
    CHECK(read_note.pan == written_note.pan);
    const auto read_change = std::get<ChangeEvent>(read(start_line + to_line(change))[1]);
    const auto written_change = std::get<ChangeEvent>(as_written(change));
    CHECK(read_change.value == written_change.value);
    CHECK(read_change.glide == written_change.glide);
    CHECK(std::get<PatchEvent>(read(start_line + to_line(patch))[1]).params ==
          std::get<PatchEvent>(as_written(patch)).params);
    CHECK(to_line(as_written(patch)) == to_line(patch));
  }
}

TEST_CASE("What a reader does not know is passed over: types, fields, parameters, blank lines, CRLF") {
  const auto events =
      read(start_line +
           "\r\n"
           R"({"type":"sparkle","colour":"blue","t":-5})"
           "\r\n"
           R"({"type":"note","t":1,"id":1,"layer":"pad","pitch":60,"vel":0.5,"dur":1,"mood":"calm"})"
           "\r\n"
           R"({"type":"change","t":2,"layer":"pad","param":"sparkle","value":1e9})"
           "\n"
           R"({"type":"patch","t":2,"layer":"pad","params":{"sparkle":"much","cutoff_hz":500}})"
           "\n"
           R"({"type":"end","t":3})");
  REQUIRE(events.size() == 5);
  CHECK(std::get<NoteEvent>(events[1]).pan == 0.0);
  CHECK(std::get<AdvanceEvent>(events[2]).t == 2.0);
  const Patch patch = std::get<Patch>(std::get<PatchEvent>(events[3]).params);
  CHECK(patch[VoiceParam::cutoff_hz] == 500.0F);
  CHECK(patch[VoiceParam::release_s] == builtin_patch("pad")[VoiceParam::release_s]);
}

TEST_CASE("Of start only the version of the format is required, and what it does not say is not known") {
  const auto events = read(R"({"type":"start","auralis":1})"
                           "\n");
  REQUIRE(events.size() == 1);
  const auto& start = std::get<StartEvent>(events[0]);
  for (const std::string& text : {start.seed, start.preset, start.key, start.mode, start.version})
    CHECK(text.empty());
  CHECK_FALSE(start.bpm.has_value());
  CHECK_FALSE(start.intensity.has_value());
  CHECK(to_line(start) == "{\"type\":\"start\",\"auralis\":1}\n");
  const std::string some = "{\"type\":\"start\",\"auralis\":1,\"key\":\"Eb\",\"bpm\":72.5}\n";
  CHECK(to_line(read(some).front()) == some);
}

TEST_CASE("A note needs its time, pitch and length; layer, strength and place have defaults") {
  const auto events = read(start_line + R"({"type":"note","t":1,"pitch":60,"dur":2})");
  REQUIRE(events.size() == 2);
  const auto& note = std::get<NoteEvent>(events[1]);
  CHECK(note.layer == "pad");
  CHECK(note.vel == 0.7);
  CHECK(note.pan == 0.0);
}

TEST_CASE(
    "Each note without an id is one of its own, beyond the reach of release, and is written without one") {
  const std::string chord =
      R"({"type":"note","t":1.000000,"layer":"pad","pitch":60.0,"vel":0.7,"dur":2.0,"pan":0.0})"
      "\n";
  const auto events =
      read(start_line + chord + chord + to_line(NoteEvent{.t = 1.0, .id = largest_note_id}) + chord);
  std::set<uint64_t> ids;
  std::string again;
  for (const Event& event : events) {
    again += to_line(event);
    if (const auto* note = std::get_if<NoteEvent>(&event)) ids.insert(note->id);
  }
  CHECK(ids.size() == 4);
  CHECK(*std::next(ids.begin()) > largest_note_id);
  CHECK(again.starts_with(start_line + chord + chord));
  CHECK(again.ends_with(chord));
  CHECK(refusal(start_line + R"({"type":"release","t":1,"id":9007199254740994})")
            .starts_with("piece.jsonl:2: id is 9007199254740994, expected 0 to"));
  CHECK(refusal(start_line + R"({"type":"release","t":1})").starts_with("piece.jsonl:2: no \"id\""));
}

TEST_CASE("A message shows the beginning of a long value, cut between characters") {
  const std::string message =
      refusal(start_line + R"({"type":"advance","t":"aa)" + "ääääääääääääääääääääääääää" + "\"}");
  CHECK(message == "piece.jsonl:2: t is \"aaäääääääääääääääää..., expected a number");
}

TEST_CASE("Each kind of bad input is refused with its line and what was expected") {
  const std::string note = R"({"type":"note","t":1,"id":1,"layer":"pad","pitch":60,"vel":0.5,"dur":1})";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string line = note;
    return start_line + line.replace(line.find(from), from.size(), to) + "\n";
  };
  struct Case {
    std::string bytes;
    std::string expected;
  };
  const std::vector<Case> cases{
      {"", "piece.jsonl:1: no events, expected a \"start\" line first"},
      {"\n\n", "piece.jsonl:3: no events"},
      {note, "piece.jsonl:1: \"note\" before \"start\""},
      {start_line + start_line, "piece.jsonl:2: a second \"start\""},
      {start_line + "{nonsense\n", "piece.jsonl:2: not JSON"},
      {start_line + "[1]\n", "piece.jsonl:2: a array, expected a JSON object"},
      {start_line + "{\"t\":1}\n", "piece.jsonl:2: no \"type\""},
      {start_line + "{\"type\":7}\n", "piece.jsonl:2: type is 7, expected a string"},
      {start_line + "{\"type\":\"end\",\"t\":2}\n" + note, "piece.jsonl:3: \"note\" after \"end\""},
      {start_line + "{\"type\":\"advance\",\"t\":2}\n" + note,
       "piece.jsonl:3: t is 1.000000, expected at least 2.000000"},
      {start_line + "{\"type\":\"advance\",\"t\":-1}\n", "piece.jsonl:2: t is -1, expected 0 to"},
      {start_line + "{\"type\":\"advance\",\"t\":\"1\"}\n", "piece.jsonl:2: t is \"1\", expected a number"},
      {start_line + "{\"type\":\"advance\"}\n", "piece.jsonl:2: no \"t\""},
      {with("\"pitch\":60", "\"pitch\":128"), "piece.jsonl:2: pitch is 128, expected 0 to 127"},
      {with("\"vel\":0.5", "\"vel\":1.01"), "piece.jsonl:2: vel is 1.01, expected 0 to 1"},
      {with("\"vel\":0.5", "\"vel\":null"), "piece.jsonl:2: vel is null, expected a number"},
      {with("\"dur\":1", "\"dur\":-0.1"), "piece.jsonl:2: dur is -0.1, expected 0 to"},
      {with("\"dur\":1", "\"dur\":1,\"pan\":2"), "piece.jsonl:2: pan is 2, expected -1 to 1"},
      {with("\"id\":1", "\"id\":1.5"), "piece.jsonl:2: id is 1.5, expected a whole number"},
      {with("\"id\":1", "\"id\":-1"), "piece.jsonl:2: id is -1, expected 0 to"},
      {with("\"pad\"", "\"Pad\""), "piece.jsonl:2: layer is \"Pad\", expected 1 to 32 of a-z 0-9 _ -"},
      {with("\"pad\"", "\"master\""), "piece.jsonl:2: layer is \"master\""},
      {with(",\"dur\":1", ""), "piece.jsonl:2: no \"dur\""},
      {with(",\"pitch\":60", ""), "piece.jsonl:2: no \"pitch\""},
      {R"({"type":"start"})", "piece.jsonl:1: no \"auralis\""},
      {R"({"type":"start","auralis":1,"key":""})", "piece.jsonl:1: key is \"\", expected C to B"},
      {R"({"type":"start","auralis":1,"bpm":29})", "piece.jsonl:1: bpm is 29, expected 30 to 120"},
      {R"({"type":"start","auralis":1,"intensity":1.5})", "piece.jsonl:1: intensity is 1.5, expected 0 to 1"},
      {start_line + R"({"type":"change","t":1,"layer":"pad","param":"cutoff_hz","value":5})",
       "piece.jsonl:2: value is 5, expected 20 to 20000"},
      {start_line + R"({"type":"change","t":1,"layer":"pad","param":"cutoff_hz","value":50,"glide":-1})",
       "piece.jsonl:2: glide is -1, expected 0 to 86400"},
      {start_line + R"({"type":"patch","t":1,"layer":"pad","params":{"sustain":2}})",
       "piece.jsonl:2: params.sustain is 2, expected 0 to 1"},
      {start_line + R"({"type":"patch","t":1,"layer":"pad","params":[]})", "piece.jsonl:2: params is []"},
      {start_line + R"({"type":"chord","t":1,"name":"Dm","degree":"i","pitches":[60,200]})",
       "piece.jsonl:2: pitches is 200, expected 0 to 127"},
      {start_line + R"({"type":"chord","t":1,"name":"Dm","degree":"i","pitches":60})",
       "piece.jsonl:2: pitches is 60, expected an array"},
      {R"({"type":"start","auralis":2,"seed":"7"})", "piece.jsonl:1: auralis is 2, expected 1 to 1"},
      {R"({"type":"start","auralis":1,"seed":7})", "piece.jsonl:1: seed is 7, expected a string"},
      {start_line + std::string((1 << 20) + 1, ' ') + "\n", "piece.jsonl:2: line longer than 1 MiB"},
      {start_line + std::string((1 << 20) + 1, 'x'), "piece.jsonl:2: line longer than 1 MiB"},
  };
  for (const Case& bad : cases) {
    const std::string message = refusal(bad.bytes);
    CHECK_MESSAGE(message.rfind(bad.expected, 0) == 0, message);
  }
}

TEST_CASE("A few bytes cannot ask for more than a day, 64 layers or 64 brackets") {
  const auto advance = [](const std::string& t) { return R"({"type":"advance","t":)" + t + "}\n"; };
  CHECK(refusal(start_line + advance("86400.000000") + advance("172800.000000")).empty());
  CHECK(refusal(start_line + R"({"type":"end","t":1e8})") ==
        "piece.jsonl:2: t is 100000000.000000, expected at most 24 hours after the line before's 0.000000");
  CHECK(refusal(start_line + advance("1.000000") + advance("86401.000001"))
            .starts_with("piece.jsonl:3: t is 86401.000001"));

  const auto layers = [](int count) {
    std::string bytes = start_line;
    for (int i = 0; i < count; ++i) {
      const std::string layer = "layer" + std::to_string(i);
      bytes += to_line(NoteEvent{.t = 0.1, .id = 1, .layer = layer});
      bytes += to_line(ChangeEvent{.t = 0.1, .layer = layer, .param = VoiceParam::pan});
      bytes += to_line(PatchEvent{.t = 0.1, .layer = "master", .params = default_master_patch()});
    }
    return bytes;
  };
  CHECK(refusal(layers(64)).empty());
  CHECK(refusal(layers(65)) ==
        "piece.jsonl:194: layer is \"layer64\", one more than 64, expected no more layers in a stream");

  const auto nested = [](size_t levels) {
    return start_line + R"({"type":"advance","t":1,"new":)" + std::string(levels - 1, '[') +
           std::string(levels - 1, ']') + "}\n";
  };
  CHECK(refusal(nested(64)).empty());
  for (const size_t levels : {size_t{65}, size_t{500'000}}) {
    CHECK(refusal(nested(levels)) ==
          "piece.jsonl:2: nested deeper than 64 brackets, expected one JSON object a line");
  }
}

TEST_CASE("An advance is read alike however its JSON is written, and refused alike") {
  const auto read = [](const std::string& advance) {
    EventReader reader("piece.jsonl");
    std::vector<double> times;
    reader.feed(start_line + "{\"type\":\"advance\",\"t\":1.5}\n" + advance + "\n", [&](Event&& event) {
      if (std::holds_alternative<AdvanceEvent>(event)) times.push_back(event_time(event));
    });
    return times.back();
  };
  for (const char* t : {"1.500000", "2.000000", "12.345678", "86401.500000"}) {
    CAPTURE(t);
    const double plain = read(std::string("{\"type\":\"advance\",\"t\":") + t + "}");
    CHECK(plain == std::stod(t));
    CHECK(plain == read(std::string("{\"t\": ") + t + ", \"type\":\"advance\"}"));
    CHECK(plain == read(std::string("{\"type\":\"advance\",\"t\":") + t + "} \r"));
    CHECK(plain == read(std::string("{\"type\":\"advance\",\"t\":") + t + ",\"new\":1}"));
  }
  CHECK(read("{\"type\":\"advance\",\"t\":20.00000e-1}") == 2.0);
  for (const char* t : {"1.499999", "01.600000", "1.6.0000", "-2.000000", "+2.00000", "2.0000x0",
                        "86401.500001", "99999999.999999", "100000000.000001", ".600000"}) {
    CAPTURE(t);
    CHECK_THROWS_AS(read(std::string("{\"type\":\"advance\",\"t\":") + t + "}"), Error);
  }
}

TEST_CASE("Each type that is not known is warned of once, and no more than 32 by name") {
  std::vector<std::string> warnings;
  EventReader reader("piece.jsonl", [&](const std::string& message) { warnings.push_back(message); });
  const auto ignore = [](Event&&) {};
  reader.feed(start_line, ignore);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40; ++i) reader.feed("{\"type\":\"x" + std::to_string(i) + "\",\"t\":1}\n", ignore);
  }
  REQUIRE(warnings.size() == 33);
  CHECK(warnings.front() ==
        "piece.jsonl:2: \"x0\" is a type that this version does not know; such events are passed over");
  CHECK(warnings.back() == "piece.jsonl:34: more types that are not known; no more of them are named");
}

TEST_CASE("Deeply nested JSON is refused or passed over without exhausting the stack") {
  const std::string deep = start_line + "{\"type\":\"x\",\"a\":" + std::string(500'000, '[') + "\n";
  CHECK(refusal(deep).rfind("piece.jsonl:2:", 0) == 0);
}

TEST_CASE("What was read before a bad line stays good") {
  std::vector<Event> events;
  EventReader reader("-");
  const auto keep = [&](Event&& event) { events.push_back(std::move(event)); };
  std::string message;
  try {
    reader.feed(start_line + "{\"type\":\"advance\",\"t\":1}\nnonsense\n", keep);
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message.rfind("<stdin>:3:", 0) == 0);
  CHECK(events.size() == 2);
  CHECK(reader.position_s() == 1.0);
}

TEST_CASE("A stream without end is told from a whole one") {
  const auto whole = [](const std::string& bytes) {
    EventReader reader("x");
    const auto ignore = [](Event&&) {};
    reader.feed(bytes, ignore);
    return reader.finish(ignore);
  };
  CHECK(whole(start_line + "{\"type\":\"end\",\"t\":1}"));
  CHECK_FALSE(whole(start_line + "{\"type\":\"advance\",\"t\":1}\n"));
}
