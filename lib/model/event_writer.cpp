// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "model/event_stream.h"
#include "model/event_text.h"
#include "model/layer.h"
#include "model/modulation_json.h"
#include "model/spectra.h"

namespace auralis {
namespace {

using namespace event_text;
using nlohmann::ordered_json;

// Six decimals are below a frame at any rate; the shortest text of the rounded number is the same everywhere.
double rounded(double x) { return std::round(x * 1e6) / 1e6; }

// A float of six decimals is the nearest to them, not they themselves.
double written(float x) { return rounded(static_cast<double>(x)); }

struct Rounding {
  static void round(double& x) { x = rounded(x); }
  template <typename... Numbers>
  static void round(double& x, Numbers&... others) {
    round(x);
    round(others...);
  }

  void operator()(StartEvent& e) const {
    if (e.bpm) round(*e.bpm);
    if (e.intensity) round(*e.intensity);
    if (e.reference_hz) round(*e.reference_hz);
  }
  void operator()(PatchEvent& e) const {
    round(e.t);
    std::visit(
        [](auto& set) {
          for (float& value : set.values) value = static_cast<float>(written(value));
        },
        e.params);
  }
  void operator()(NoteEvent& e) const { round(e.t, e.pitch, e.vel, e.dur, e.pan); }
  void operator()(BendEvent& e) const { round(e.t, e.pitch, e.glide); }
  void operator()(ReleaseEvent& e) const { round(e.t); }
  void operator()(ChangeEvent& e) const { round(e.t, e.value, e.glide); }
  void operator()(ChordEvent& e) const {
    round(e.t);
    for (double& pitch : e.pitches) round(pitch);
  }
  void operator()(ControlEvent& e) const { round(e.t); }
  void operator()(AdvanceEvent& e) const { round(e.t); }
  void operator()(EndEvent& e) const { round(e.t); }
};

template <typename Set, size_t Count>
ordered_json params_json(const Set& set, const std::array<ParamInfo, Count>& table, const Set& builtin) {
  ordered_json params = ordered_json::object();
  for (size_t i = 0; i < Count; ++i) {
    if (!table[i].since_first && set.values[i] == builtin.values[i]) continue;
    params[std::string(table[i].name)] = written(set.values[i]);
  }
  return params;
}

// `{"type":TYPE,"t":T` and the members of rest.
std::string timed_line(const char* type, double t, const ordered_json& rest = ordered_json::object()) {
  std::string line = std::string("{\"type\":\"") + type + "\",\"t\":" + fixed_time(t);
  const std::string members = rest.dump();
  if (members.size() > 2) line += "," + members.substr(1, members.size() - 2);
  return line + "}\n";
}

// Of events that are rounded.
struct LineWriter {
  std::string operator()(const StartEvent& e) const {
    ordered_json line{{"type", "start"}, {"auralis", event_format_version}};
    const auto say = [&line](const char* field, const std::string& text) {
      if (!text.empty()) line[field] = text;
    };
    say("seed", e.seed);
    say("preset", e.preset);
    say("key", e.key);
    say("mode", e.mode);
    if (e.bpm) line["bpm"] = *e.bpm;
    if (e.intensity) line["intensity"] = *e.intensity;
    say("tuning", e.tuning);
    if (e.reference_hz) line["reference"] = *e.reference_hz;
    say("version", e.version);
    return line.dump() + "\n";
  }
  std::string operator()(const PatchEvent& e) const {
    const ordered_json params =
        std::holds_alternative<Patch>(e.params)
            ? params_json(std::get<Patch>(e.params), voice_params, builtin_patch(e.layer))
            : params_json(std::get<MasterPatch>(e.params), master_params, default_master_patch());
    ordered_json rest{{"layer", e.layer}, {"params", params}};
    if (!e.modulation.empty()) rest["modulation"] = modulation_json(e.modulation);
    if (e.wave.frames != nullptr) rest["wave"] = spectra_json(e.wave);
    if (e.glide > 0.0) rest["glide"] = rounded(e.glide);
    return timed_line("patch", e.t, rest);
  }
  std::string operator()(const NoteEvent& e) const {
    ordered_json rest = ordered_json::object();
    if (e.id <= largest_note_id) rest["id"] = e.id;
    rest["layer"] = e.layer;
    rest["pitch"] = e.pitch;
    rest["vel"] = e.vel;
    rest["dur"] = e.dur;
    rest["pan"] = e.pan;
    if (e.key) rest["key"] = *e.key;
    return timed_line("note", e.t, rest);
  }
  std::string operator()(const BendEvent& e) const {
    return timed_line("bend", e.t, {{"id", e.id}, {"pitch", e.pitch}, {"glide", e.glide}});
  }
  std::string operator()(const ReleaseEvent& e) const {
    ordered_json rest{{"id", e.id}};
    if (e.cut) rest["cut"] = true;
    return timed_line("release", e.t, rest);
  }
  std::string operator()(const ChangeEvent& e) const {
    return timed_line(
        "change", e.t,
        {{"layer", e.layer}, {"param", info_of(e.param).name}, {"value", e.value}, {"glide", e.glide}});
  }
  std::string operator()(const ChordEvent& e) const {
    ordered_json rest{{"name", e.name}, {"degree", e.degree}, {"pitches", e.pitches}};
    if (!e.key.empty()) rest["key"] = e.key;
    if (!e.mode.empty()) rest["mode"] = e.mode;
    if (e.scene > 0) rest["scene"] = e.scene;
    if (e.motif > 0) rest["motif"] = e.motif;
    if (!e.why.empty()) rest["why"] = e.why;
    return timed_line("chord", e.t, rest);
  }
  std::string operator()(const ControlEvent& e) const {
    ordered_json rest{{"id", e.applied.id}};
    rest.update(ordered_json(control_fields(e.applied)));
    return timed_line("control", e.t, rest);
  }
  std::string operator()(const AdvanceEvent& e) const {
    return std::string(advance_begins) + fixed_time(e.t) + "}\n";
  }
  std::string operator()(const EndEvent& e) const { return timed_line("end", e.t); }
};

}  // namespace

Event as_written(Event event) {
  std::visit(Rounding{}, event);
  return event;
}

std::string to_line(const Event& event) { return std::visit(LineWriter{}, as_written(event)); }

}  // namespace auralis
