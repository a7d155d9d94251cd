// SPDX-License-Identifier: MIT
#include "model/event_stream.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "model/event_text.h"
#include "model/json_text.h"
#include "model/layer.h"
#include "model/limits.h"
#include "model/modulation_json.h"
#include "model/music.h"
#include "model/number_text.h"
#include "model/spectra.h"

namespace auralis {
namespace {

using namespace event_text;
using nlohmann::json;

constexpr size_t most_digits = 8;  // of whole seconds below limits::piece_s
constexpr double longest_glide_s = 86400;
constexpr double most_scenes = 1e6;  // of a piece, and as many motifs

// What is wrong with a line; read_line adds where.
struct Wrong {
  std::string what;
};

double ranged(const json& value, std::string_view field, double min, double max) {
  if (!value.is_number())
    throw Wrong{std::string(field) + " is " + short_text(value) + ", expected a number"};
  const double x = value.get<double>();
  if (!(x >= min && x <= max)) {
    throw Wrong{std::string(field) + " is " + short_text(value) + ", expected " + number_text(min) + " to " +
                number_text(max)};
  }
  return x;
}

class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  const json& need(const char* field) const {
    const auto found = object_.find(field);
    if (found == object_.end()) throw Wrong{std::string("no \"") + field + "\", which this type needs"};
    return *found;
  }
  double number(const char* field, double min, double max) const {
    return ranged(need(field), field, min, max);
  }
  double number(const char* field, double min, double max, double initial) const {
    return object_.contains(field) ? number(field, min, max) : initial;
  }
  const json* find(const char* field) const {
    const auto found = object_.find(field);
    return found == object_.end() ? nullptr : &*found;
  }
  bool has(const char* field) const { return object_.contains(field); }
  bool flag(const char* field) const {  // false where it is missing
    const json value = object_.value(field, json(false));
    if (!value.is_boolean()) throw Wrong{std::string(field) + " is no flag, expected true or false"};
    return value.get<bool>();
  }
  double time() const { return number("t", 0.0, limits::piece_s); }
  uint64_t id() const {
    const double id = number("id", 0.0, static_cast<double>(largest_note_id));
    if (id != std::floor(id)) throw Wrong{"id is " + short_text(need("id")) + ", expected a whole number"};
    return static_cast<uint64_t>(id);
  }
  std::string text(const char* field) const {
    const json& value = need(field);
    if (!value.is_string())
      throw Wrong{std::string(field) + " is " + short_text(value) + ", expected a string"};
    return value.get<std::string>();
  }
  std::string text(const char* field, const std::string& initial) const {
    return has(field) ? text(field) : initial;
  }
  // A value of the control of that name; nothing where it is missing.
  std::optional<double> control(ControlId id) const {
    const ControlInfo& info = info_of(id);
    const std::string field(info.name);
    if (!has(field.c_str())) return std::nullopt;
    return number(field.c_str(), info.min, info.max);
  }
  std::string layer() const {
    std::string name = text("layer");
    if (!is_layer_name(name) && name != master_layer) {
      throw Wrong{"layer is " + short_text(need("layer")) + ", expected 1 to 32 of a-z 0-9 _ -"};
    }
    return name;
  }

 private:
  const json& object_;
};

template <typename Set, size_t Count>
Set read_params(const json& params, Set set, const std::array<ParamInfo, Count>& table) {
  for (size_t i = 0; i < Count; ++i) {
    const auto found = params.find(std::string(table[i].name));
    if (found == params.end()) continue;
    const std::string field = "params." + std::string(table[i].name);
    set.values[i] = static_cast<float>(ranged(*found, field, table[i].min, table[i].max));
  }
  return set;
}

StartEvent read_start(const Fields& fields) {
  fields.number("auralis", event_format_version, event_format_version);
  StartEvent e;
  e.seed = fields.text("seed", "");
  e.preset = fields.text("preset", "");
  e.key = fields.text("key", "");
  if (fields.has("key") && !key_pitch_class(e.key))
    throw Wrong{"key is " + short_text(fields.need("key")) + ", expected C to B with # or b"};
  e.mode = fields.text("mode", "");
  e.bpm = fields.control(ControlId::bpm);
  e.intensity = fields.control(ControlId::intensity);
  e.tuning = fields.text("tuning", "");
  e.reference_hz = fields.control(ControlId::reference);
  e.version = fields.text("version", "");
  return e;
}

// What a reader of a field refuses.
template <typename Read>
auto or_wrong(const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Wrong{error.what()};
  }
}

Event read_patch(const Fields& fields) {
  PatchEvent e{fields.time(), fields.layer(), {}};
  e.glide = fields.number("glide", 0, longest_glide_s, 0.0);
  const json& params = fields.need("params");
  if (!params.is_object())
    throw Wrong{"params is " + short_text(params) + ", expected an object of parameters"};
  if (e.layer == master_layer) {
    e.params = read_params(params, default_master_patch(), master_params);
  } else {
    e.params = read_params(params, builtin_patch(e.layer), voice_params);
    if (const json* routes = fields.find("modulation"))
      e.modulation = or_wrong([&] { return modulation_from_json(*routes, "modulation", RoutesOf::stream); });
    if (const json* wave = fields.find("wave"))
      e.wave = or_wrong([&] { return spectra_from_json(*wave, "wave"); });
  }
  return e;
}

