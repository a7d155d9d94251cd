// SPDX-License-Identifier: MIT
// The pitch of notes: where they sound, and how they glide.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "synth/pieces.h"
#include "synth/spectrum.h"

using namespace auralis;
using auralis::testing::rendered;
using auralis::testing::spectrum;

namespace {

constexpr int rate = 44100;

Patch sine() {
  Patch patch = default_patch();
  patch[VoiceParam::osc1_shape] = 0.0F;
  patch[VoiceParam::osc2_level] = 0.0F;
  patch[VoiceParam::attack_s] = 0.01F;
  patch[VoiceParam::sustain] = 1.0F;
  patch[VoiceParam::vibrato_cents] = 0.0F;
  patch[VoiceParam::detune_cents] = 0.0F;
  patch[VoiceParam::drift_cents] = 0.0F;
  // A filter that moves turns the phase.
  for (const VoiceParam moves :
       {VoiceParam::filter_lfo_oct, VoiceParam::filter_env_oct, VoiceParam::pan_lfo_depth})
    patch[moves] = 0.0F;
  for (const VoiceParam send : {VoiceParam::reverb_send, VoiceParam::delay_send}) patch[send] = 0.0F;
  return patch;
}

std::vector<float> left_of(const std::vector<Event>& events) {
  RenderSettings settings;
  settings.rate = rate;
  const std::vector<float> stereo = rendered(events, settings);
  std::vector<float> left;
  for (size_t i = 0; i < stereo.size(); i += 2) left.push_back(stereo[i]);
  return left;
}

// The strongest sine's frequency: the window's peak, of which three bins in decibels are a parabola.
double hz_of(const std::vector<float>& x, size_t from, size_t n) {
  const std::vector<double> bins = spectrum(x.data() + from, n);
  size_t peak = 1;
  for (size_t k = 1; k + 1 < bins.size(); ++k) peak = bins[k] > bins[peak] ? k : peak;
  const double a = std::log(bins[peak - 1]), b = std::log(bins[peak]), c = std::log(bins[peak + 1]);
  return (static_cast<double>(peak) + 0.5 * (a - c) / (a - 2 * b + c)) * rate / static_cast<double>(n);
}

double cents_off(double hz, double pitch) {
  return 1200.0 * std::log2(hz / (440.0 * std::exp2((pitch - 69.0) / 12.0)));
}

}  // namespace

TEST_CASE("A steady tone sounds within a hundredth of a cent of its pitch") {
  for (const double pitch : {45.0, 57.317667, 69.0, 68.682333, 76.0195, 84.5}) {
    std::vector<Event> events{StartEvent{}, PatchEvent{0.0, "lead", sine()},
                              NoteEvent{0.0, 1, "lead", pitch, 0.8, 4.0}, EndEvent{4.0}};
    const double hz = hz_of(left_of(events), rate / 2, size_t{1} << 17);
    CHECK_MESSAGE(std::abs(cents_off(hz, pitch)) < 0.01, pitch << " is off by " << cents_off(hz, pitch));
  }
}

TEST_CASE("A bent note arrives at its pitch, goes there without a step, and others stay") {
  const std::vector<Event> events{StartEvent{},
                                  PatchEvent{0.0, "lead", sine()},
                                  NoteEvent{0.0, 1, "lead", 69.0, 0.8, 8.0},
                                  BendEvent{1.0, 1, 69.5, 1.5},
                                  BendEvent{1.0, 99, 30.0, 1.5},
                                  EndEvent{8.0}};
  const std::vector<float> x = left_of(events);
  CHECK(std::abs(cents_off(hz_of(x, 3 * rate, size_t{1} << 17), 69.5)) < 0.01);
  // A sine of at most 453 Hz changes its slope by no more than its curvature in a frame.
  const double w = 2.0 * M_PI * 453.0 / rate;
  float peak = 0.0F;
  for (const float v : x) peak = std::max(peak, std::abs(v));
  double worst = 0.0;
  for (size_t i = rate / 2; i + 1 < 3 * size_t{rate}; ++i)
    worst = std::max(worst, std::abs(static_cast<double>(x[i + 1] - 2.0F * x[i] + x[i - 1])));
  CHECK(worst < 1.05 * w * w * static_cast<double>(peak));
}

TEST_CASE("A bend of one note of a chord leaves the other where it is") {
  std::vector<Event> events{StartEvent{},
                            PatchEvent{0.0, "pad", sine()},
                            NoteEvent{0.0, 1, "pad", 69.0, 0.8, 8.0},
                            NoteEvent{0.0, 2, "pad", 57.0, 0.2, 8.0},
                            BendEvent{1.0, 2, 55.0, 0.5},
                            EndEvent{8.0}};
  CHECK(std::abs(cents_off(hz_of(left_of(events), 3 * rate, size_t{1} << 17), 69.0)) < 0.01);
  events[2] = NoteEvent{0.0, 1, "pad", 69.0, 0.05, 8.0};
  events[3] = NoteEvent{0.0, 2, "pad", 57.0, 0.9, 8.0};
  CHECK(std::abs(cents_off(hz_of(left_of(events), 3 * rate, size_t{1} << 17), 55.0)) < 0.01);
}
