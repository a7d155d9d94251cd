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
        bins(static_cast<size_t>(count) / 2 + 1),
        power(bins.size()) {
    double squares = 0.0;
    for (size_t i = 0; i < window.size(); ++i) {
      const double w = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / count);
      window[i] = static_cast<float>(w);
      squares += w * w;
    }
    // The bins between the first and the last stand for their mirror images, too.
    scale = static_cast<float>(std::sqrt(2.0 / (squares * count)));
    edge_scale = static_cast<float>(std::sqrt(1.0 / (squares * count)));
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
  std::vector<std::complex<float>> bins;
  std::vector<float> power;
  float scale = 1.0f;
  float edge_scale = 1.0f;
};

Spectrum::Spectrum(int frames) : impl_(std::make_unique<Impl>(frames)) {}
Spectrum::~Spectrum() = default;
Spectrum::Spectrum(Spectrum&&) noexcept = default;
Spectrum& Spectrum::operator=(Spectrum&&) noexcept = default;

int Spectrum::frames() const { return impl_->frames; }

std::span<const std::complex<float>> Spectrum::bins(std::span<const float> samples) {
  assert(samples.size() == impl_->window.size());
  for (size_t i = 0; i < samples.size(); ++i) impl_->in[i] = samples[i] * impl_->window[i];
  fftwf_execute(impl_->plan);
  const size_t last = impl_->bins.size() - 1;
  const bool last_is_edge = impl_->frames % 2 == 0;
  for (size_t i = 0; i <= last; ++i) {
    const float scale = i == 0 || (i == last && last_is_edge) ? impl_->edge_scale : impl_->scale;
    impl_->bins[i] = {impl_->out[i][0] * scale, impl_->out[i][1] * scale};
  }
  return impl_->bins;
}

std::span<const float> Spectrum::power(std::span<const float> samples) {
  const std::span<const std::complex<float>> values = bins(samples);
  for (size_t i = 0; i < values.size(); ++i) impl_->power[i] = std::norm(values[i]);
  return impl_->power;
}

}  // namespace auralis