// initial_id: of a note without one.
NoteEvent read_note(const Fields& fields, uint64_t initial_id) {
  NoteEvent e;
  e.t = fields.time();
  e.id = fields.has("id") ? fields.id() : initial_id;
  if (fields.has("layer")) e.layer = fields.layer();
  if (e.layer == master_layer) throw Wrong{"layer is \"master\", expected a layer that plays notes"};
  e.pitch = fields.number("pitch", 0, 127);
  e.vel = fields.number("vel", 0, 1, e.vel);
  e.dur = fields.number("dur", 0, limits::piece_s);
  e.pan = fields.number("pan", -1, 1, e.pan);
  if (fields.has("key")) e.key = static_cast<int>(fields.number("key", 0, 127));
  return e;
}

BendEvent read_bend(const Fields& fields) {
  BendEvent e{fields.time(), fields.id()};
  e.pitch = fields.number("pitch", 0, 127);
  e.glide = fields.number("glide", 0, longest_glide_s, e.glide);
  return e;
}

// Only its time counts where the parameter is one this version does not know.
Event read_change(const Fields& fields) {
  ChangeEvent e;
  e.t = fields.time();
  e.layer = fields.layer();
  const std::string name = fields.text("param");
  const auto find = [&](const auto& param) {
    if (param) e.param = *param;
    return param.has_value();
  };
  const bool known = e.layer == master_layer ? find(find_master_param(name)) : find(find_voice_param(name));
  if (!known) return AdvanceEvent{e.t};
  const ParamInfo& info = info_of(e.param);
  e.value = fields.number("value", info.min, info.max);
  e.glide = fields.number("glide", 0, longest_glide_s, e.glide);
  return e;
}

ChordEvent read_chord(const Fields& fields) {
  ChordEvent e{fields.time(), fields.text("name"), {}, {}};
  const json& degree = fields.need("degree");
  e.degree = degree.is_string() ? degree.get<std::string>() : degree.dump();
  const json& pitches = fields.need("pitches");
  if (!pitches.is_array())
    throw Wrong{"pitches is " + short_text(pitches) + ", expected an array of numbers"};
  for (const json& pitch : pitches) e.pitches.push_back(ranged(pitch, "pitches", 0, 127));
  if (fields.has("key")) e.key = fields.text("key");
  if (fields.has("mode")) e.mode = fields.text("mode");
  e.scene = static_cast<int>(fields.number("scene", 0, most_scenes, 0));
  e.motif = static_cast<int>(fields.number("motif", 0, most_scenes, 0));
  e.why = fields.text("why", "");
  return e;
}

ControlEvent read_control(const Fields& fields, const json& object) {
  if (object.contains("id")) fields.text("id");  // of another kind it is refused
  return {fields.time(), parse_annotation(object)};
}

// Nothing where this version does not know the type.
std::optional<Event> read_event(const std::string& type, const Fields& fields, const json& object,
                                uint64_t initial_id) {
  if (type == "start") return read_start(fields);
  if (type == "patch") return read_patch(fields);
  if (type == "note") return read_note(fields, initial_id);
  if (type == "bend") return read_bend(fields);
  if (type == "release") return ReleaseEvent{fields.time(), fields.id(), fields.flag("cut")};
  if (type == "change") return read_change(fields);
  if (type == "chord") return read_chord(fields);
  if (type == "control") return read_control(fields, object);
  if (type == "advance") return AdvanceEvent{fields.time()};
  if (type == "end") return EndEvent{fields.time()};
  return std::nullopt;
}

// The time of an `advance` written as to_line does; of anything else nothing, whatever it may be as JSON.
std::optional<double> plain_advance_time(std::string_view line) {
  if (!line.starts_with(advance_begins) || !line.ends_with('}')) return std::nullopt;
  line.remove_prefix(advance_begins.size());
  line.remove_suffix(1);
  const size_t point = line.find('.');
  const bool whole_seconds = point == 1 || (point != std::string_view::npos && point > 1 && line[0] != '0');
  if (!whole_seconds || point > most_digits || line.size() != point + 7) return std::nullopt;
  // Whole microseconds of at most 15 digits: their quotient is the number that the text names.
  int64_t us = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if (i == point) continue;
    if (line[i] < '0' || line[i] > '9') return std::nullopt;
    us = 10 * us + (line[i] - '0');
  }
  return static_cast<double>(us) / 1e6;
}

}  // namespace

double event_time(const Event& event) {
  return std::visit(
      [](const auto& e) {
        if constexpr (requires { e.t; }) {
          return e.t;
        } else {
          return 0.0;
        }
      },
      event);
}

EventReader::EventReader(std::string name, Warn warn, bool joins)
    : name_(name == "-" ? "<stdin>" : std::move(name)), warn_(std::move(warn)), joins_(joins) {}

