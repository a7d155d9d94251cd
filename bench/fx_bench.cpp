// SPDX-License-Identifier: MIT
// How fast the effects and the limiter run: seconds of sound per second of one core, for each instruction set.
//   fx_bench [RATE [PART]]   PART: only the loads whose names have it
#include <ctime>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "model/rng.h"
#include "synth/fx/effects.h"
#include "synth/fx/limiter/limiter.h"

namespace {

using namespace auralis;
using P = MasterParam;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Load {
  const char* name;
  bool chorus, delay, reverb, cloud, resonators;
  double shimmer;
  bool gliding;  // every parameter of the reverb moves all the time
  double noise;  // level, of the dry bus; above 1 keeps the limiter at work
};

void fill(StereoQuantum& bus, Rng& rng, double level) {
  for (auto& side : bus) {
    for (float& x : side) x = static_cast<float>(level * rng.uniform(-1, 1));
  }
}

double real_time_factor(int rate, Isa isa, const Load& load) {
  MasterPatch patch = default_master_patch();
  patch[P::cloud_level] = 0.5f;
  patch[P::resonator_level] = 0.3f;
  patch[P::shimmer] = static_cast<float>(load.shimmer);
  EffectsControl control(rate);
  control.tune_resonators(std::vector<double>{50, 57, 62, 65});
  Effects effects(rate, isa);
  Limiter limiter(rate, isa);
  Rng rng(1, "bench");
  std::vector<Buses> inputs(16);
  for (Buses& buses : inputs) {
    fill(buses.dry, rng, load.noise);
    fill(buses.chorus, rng, load.chorus ? 0.1 : 0);
    fill(buses.delay, rng, load.delay ? 0.1 : 0);
    fill(buses.reverb, rng, load.reverb ? 0.1 : 0);
    fill(buses.cloud, rng, load.cloud ? 0.1 : 0);
    fill(buses.resonator, rng, load.resonators ? 0.1 : 0);
  }
  alignas(64) StereoQuantum mixed;
  alignas(64) StereoQuantum out;
  int64_t frame = 0;
  float kept = 0;
  const auto run = [&](double seconds) {
    const int64_t end = frame + static_cast<int64_t>(seconds * rate);
    for (; frame < end; frame += quantum_frames) {
      if (load.gliding) {
        const auto t = static_cast<float>(frame) / static_cast<float>(rate);
        patch[P::reverb_time_s] = 4 + t / 10;
        patch[P::reverb_treble] = 0.3f + t / 100;
        patch[P::reverb_low_cut_hz] = 200 + t;
      }
      control.advance(patch, frame);
      Buses buses = inputs[static_cast<size_t>(quantum_of(frame)) % inputs.size()];
      effects.process(buses, control.frame(), mixed);
      limiter.process(mixed, control.frame().limiter, out);
      kept += out[0][0];
    }
  };
  run(2);
  std::vector<double> factors;
  for (int i = 0; i < 5; ++i) {
    const double before = cpu_seconds();
    run(4);
    factors.push_back(4 / (cpu_seconds() - before));
  }
  std::sort(factors.begin(), factors.end());
  return kept == 12345 ? 0 : factors[factors.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rate = argc > 1 ? std::atoi(argv[1]) : 44100;
  const Load loads[] = {
      {"nothing sounds", false, false, false, false, false, 0, false, 0},
      {"chorus", true, false, false, false, false, 0, false, 0.1},
      {"delay, and to reverb", false, true, false, false, false, 0, false, 0.1},
      {"reverb", false, false, true, false, false, 0, false, 0.1},
      {"reverb, its parameters gliding", false, false, true, false, false, 0, true, 0.1},
      {"reverb with shimmer", false, false, true, false, false, 0.5, false, 0.1},
      {"cloud, and to reverb", false, false, false, true, false, 0, false, 0.1},
      {"resonators, and to reverb", false, false, false, false, true, 0, false, 0.1},
      {"limiter at work", false, false, false, false, false, 0, false, 3},
      {"chorus, delay, reverb, limiter at work", true, true, true, false, false, 0, false, 3},
      {"all, limiter at work", true, true, true, true, true, 0.5, false, 3},
  };
  std::printf("effects and limiter at %d Hz, times real time on one core (median of 5)\n%-40s", rate, "");
  for (int isa = 0; isa <= static_cast<int>(best_isa()); ++isa) {
    std::printf("%10s", std::string(isa_name(static_cast<Isa>(isa))).c_str());
  }
  std::printf("\n");
  const std::string part = argc > 2 ? argv[2] : "";
  for (const Load& load : loads) {
    if (std::string(load.name).find(part) == std::string::npos) continue;
    std::printf("%-40s", load.name);
    for (int isa = 0; isa <= static_cast<int>(best_isa()); ++isa) {
      std::printf("%10.0f", real_time_factor(rate, static_cast<Isa>(isa), load));
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}
