// SPDX-License-Identifier: MIT
#include "synth/voice/own_motion.h"

#include <algorithm>

#include "synth/modulation/waves.h"
#include "synth/voice/lane_step.h"

namespace auralis::voice {
namespace {

double* rows_of(PatchParams& params) { return reinterpret_cast<double*>(&params); }
const double* rows_of(const PatchParams& params) { return reinterpret_cast<const double*>(&params); }

}  // namespace

void OwnMotion::begin(const Note& note, int64_t quantum, int rate, const LayerSound& layer) {
  *this = {};
  begun_ = true;
  rate_ = rate;
  note_ = note;
  onset_ = from_quantum_ = knot_ = quantum;
  held_ = layer.params;
  modulated_ = layer.levels.modulated;
  std::copy(std::begin(layer.levels.rows), std::end(layer.levels.rows), level_from_);
  unison_from_ = unison_of(layer.patch);
  unison_step_ = {.count = 0.0, .half_spread_oct = 0.0, .width = 0.0};
  asked_from_ = source::asked_of(layer.patch);
}

double OwnMotion::source_at(const modulation::MovingRoute& route, int64_t quantum,
                            const Envelopes& envelopes) const {
  const uint64_t key = modulation::key_of(route.key, note_.id);
  switch (route.source) {
    case Source::amp_env:
      return envelopes.amp;
    case Source::mod_env:
      return envelopes.mod;
    case Source::velocity:
      return note_.vel;
    case Source::key:
      return (note_.pitch - 60.0) / 12.0;
    case Source::random:
      return modulation::drawn(key);
    default: {
      const int64_t at = taken_at_onset(route.param) ? onset_ : quantum;
      const double t_s = static_cast<double>(at * quantum_frames) / rate_;
      return modulation::wave_at(route.source, key, t_s, route.period_s);
    }
  }
}

Patch OwnMotion::patch_at(const LayerSound& layer, int64_t quantum, const Envelopes& envelopes) const {
  Patch patch = layer.patch;
  for (auto route = layer.routes.begin(); route != layer.routes.end();) {
    const VoiceParam param = route->param;
    double offset = 0.0;
    for (; route != layer.routes.end() && route->param == param; ++route)
      offset += route->depth_at(quantum) * source_at(*route, quantum, envelopes);
    patch[param] = modulation::moved(param, patch[param], offset);
  }
  return patch;
}

OwnMotion::Rows OwnMotion::rows_at(const LayerSound& layer, int64_t quantum,
                                   const Envelopes& envelopes) const {
  const Patch patch = patch_at(layer, quantum, envelopes);
  Rows rows{params_of(patch, rate_), levels_of(patch), unison_of(patch), {}};
  if (layer.sourced) rows.asked = source::asked_of(patch);
  baseline::add_note(rows.params, touch_of(patch), note_.pitch, note_.vel, note_.pan);
  const auto gain_db = [](const Patch& of) { return static_cast<double>(of[VoiceParam::gain_db]); };
  rows.params.level[0] *= baseline::gain_of_db(gain_db(patch) - gain_db(layer.patch));
  return rows;
}

void OwnMotion::set_out(const LayerSound& layer, int64_t now, int64_t knot, const Envelopes& envelopes,
                        bool fresh) {
  PatchParams base = layer.params;
  baseline::add_note(base, layer.touch, note_.pitch, note_.vel, note_.pan);
  const auto from = [&](int row, const Rows& at) { return rows_of(at.params)[row] - rows_of(base)[row]; };
  const Rows to = rows_at(layer, knot, envelopes);
  const Rows begins = fresh ? rows_at(layer, now, envelopes) : Rows{};
  const double quanta = static_cast<double>(knot - now);
  for (int row = 0; row < param_rows; ++row) {
    const double at = fresh ? from(row, begins) : difference(row, now);
    step_[row] = (from(row, to) - at) / quanta;
    from_[row] = at;
  }
  for (int row = 0; row < level_rows; ++row) {
    const float at = fresh ? begins.levels.rows[row] : level(row, now);
    level_step_[row] = (to.levels.rows[row] - at) / static_cast<float>(quanta);
    level_from_[row] = at;
  }
  const PatchUnison unison_now = fresh ? begins.unison : unison(now);
  each_unison([&](double PatchUnison::*member) {
    unison_step_.*member = (to.unison.*member - unison_now.*member) / quanta;
  });
  unison_from_ = unison_now;
  if (layer.sourced) {
    const source::Asked asked_now = fresh ? begins.asked : asked(now);
    for (size_t i = 0; i < source::row_count; ++i)
      asked_step_.rows[i] = (to.asked.rows[i] - asked_now.rows[i]) / static_cast<float>(quanta);
    asked_step_.raise_oct = (to.asked.raise_oct - asked_now.raise_oct) / quanta;
    asked_from_ = asked_now;
  }
  modulated_ = modulated_ || to.levels.modulated || begins.levels.modulated;
  held_ = to.params;
  from_quantum_ = now;
  knot_ = knot;
}

source::Asked OwnMotion::asked(int64_t quantum) const {
  source::Asked at = asked_from_;
  const auto since = static_cast<double>(quantum - from_quantum_);
  for (size_t i = 0; i < source::row_count; ++i)
    at.rows[i] += asked_step_.rows[i] * static_cast<float>(since);
  at.raise_oct += asked_step_.raise_oct * since;
  return at;
}

void OwnMotion::move(PatchParams& rows, int64_t quantum) const {
  for (int row = 0; row < param_rows; ++row) rows_of(rows)[row] += difference(row, quantum);
  rows.amp = held_.amp;
  rows.mod = held_.mod;
  rows.pitch_env_rate[0] = held_.pitch_env_rate[0];
  rows.pitch_env_quantum[0] = held_.pitch_env_quantum[0];
  rows.mod_depth[0] = held_.mod_depth[0];
  rows.fastest[0] = held_.fastest[0];
}

}  // namespace auralis::voice