void EventReader::feed(std::string_view bytes, const std::function<void(Event&&)>& sink) {
  while (!bytes.empty()) {
    const size_t newline = bytes.find('\n');
    if (newline == std::string_view::npos) {
      partial_ += bytes;
      if (partial_.size() > limits::line_bytes) {
        throw Error::at(name_, line_ + 1, "line longer than 1 MiB, expected one JSON event a line");
      }
      return;
    }
    if (partial_.empty()) {
      read_line(bytes.substr(0, newline), sink);
    } else {
      partial_ += bytes.substr(0, newline);
      const std::string line = std::exchange(partial_, {});
      read_line(line, sink);
    }
    bytes.remove_prefix(newline + 1);
  }
}

bool EventReader::finish(const std::function<void(Event&&)>& sink) {
  if (!partial_.empty()) {
    const std::string line = std::exchange(partial_, {});
    read_line(line, sink);
  }
  if (!started_) {
    throw Error::at(name_, line_ + 1,
                    "no events, expected a \"start\" line first (auralis-compose makes one)");
  }
  return ended_;
}

void EventReader::check_time(double t) const {
  if (t < last_t_) {
    throw Wrong{"t is " + fixed_time(t) + ", expected at least " + fixed_time(last_t_) +
                ", the line before's"};
  }
  if (t > last_t_ + limits::silence_s && !(joins_ && last_t_ == 0.0)) {
    throw Wrong{"t is " + fixed_time(t) + ", expected at most 24 hours after the line before's " +
                fixed_time(last_t_)};
  }
}

// A layer costs as much as a voice for as long as the piece lasts.
void EventReader::check_layer(const Event& event) {
  const std::string* layer = std::visit(
      [](const auto& e) -> const std::string* {
        if constexpr (requires { e.layer; }) {
          return &e.layer;
        } else {
          return nullptr;
        }
      },
      event);
  if (layer == nullptr || layers_.contains(*layer) || *layer == master_layer) return;
  if (layers_.size() == limits::layers) {
    throw Wrong{"layer is \"" + *layer + "\", one more than " + std::to_string(limits::layers) +
                ", expected no more layers in a stream"};
  }
  layers_.insert(*layer);
}

void EventReader::check_order(const std::string& type) const {
  const std::string shown = short_text(json(type));
  if (ended_) throw Wrong{shown + " after \"end\", expected nothing more"};
  if ((type == "start") == started_) {
    throw Wrong{started_ ? "a second \"start\", expected exactly one, as the first line"
                         : shown + " before \"start\", expected \"start\" as the first line"};
  }
}

void EventReader::warn_of_type(const std::string& type) {
  if (!warn_ || unknown_types_.size() > limits::unknown_types) return;
  const std::string name = short_text(json(type));
  if (!unknown_types_.insert(name).second) return;
  const bool is_named = unknown_types_.size() <= limits::unknown_types;
  warn_(name_ + ":" + std::to_string(line_) + ": " +
        (is_named ? name + " is a type that this version does not know; such events are passed over"
                  : "more types that are not known; no more of them are named"));
}

// Nothing where a line is blank, or of a type that this version does not know.
std::optional<Event> EventReader::parse_line(std::string_view line) {
  if (line.size() > limits::line_bytes) throw Wrong{"line longer than 1 MiB, expected one JSON event a line"};
  // Half of a live stream's lines are these, so they are read without building a JSON object. A line in any other form
  // goes the way of all others.
  if (const std::optional<double> t = plain_advance_time(line); t && started_ && !ended_)
    return AdvanceEvent{*t};
  if (line.find_first_not_of(" \t") == std::string_view::npos) return std::nullopt;
  const json object = parse_json(line);
  if (object.is_discarded())
    throw Wrong{std::string(why_not_json(line)) + ", expected one JSON object a line"};
  if (!object.is_object()) throw Wrong{"a " + std::string(object.type_name()) + ", expected a JSON object"};
  const Fields fields(object);
  const std::string type = fields.text("type");
  check_order(type);
  std::optional<Event> event = read_event(type, fields, object, newest_unnamed_ + 1);
  if (!event) warn_of_type(type);
  return event;
}

void EventReader::read_line(std::string_view line, const std::function<void(Event&&)>& sink) {
  ++line_;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  try {
    std::optional<Event> event = parse_line(line);
    if (!event) return;
    const double t = event_time(*event);
    check_time(t);
    check_layer(*event);
    if (const auto* note = std::get_if<NoteEvent>(&*event))
      newest_unnamed_ = std::max(newest_unnamed_, note->id);
    last_t_ = t;
    started_ = true;
    ended_ = std::holds_alternative<EndEvent>(*event);
    sink(std::move(*event));
  } catch (const Wrong& wrong) {
    throw Error::at(name_, line_, wrong.what);
  } catch (const json::exception& e) {
    throw Error::at(name_, line_, std::string("not an event: ") + e.what());
  }
}

}  // namespace auralis
