// SPDX-License-Identifier: MIT
#include "compose/preset/preset_mix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "compose/event_queue.h"
#include "model/maths.h"
#include "model/units.h"

namespace auralis {
namespace {

// Something of one part, and how much of the whole that part is.
template <typename T>
struct Weighed {
  T* of;
  double weight;  // the weights are 1 together
};

template <typename T>
void settle(std::vector<Weighed<T>>& all) {
  double sum = 0.0;
  for (const Weighed<T>& one : all) sum += one.weight;
  for (Weighed<T>& one : all) one.weight /= sum;
}

template <typename T>
const T& largest(const std::vector<Weighed<T>>& all) {
  return *std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
            return a.weight < b.weight;
          })->of;
}

// The mean of at(part) over all parts.
template <typename T, typename At>
double mean(const std::vector<Weighed<T>>& all, const At& at) {
  double sum = 0.0;
  for (const Weighed<T>& one : all) sum += one.weight * at(*one.of);
  return rounded(sum);
}

template <typename T>
void mix_fields(std::vector<Weighed<T>>& all, std::span<const Field<T>> fields, T& into) {
  for (const Field<T>& field : fields) {
    if (const auto* at = std::get_if<double& (*)(T&)>(&field.access)) {
      (*at)(into) = mean(all, [&](T& of) { return (*at)(of); });
    } else if (const auto* range = std::get_if<Range& (*)(T&)>(&field.access)) {
      (*range)(into) = {mean(all, [&](T& of) { return (*range)(of).low; }),
                        mean(all, [&](T& of) { return (*range)(of).high; })};
    }
  }
}

double mixed_value(const std::vector<Weighed<const float>>& all, const ParamInfo& info) {
  if (std::all_of(all.begin(), all.end(), [&](const auto& one) { return *one.of == *all.front().of; }))
    return static_cast<double>(*all.front().of);
  const bool logarithmic = info.curve == Curve::logarithmic;
  double sum = 0.0;
  for (const Weighed<const float>& one : all) {
    const auto x = static_cast<double>(*one.of);
    sum += one.weight * (logarithmic ? maths::log2(x) : x);
  }
  return rounded(std::clamp(logarithmic ? maths::exp2(sum) : sum, info.min, info.max));
}

template <typename T, typename Values, size_t Count>
void mix_params(const std::vector<Weighed<T>>& all, Values T::*values,
                const std::array<ParamInfo, Count>& table, T& into) {
  for (size_t p = 0; p < Count; ++p) {
    std::vector<Weighed<const float>> each;
    for (const Weighed<T>& one : all) each.push_back({&(one.of->*values).values[p], one.weight});
    (into.*values).values[p] = static_cast<float>(mixed_value(each, table[p]));
  }
}

LayerPlan mixed_layer(std::vector<Weighed<LayerPlan>> all, const LayerPlan& unused) {
  double used = 0.0;
  std::vector<Weighed<LayerPlan>> on;
  for (const Weighed<LayerPlan>& one : all) {
    if (!one.of->on) continue;
    on.push_back(one);
    used += one.weight;
  }
  if (on.empty()) return unused;
  settle(on);
  LayerPlan plan = largest(on);
  mix_fields(on, layer_fields(), plan);
  mix_params(on, &LayerPlan::sound, voice_params, plan);
  float& gain = plan.sound[VoiceParam::gain_db];
  const ParamInfo& range = voice_params[static_cast<size_t>(VoiceParam::gain_db)];
  if (on.size() < all.size())
    gain = static_cast<float>(
        rounded(std::clamp(static_cast<double>(gain) + power_to_db(used), range.min, range.max)));
  return plan;
}

}  // namespace

Preset mixed(std::span<const MixPart> parts) {
  std::vector<Preset> presets;  // fields are reached as those of a variable
  for (const MixPart& part : parts) presets.push_back(*part.preset);
  std::vector<Weighed<Preset>> all;
  for (size_t i = 0; i < parts.size(); ++i) all.push_back({&presets[i], parts[i].share});
  settle(all);
  const Preset& nearest = largest(all);
  if (all.size() == 1) return nearest;
  Preset out = nearest;
  mix_fields(all, preset_fields(), out);
  mix_params(all, &Preset::master, master_params, out);
  out.reference_hz = nearest.reference_hz;
  // Minutes between events, of which 0 means never: there is nothing between.
  out.harmony.modulate_min = nearest.harmony.modulate_min;
  out.form.wave_min = nearest.form.wave_min;
  out.form.sink_min = nearest.form.sink_min;
  for (const MasterParam param : {MasterParam::delay_left_s, MasterParam::delay_right_s})
    out.master[param] = nearest.master[param];
  for (size_t i = 0; i < layer_count; ++i) {
    std::vector<Weighed<LayerPlan>> layers;
    for (const Weighed<Preset>& one : all) layers.push_back({&one.of->layers[i], one.weight});
    out.layers[i] = mixed_layer(layers, nearest.layers[i]);
  }
  if (preset_fault(out)) {  // the pads of each have room, but not those between them
    out.pad = nearest.pad;
    out.layer(Layer::pad).pitches = nearest.layer(Layer::pad).pitches;
  }
  return out;
}

}  // namespace auralis
