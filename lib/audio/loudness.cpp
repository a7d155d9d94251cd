// SPDX-License-Identifier: MIT
#include "audio/loudness.h"

#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "model/units.h"

namespace auralis {

struct LoudnessMeter::Impl {
  Impl(int rate, int channels, int mode)
      : state(ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(rate), mode)) {
    if (state == nullptr) throw std::bad_alloc();
  }
  ~Impl() { ebur128_destroy(&state); }

  ebur128_state* state;
};

LoudnessMeter::LoudnessMeter(int rate, int channels, Of of)
    : impl_(std::make_unique<Impl>(rate, channels,
                                   of == Of::integrated
                                       ? EBUR128_MODE_I
                                       : EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK)) {}
LoudnessMeter::~LoudnessMeter() = default;

void LoudnessMeter::add(std::span<const float> interleaved) {
  if (ebur128_add_frames_float(impl_->state, interleaved.data(),
                               interleaved.size() / impl_->state->channels) != 0) {
    throw std::bad_alloc();
  }
}

double LoudnessMeter::integrated_lufs() const {
  double lufs = -HUGE_VAL;
  ebur128_loudness_global(impl_->state, &lufs);
  return lufs;
}

double LoudnessMeter::range_lu() const {
  double lu = 0.0;
  ebur128_loudness_range(impl_->state, &lu);
  return lu;
}

double LoudnessMeter::true_peak_dbtp() const {
  double highest = 0.0;
  for (unsigned channel = 0; channel < impl_->state->channels; ++channel) {
    double peak = 0.0;
    ebur128_true_peak(impl_->state, channel, &peak);
    highest = std::max(highest, peak);
  }
  return gain_to_db(highest);
}

}  // namespace auralis
