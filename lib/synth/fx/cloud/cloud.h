// SPDX-License-Identifier: MIT
// Granular cloud: grains read from the recent past; those transposed up from a band-limited copy of it.
//   grains     drawn from a hash of their number; the k-th begins when the running count of grains passes a point
//              of its own between k and k + 1, so that onsets are irregular and never pile up
//   level      as strong as what goes in, however many grains overlap; single grains keep their own level
//   overlap    asked for, grains begin at even distances, the transposed ones between the others, and each from where in its
//              reach the chord's pitches are in phase with what they are in the other grains: a tone of the chord holds still
//              instead of beating with itself, and is as strong as what goes in; what is not of the chord is softer
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "synth/fx/control_math.h"
#include "synth/fx/ring.h"
#include "synth/fx/smoothed.h"

namespace auralis {

struct Cloud {
  static constexpr VoiceParam send = VoiceParam::cloud_send;
  static constexpr bool taken_from_dry = false;
  static constexpr std::array slow{MasterParam::cloud_pitch_st};

  static constexpr int max_grains = 64;

  // Its window is (1 − u²)² where −1 < u < 1, and 0 elsewhere.
  struct Grain {
    Tap tap;
    Ramp u;
    float gain[2];
    bool filtered;  // taken from the band-limited ring, so that transposing up does not alias
  };

  // Copied by the quantum: what lies past `count` stays behind.
  struct Grains {
    Grains() = default;
    Grains(const Grains& other) { *this = other; }
    Grains& operator=(const Grains& other) {
      count = other.count;
      std::copy(other.grain, other.grain + count, grain);
      return *this;
    }
    ~Grains() = default;

    int32_t count = 0;
    Grain grain[max_grains];
  };

  struct Frame {
    Grains grains;
    SectionRamp low_pass[2];
    Ramp level;
    Ramp to_reverb;
  };

  struct State {
    explicit State(double rate);
    int64_t memory_frames() const { return plain[0].frames(); }

    Ring plain[2];
    Ring filtered[2];
    SectionState low_pass[2][2] = {};  // [section][side]
  };

  class Control {
   public:
    explicit Control(double rate);
    void tune(std::span<const double> pitches);
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    struct Live {
      double start_delay;  // frames, at its first frame
      double ratio;
      double length;  // frames
      double age;     // frames, at the start of the quantum; negative before its first frame
      std::array<float, 2> gain;
    };
    Live make_grain(const Smoothed& params, int64_t number, double age) const;
    Live make_even_grain(const Smoothed& params, int64_t number, int64_t first_frame, double age) const;
    double in_step(double nearest, double reach, double drawn, double turned) const;  // frames
    void begin_grains(const Smoothed& params, int64_t first_frame);

    double rate_;
    bool started_ = false;
    double count_ = 0;  // of grains begun
    std::vector<Live> live_;
    std::vector<double> tones_;  // of the chord, in cycles a frame
    std::array<DerivedSection, 2> low_pass_;
  };
};

namespace AURALIS_ISA {
namespace {

AURALIS_FN bool run(Cloud::State& s, const Cloud::Frame& f, int64_t frame, const StereoQuantum& in,
                    Returns& to) {
  alignas(64) StereoQuantum filtered;
  filter(s.low_pass[0], f.low_pass[0], in, filtered);
  filter(s.low_pass[1], f.low_pass[1], filtered, filtered);
  for (int side = 0; side < 2; ++side) {
    write(s.plain[side], frame, in[side]);
    write(s.filtered[side], frame, filtered[side]);
  }
  if (f.grains.count == 0 || (f.level.from == 0 && f.level.step == 0)) return true;

  alignas(64) StereoQuantum sum;
  clear(sum);
  for (int g = 0; g < f.grains.count; ++g) {
    const Cloud::Grain& grain = f.grains.grain[g];
    for (int side = 0; side < 2; ++side) {
      alignas(64) float sound[quantum_frames];
      read(grain.filtered ? s.filtered[side] : s.plain[side], frame, grain.tap, sound);
      for (int n = 0; n < quantum_frames; n += lanes) {
        const F u = at(grain.u, n);
        const F inside = higher_of(1.0f - u * u, F{});
        store(&sum[side][n],
              load<F>(&sum[side][n]) + grain.gain[side] * (inside * inside) * load<F>(sound + n));
      }
    }
  }
  scale(f.level, sum);
  mix({1, 0}, sum, to.mix);
  mix(f.to_reverb, sum, to.reverb);
  return true;
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
