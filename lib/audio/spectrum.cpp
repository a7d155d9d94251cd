// SPDX-License-Identifier: MIT
#include "audio/spectrum.h"

#include <fftw3.h>

#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

namespace auralis {

struct Spectrum::Impl {
  explicit Impl(int count)
      : frames(count),
        window(static_cast<size_t>(count)),
        in(fftwf_alloc_real(static_cast<size_t>(count))),
        out(fftwf_alloc_complex(static_cast<size_t>(count) / 2 + 1)),
        // Estimated, not timed: the same sums on every run.
        plan(fftwf_plan_dft_r2c_1d(count, in, out, FFTW_ESTIMATE)),
        power(static_cast<size_t>(count) / 2 + 1) {
    double squares = 0.0;
    for (size_t i = 0; i < window.size(); ++i) {
      const double w = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / count);
      window[i] = static_cast<float>(w);
      squares += w * w;
    }
    scale = static_cast<float>(1.0 / (squares * count));
  }
  ~Impl() {
    fftwf_destroy_plan(plan);
    fftwf_free(in);
    fftwf_free(out);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int frames;
  std::vector<float> window;
  float* in;
  fftwf_complex* out;
  fftwf_plan plan;
  std::vector<float> power;
  float scale = 1.0f;
};

Spectrum::Spectrum(int frames) : impl_(std::make_unique<Impl>(frames)) {}
Spectrum::~Spectrum() = default;

int Spectrum::frames() const { return impl_->frames; }

std::span<const float> Spectrum::power(std::span<const float> samples) {
  assert(samples.size() == impl_->window.size());
  for (size_t i = 0; i < samples.size(); ++i) impl_->in[i] = samples[i] * impl_->window[i];
  fftwf_execute(impl_->plan);
  const size_t last = impl_->power.size() - 1;
  for (size_t i = 0; i <= last; ++i) {
    const float re = impl_->out[i][0];
    const float im = impl_->out[i][1];
    const float sides = i == 0 || i == last ? 1.0f : 2.0f;
    impl_->power[i] = (re * re + im * im) * impl_->scale * sides;
  }
  return impl_->power;
}

}  // namespace auralis
