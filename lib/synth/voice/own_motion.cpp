// SPDX-License-Identifier: MIT
#include "synth/voice/own_motion.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "synth/modulation/waves.h"
#include "synth/voice/lane_step.h"

namespace auralis::voice {
namespace {

double* rows_of(PatchParams& params) { return reinterpret_cast<double*>(&params); }
const double* rows_of(const PatchParams& params) { return reinterpret_cast<const double*>(&params); }

constexpr uint64_t row_bits(size_t offset, size_t bytes) {
  return ((uint64_t{1} << bytes / sizeof(double)) - 1) << offset / sizeof(double);
}

// What is as of the last knot.
constexpr uint64_t held_rows = row_bits(offsetof(PatchParams, amp), sizeof(EnvelopeParams<1>)) |
                               row_bits(offsetof(PatchParams, mod), sizeof(EnvelopeParams<1>)) |
                               row_bits(offsetof(PatchParams, pitch_env_rate), sizeof(double)) |
                               row_bits(offsetof(PatchParams, pitch_env_quantum), sizeof(double)) |
                               row_bits(offsetof(PatchParams, mod_depth), sizeof(double)) |
                               row_bits(offsetof(PatchParams, fastest), sizeof(double));

}  // namespace

void OwnMotion::begin(const Note& note, int64_t quantum, int rate, const LayerSound& layer) {
  *this = {};
  begun_ = true;
  rate_ = rate;
  note_ = note;
  onset_ = from_quantum_ = knot_ = quantum;
  held_ = layer.is.params;
  modulated_ = layer.is.levels.modulated;
  std::copy(std::begin(layer.is.levels.rows), std::end(layer.is.levels.rows), level_from_);
  unison_from_ = unison_of(layer.is.patch);
  unison_step_ = {.count = 0.0, .half_spread_oct = 0.0, .width = 0.0};
  asked_from_ = source::asked_of(layer.is.patch);
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
  Patch patch = layer.is.patch;
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
  Rows rows{same_envelopes(patch, layer.is.patch) ? params_of(patch, rate_, layer.is.envelopes)
                                                  : params_of(patch, rate_),
            levels_of(patch),
            unison_of(patch),
            {}};
  if (layer.sourced) rows.asked = source::asked_of(patch);
  baseline::add_note(rows.params, touch_of(patch), note_.pitch, note_.vel, note_.pan);
  const auto gain_db = [](const Patch& of) { return static_cast<double>(of[VoiceParam::gain_db]); };
  rows.params.level[0] *= baseline::gain_of_db(gain_db(patch) - gain_db(layer.is.patch));
  return rows;
}

RowSet OwnMotion::set_out(const LayerSound& layer, int64_t now, int64_t knot, const Envelopes& envelopes,
                          bool fresh) {
  moving_ = {};
  PatchParams base = layer.is.params;
  baseline::add_note(base, layer.is.touch, note_.pitch, note_.vel, note_.pan);
  const auto from = [&](int row, const Rows& at) { return rows_of(at.params)[row] - rows_of(base)[row]; };
  const Rows to = rows_at(layer, knot, envelopes);
  const Rows begins = fresh ? rows_at(layer, now, envelopes) : Rows{};
  const double quanta = static_cast<double>(knot - now);
  for (int row = 0; row < param_rows; ++row) {
    const double at = fresh ? from(row, begins) : difference(row, now);
    step_[row] = (from(row, to) - at) / quanta;
    from_[row] = at;
    moving_.params |= static_cast<uint64_t>(step_[row] != 0.0) << row;
  }
  for (int row = 0; row < level_rows; ++row) {
    const float at = fresh ? begins.levels.rows[row] : level(row, now);
    level_step_[row] = (to.levels.rows[row] - at) / static_cast<float>(quanta);
    level_from_[row] = at;
    moving_.levels |= (level_step_[row] != 0.0F ? 1u : 0u) << row;
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
  moving_.params &= ~held_rows;
  const bool modulated = modulated_ || to.levels.modulated || begins.levels.modulated;
  const RowSet changed{.params = different_rows(held_, to.params) & held_rows,
                       .modulated = modulated != modulated_};
  modulated_ = modulated;
  held_ = to.params;
  from_quantum_ = now;
  knot_ = knot;
  return changed;
}

source::Asked OwnMotion::asked(int64_t quantum) const {
  source::Asked at = asked_from_;
  const auto since = static_cast<double>(quantum - from_quantum_);
  for (size_t i = 0; i < source::row_count; ++i)
    at.rows[i] += asked_step_.rows[i] * static_cast<float>(since);
  at.raise_oct += asked_step_.raise_oct * since;
  return at;
}

void OwnMotion::move(PatchParams& rows, uint64_t which, int64_t quantum) const {
  for (uint64_t left = which & ~held_rows; left != 0; left &= left - 1) {
    const int row = std::countr_zero(left);
    rows_of(rows)[row] += difference(row, quantum);
  }
  if ((which & held_rows) == 0) return;
  rows.amp = held_.amp;
  rows.mod = held_.mod;
  rows.pitch_env_rate[0] = held_.pitch_env_rate[0];
  rows.pitch_env_quantum[0] = held_.pitch_env_quantum[0];
  rows.mod_depth[0] = held_.mod_depth[0];
  rows.fastest[0] = held_.fastest[0];
}

}  // namespace auralis::voice
