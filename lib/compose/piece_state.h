// SPDX-License-Identifier: MIT
// What is being played, as values: the composer writes it, every owner and every part may read it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "compose/preset/preset.h"
#include "compose/tempo.h"
#include "compose/theory/scale.h"
#include "compose/timeline.h"
#include "model/control.h"
#include "model/layer.h"
#include "model/tuning.h"
#include "model/units.h"

namespace auralis {

// What a listener set of a layer, and when it may first enter.
struct LayerSwitch {
  std::optional<bool> requested;  // on or off, by the listener; else as the preset says
  double gain_db = 0.0;
  double entry_s = 0.0;
};

struct PieceState {
  Preset preset;
  Mix mix;  // of presets, where `preset` is one of several
  bool has_melody = true;
  Scale scale;
  std::string key;
  double intensity = 0.5;
  Tuning tuning = equal_temperament();
  double reference_hz = standard_hz;
  double volume_db = 0.0;
  Tempo tempo;
  Timeline time;
  std::array<LayerSwitch, layer_count> switches{};

  LayerSwitch& switch_of(Layer layer) { return switches[static_cast<size_t>(layer)]; }
  const LayerSwitch& switch_of(Layer layer) const { return switches[static_cast<size_t>(layer)]; }

  bool on(Layer layer) const {
    if (layer == Layer::lead && !has_melody) return false;
    return switch_of(layer).requested.value_or(preset.layer(layer).on);
  }
  double trim_db(Layer layer) const {
    if (switch_of(layer).requested == false || volume_db <= silence_db) return silence_db;
    return std::max(switch_of(layer).gain_db + volume_db, silence_db);
  }
  // Every control of the table, where it stands, as listeners are shown it.
  Control controls() const {
    Control all;
    all[ControlId::key] = key;
    all[ControlId::mode] = std::string(scale.mode->name);
    all[ControlId::bpm] = std::round(tempo.bpm * 100) / 100;
    all[ControlId::intensity] = std::round(intensity * 1000) / 1000;
    all[ControlId::preset] = preset.name;
    all[ControlId::mix] = mix.empty() ? Mix{{preset.name, 1.0}} : mix;
    all[ControlId::tuning] = tuning.name;
    all[ControlId::reference] = reference_hz;
    all[ControlId::volume] = volume_db;
    for (Layer layer : all_layers)
      all.layers[std::string(name_of(layer))] = {on(layer), switch_of(layer).gain_db};
    return all;
  }
  // How far a listener has moved the intensity from the preset's.
  double intensity_offset() const { return intensity - preset.intensity; }
};

}  // namespace auralis
