// SPDX-License-Identifier: MIT
// How a piece's granular cloud sounds on a steady tone: reads events, writes one line of JSON.
//   overlap      grains at once, on average: as asked for, or their number a second times their length; 0 where the cloud is
//                not heard
//   am_percent   a tone of the chord into the cloud alone, for a minute, no grain transposed: the rms of each 20 ms of both
//                sides, as the depth of the sine that would swing as much
//   auralis-compose --preset aurora --duration 10s | grain_report
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "model/event.h"
#include "model/event_stream.h"
#include "synth/fx/rig.h"

namespace {

using namespace auralis;
using namespace auralis::test;
using P = MasterParam;

constexpr int rate = 44100;

MasterPatch master_of(const std::string& events) {
  MasterPatch master = default_master_patch();
  bool found = false;
  EventReader reader("-");
  const auto take = [&](Event&& event) {
    const auto* patch = std::get_if<PatchEvent>(&event);
    if (patch == nullptr || found || !std::holds_alternative<MasterPatch>(patch->params)) return;
    master = std::get<MasterPatch>(patch->params);
    found = true;
  };
  reader.feed(events, take);
  reader.finish(take);
  return master;
}

double am_percent(MasterPatch master) {
  const MasterPatch plain = plain_master();
  for (const P p : {P::cloud_level, P::cloud_to_reverb, P::gain_db}) master[p] = plain[p];
  master[P::cloud_pitch_st] = 0;
  Rig rig(rate, master);
  rig.control.tune_resonators(std::vector<double>{45, 57, 60, 64});
  const double hz = midi_to_hz(57);
  rig.run(10, sine(&Buses::cloud, hz, rate));
  const Stereo x = rig.run(60, sine(&Buses::cloud, hz, rate));
  constexpr size_t step = rate / 50;
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (size_t at = 0; at + step <= x[0].size(); at += step) {
    const double now = std::sqrt(power(x[0], at, at + step) + power(x[1], at, at + step));
    sum += now;
    squares += now * now;
    ++count;
  }
  const double mean = sum / count;
  return 100 * std::sqrt(2 * std::max(0.0, squares / count - mean * mean)) / mean;
}

}  // namespace

int main() {
  const std::string events{std::istreambuf_iterator<char>(std::cin), {}};
  const MasterPatch master = master_of(events);
  if (master[P::cloud_level] == 0.0f) {
    std::printf("{\"overlap\": 0, \"am_percent\": null}\n");
    return 0;
  }
  const double drawn = static_cast<double>(master[P::cloud_density_hz] * master[P::cloud_size_ms]) / 1000;
  const double even = static_cast<double>(master[P::cloud_overlap]);
  const double overlap = even > 0.0 ? even : drawn;
  std::printf("{\"overlap\": %.2f, \"am_percent\": %.1f}\n", overlap, am_percent(master));
}
