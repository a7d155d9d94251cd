// SPDX-License-Identifier: MIT
// The modulation matrix: routes from what moves to the parameters of a layer. Presets declare them (`movement`), `patch`
// events carry them (`modulation`), the synthesizer plays them; those from an arc the composer plays itself, as `change` events.
//   depth    how far a source of 1 moves the parameter: in its own unit, in octaves where its curve is logarithmic
//   period   seconds a cycle, or from one turn to the next; the longest of them for pink noise
//   own      every voice moves by itself; else the whole layer moves as one
//   where    the sum of all routes to a parameter moves it from where patch and changes have it, within its range
//   errors   route_fault says what is wrong with a route; nothing throws
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/patch.h"
#include "model/range.h"

namespace auralis {

enum class SourceKind {
  wave,  // goes by itself, in time
  note,  // is each voice's own
  arc,   // is the composer's
};

// X(name, kind, low, high, meaning)
#define AURALIS_SOURCES(X)                                                                            \
  X(sine, wave, -1, 1, "a sine")                                                                      \
  X(triangle, wave, -1, 1, "straight up, straight down")                                              \
  X(ramp, wave, -1, 1, "straight up, and quickly back")                                               \
  X(steps, wave, -1, 1, "sample and hold: each period another value, with a short glide")             \
  X(walk, wave, -1, 1, "a smooth random walk that turns about once a period")                         \
  X(pink, wave, -1, 1, "1/f noise: walks of ever shorter periods, down to a fifth of a second")       \
  X(gusts, wave, 0, 1, "gusts of wind: about one a period, each of another strength, sudden to rise") \
  X(amp_env, note, 0, 1, "the amplitude envelope")                                                    \
  X(mod_env, note, 0, 1, "the modulation envelope")                                                   \
  X(velocity, note, 0, 1, "how strong the note is")                                                   \
  X(key, note, -5, 5.6, "the note's distance from middle C in octaves")                               \
  X(random, note, -1, 1, "a number that each note draws")                                             \
  X(arc, arc, -1, 1, "a slow arc of its own, over minutes")                                           \
  X(density_arc, arc, -1, 1, "the piece's arc of density")                                            \
  X(brightness_arc, arc, -1, 1, "the piece's arc of brightness")                                      \
  X(register_arc, arc, -1, 1, "the piece's arc of pitch")                                             \
  X(space_arc, arc, -1, 1, "the piece's arc of space")

#define AURALIS_ENUM(name, ...) name,
enum class Source : size_t { AURALIS_SOURCES(AURALIS_ENUM) count };
#undef AURALIS_ENUM

struct SourceInfo {
  std::string_view name;
  SourceKind kind;
  Range range;
  std::string_view meaning;
};

inline constexpr size_t source_count = static_cast<size_t>(Source::count);

#define AURALIS_INFO(name, kind, low, high, meaning) \
  SourceInfo{#name, SourceKind::kind, {low, high}, meaning},
inline constexpr std::array<SourceInfo, source_count> sources{{AURALIS_SOURCES(AURALIS_INFO)}};
#undef AURALIS_INFO

constexpr const SourceInfo& info_of(Source source) { return sources[static_cast<size_t>(source)]; }
std::optional<Source> find_source(std::string_view name);
std::span<const std::string_view> source_names();

struct Route {
  static constexpr Range periods_s{0.25, 3600.0};
  static constexpr double default_period_s = 30.0;

  VoiceParam param{};
  Source source{};
  double depth = 0.0;
  double period_s = 0.0;  // see initial_period_s
  bool own = false;       // of waves; what a note brings is always its own

  bool operator==(const Route&) const = default;
};
using Modulation = std::vector<Route>;

// What a route says, as it is written everywhere.
inline constexpr std::array<std::string_view, 5> route_fields{"param", "source", "depth", "period_s", "own"};

// Of a layer, and not of its voices: its sends, and what acts on its fader. A listener's fader is moved by nobody else.
constexpr bool belongs_to_layer(VoiceParam param) {
  return param == VoiceParam::trim_db || param == VoiceParam::duck_db ||
         voice_params[static_cast<size_t>(param)].name.ends_with("_send");
}

// What a voice takes at its onset, and keeps.
constexpr bool taken_at_onset(VoiceParam param) {
  using enum VoiceParam;
  return param == attack_s || param == decay_s || param == release_s || param == mod_attack_s ||
         param == mod_decay_s || param == mod_release_s || param == pitch_env_s;
}

constexpr bool is_own(const Route& route) {
  return info_of(route.source).kind == SourceKind::note || route.own;
}
constexpr bool is_arc(const Route& route) { return info_of(route.source).kind == SourceKind::arc; }
constexpr bool has_period(Source source) {
  return info_of(source).kind == SourceKind::wave || source == Source::arc;
}
// Where none is given; 0 leaves an arc of its own to the preset's form, and what has no period is 0.
constexpr double initial_period_s(Source source) {
  return info_of(source).kind == SourceKind::wave ? Route::default_period_s : 0.0;
}

// How far a route may move a parameter: over its whole range, either way; and the unit of that.
double greatest_depth(VoiceParam param);
std::string_view depth_unit(VoiceParam param);

// What no single field shows to be wrong: a field, and what is said of it.
struct RouteFault {
  std::string_view field;
  std::string message;  // "reverb_send is the layer's, expected own: false"
};
std::optional<RouteFault> route_fault(const Route& route);

// Without what its source has no use for.
Route settled(Route route);

// What a `patch` event carries of them.
Modulation without_arcs(const Modulation& modulation);

}  // namespace auralis
