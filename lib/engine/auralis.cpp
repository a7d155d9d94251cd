// SPDX-License-Identifier: MIT
#include "engine/auralis.h"

#include <charconv>
#include <exception>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "compose/midi/midi_file.h"
#include "compose/preset/preset_json.h"
#include "compose/state_json.h"
#include "engine/engine.h"
#include "model/event_stream.h"
#include "model/json_text.h"
#include "model/limits.h"

struct auralis_engine {
  auralis::Engine engine;
};

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string text;

int answer(std::string said) {
  text = std::move(said);
  return static_cast<int>(text.size());
}

int answer(const ordered_json& said) {
  return answer(said.dump(-1, ' ', false, json::error_handler_t::replace));
}

// No exception crosses a C interface: what f throws becomes the text.
template <typename Result, typename F>
Result guarded(Result failed, const F& f) {
  try {
    return f();
  } catch (const ControlError& error) {
    answer(ordered_json{{"field", error.field}, {"message", error.what()}});
  } catch (const std::exception& error) {
    answer(std::string(error.what()));
  }
  return failed;
}

uint64_t seed_of(const json& piece) {
  if (!piece.contains("seed")) return 0;
  const json& seed = piece.at("seed");
  if (seed.is_number_unsigned()) return seed.get<uint64_t>();
  uint64_t value = 0;
  const std::string digits = seed.is_string() ? seed.get<std::string>() : std::string();
  const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || status != std::errc() || rest != digits.data() + digits.size())
    throw Error(Exit::bad_input, "seed is " + seed.dump() + ", expected a whole number");
  return value;
}

Engine engine_of(const json& piece) {
  ComposeSettings settings;
  settings.seed = seed_of(piece);
  if (piece.contains("duration_s")) settings.duration_s = piece.at("duration_s").get<double>();
  if (settings.duration_s && !(*settings.duration_s > 0.0 && *settings.duration_s <= 1e8))
    throw Error(Exit::bad_input, "duration_s is out of range, expected seconds above 0");
  if (piece.contains("controls")) settings.initial = parse_control(piece.at("controls"));
  settings.harmony = harmony_from_json(piece.at("harmony"));
  std::map<std::string, Preset> presets;
  for (const json& other : piece.value("presets", json::array())) {
    Preset preset = preset_from_json(other);
    presets.insert_or_assign(preset.name, std::move(preset));
  }
  const Preset preset = preset_from_json(piece.at("preset"));
  presets.insert_or_assign(preset.name, preset);
  settings.find_preset = [presets](const std::string& name) {
    const auto found = presets.find(name);
    if (found == presets.end()) throw Error(Exit::usage, "preset is \"" + name + "\", which is not here");
    return found->second;
  };
  return {preset, settings, piece.value("rate", 44100)};
}

}  // namespace
}  // namespace auralis

using namespace auralis;

auralis_engine* auralis_compose(const char* piece) {
  return guarded<auralis_engine*>(nullptr, [&] {
    const json parsed = parse_json(piece);
    if (parsed.is_discarded()) {
      throw Error(Exit::bad_input,
                  std::string(why_not_json(piece)) + ", expected a preset and tables of harmony");
    }
    return new auralis_engine{engine_of(parsed)};
  });
}

auralis_engine* auralis_follow(int rate) {
  return guarded<auralis_engine*>(nullptr, [&] { return new auralis_engine{Engine(rate)}; });
}

auralis_engine* auralis_join(int rate, double from_s) {
  return guarded<auralis_engine*>(nullptr, [&] {
    if (!(from_s >= 0.0 && from_s <= limits::piece_s))
      throw Error(Exit::usage, "from_s is no second of a piece, expected 0 or more");
    return new auralis_engine{Engine(rate, static_cast<int64_t>(from_s * rate))};
  });
}

void auralis_free(auralis_engine* engine) { delete engine; }

int auralis_push(auralis_engine* engine, const char* bytes, int size) {
  return guarded(-1, [&] {
    engine->engine.push({bytes, static_cast<size_t>(size)});
    return 0;
  });
}

int auralis_pull(auralis_engine* engine, float* stereo, int frames) {
  return guarded(-1, [&] { return static_cast<int>(engine->engine.pull(stereo, frames)); });
}

int auralis_control(auralis_engine* engine, const char* control) {
  return guarded(-1, [&] {
    const json parsed = parse_json(control);
    answer(ordered_json(control_fields(engine->engine.control(parse_control(parsed)))));
    return 0;
  });
}

double auralis_finish(auralis_engine* engine) {
  return guarded(-1.0, [&] { return engine->engine.finish(); });
}

int auralis_events(auralis_engine* engine) { return answer(engine->engine.take_events()); }

int auralis_state(auralis_engine* engine) {
  return guarded(-1, [&] {
    const Engine& e = engine->engine;
    ordered_json state{{"position", e.position()}, {"finished", e.finished()}};
    if (e.composer()) state.update(state_json(e.composer()->state()));
    return answer(state);
  });
}

int auralis_controls() {
  return guarded(-1, [] { return answer(control_table_json()); });
}

int auralis_midi(const char* lines, int size) {
  return guarded(-1, [&] {
    std::vector<Event> events;
    const auto keep = [&events](Event&& event) { events.push_back(std::move(event)); };
    EventReader reader("<events>");
    reader.feed({lines, static_cast<size_t>(size)}, keep);
    reader.finish(keep);
    return answer(midi_from_events(events));
  });
}

auralis_engine* auralis_snapshot(const auralis_engine* engine) {
  return guarded<auralis_engine*>(nullptr, [&] { return new auralis_engine(*engine); });
}

int auralis_restore(auralis_engine* engine, const auralis_engine* snapshot) {
  return guarded(-1, [&] {
    engine->engine = Engine(snapshot->engine);
    return 0;
  });
}

const char* auralis_text() { return text.c_str(); }
int auralis_text_size() { return static_cast<int>(text.size()); }
