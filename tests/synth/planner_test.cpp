// SPDX-License-Identifier: MIT
#include "synth/planner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "model/layer.h"
#include "model/units.h"

using namespace auralis;

namespace {

constexpr int rate = 44100;

struct Rig {
  // The plan of the next quantum.
  const QuantumPlan& next() {
    chunk.reuse();
    planner.plan(plan, chunk);
    planner.pool().end_chunk(chunk);
    return plan;
  }
  // That of the quantum with this frame.
  const QuantumPlan& at(int64_t frame) {
    while (planner.planned() <= frame / quantum_frames) next();
    return plan;
  }

  Planner planner{rate, 16, best_isa()};
  voice::Chunk chunk{planner.pool().groups()};
  QuantumPlan plan;
};

NoteEvent note(double t, uint64_t id, const std::string& layer, double dur = 1.0) {
  return {t, id, layer, 60.0, 0.5, dur, 0.0};
}

}  // namespace

TEST_CASE("A time is the nearest frame, however far and whatever its sign") {
  CHECK(frame_of(0.0, rate) == 0);
  CHECK(frame_of(1.0 / rate, rate) == 1);
  CHECK(frame_of(0.6 / rate, rate) == 1);
  CHECK(frame_of(3600.0, 48000) == 172'800'000);
  CHECK(frame_of(-1.0, rate) == 0);
  CHECK(frame_of(std::numeric_limits<double>::infinity(), 192000) == 192'000'000'000'000);
}

TEST_CASE("A note sounds from the quantum of its onset on, and no voice is taken before") {
  Rig rig;
  rig.planner.push(note(1000.0 / rate, 1, "pad"));
  rig.at(959);
  CHECK(rig.planner.pool().voices() == 0);
  CHECK(rig.planner.peak_voices() == 0);
  rig.at(960);  // 1000 lies in 960 … 1023
  CHECK(rig.planner.pool().voices() == 1);
  CHECK(rig.planner.peak_voices() == 1);
}

TEST_CASE("What comes for the past takes effect at once") {
  Rig rig;
  rig.at(rate);
  rig.planner.push(note(0.5, 1, "pad"));
  rig.next();
  CHECK(rig.planner.pool().voices() == 1);
}

TEST_CASE("Layers are numbered as they first appear, each with a fader from then on") {
  Rig rig;
  rig.planner.push(note(0.0, 1, "lead"));
  rig.planner.push(note(0.0, 2, "pad"));
  rig.planner.push(note(0.0, 3, "lead"));
  CHECK(rig.next().faders.size() == 2);
  CHECK(rig.planner.layers() == std::vector<std::string>{"lead", "pad"});
  rig.planner.push(PatchEvent{0.1, "choir", default_patch()});
  CHECK(rig.at(static_cast<int64_t>(0.1 * rate)).faders.size() == 3);
  CHECK(rig.planner.layers().back() == "choir");
}

TEST_CASE(
    "A master parameter glides from where it is and arrives when the glide is over, a patch at the start is "
    "there") {
  Rig rig;
  MasterPatch patch = default_master_patch();
  patch[MasterParam::gain_db] = -20.0F;
  rig.planner.push(PatchEvent{0.0, "master", patch});
  CHECK(rig.next().master[MasterParam::gain_db] == -20.0F);
  rig.planner.push(ChangeEvent{1.0, "master", MasterParam::gain_db, -10.0, 1.0});
  CHECK(rig.at(rate - quantum_frames).master[MasterParam::gain_db] == -20.0F);
  float before = -20.0F;
  for (int64_t frame = rate; frame < 2 * rate - quantum_frames; frame += quantum_frames) {
    const float now = rig.at(frame).master[MasterParam::gain_db];
    CHECK(now >= before);
    CHECK(now <= -10.0F);
    before = now;
  }
  CHECK(rig.at(3 * rate / 2).master[MasterParam::gain_db] <= -10.0F);
  CHECK(rig.at(2 * rate + quantum_frames).master[MasterParam::gain_db] == -10.0F);
}

TEST_CASE("A chord tunes the resonators in its quantum, and in no other") {
  Rig rig;
  rig.planner.push(ChordEvent{0.01, "Dm", "i", {50.0, 57.0}});
  CHECK_FALSE(rig.at(0).tuned);
  const QuantumPlan& plan = rig.at(441);
  CHECK(plan.tuned);
  CHECK(plan.pitches == std::vector<double>{50.0, 57.0});
  CHECK_FALSE(rig.next().tuned);
}

TEST_CASE("A planner that is copied plans on as its original") {
  Rig original;
  for (uint64_t id = 1; id <= 12; ++id)
    original.planner.push(note(0.1 * static_cast<double>(id), id, id % 2 == 0 ? "pad" : "bells", 0.2));
  original.planner.push(ChangeEvent{0.3, "master", MasterParam::gain_db, -10.0, 1.0});
  original.at(rate / 2);
  Rig copy;
  copy.planner = original.planner;
  for (int quantum = 0; quantum < 700; ++quantum) {
    const MasterPatch& master = original.next().master;
    CHECK(copy.next().master[MasterParam::gain_db] == master[MasterParam::gain_db]);
    CHECK(copy.planner.pool().voices() == original.planner.pool().voices());
  }
  CHECK(copy.planner.peak_voices() == original.planner.peak_voices());
  CHECK(original.planner.peak_voices() == 12);
}

TEST_CASE(
    "Low hits push down the layers that ask for it, by their duck_db and no more, and let them come back") {
  const auto gains = [](double duck_db, double vel) {
    Rig rig;
    Patch pad = builtin_patch("pad");
    pad[VoiceParam::duck_db] = static_cast<float>(duck_db);
    rig.planner.push(PatchEvent{0.0, "pad", pad});
    rig.planner.push(PatchEvent{0.0, "low", builtin_patch("low")});
    NoteEvent hit = note(1.0, 1, "low");
    hit.vel = vel;
    rig.planner.push(hit);
    std::vector<double> db;
    for (int64_t frame = 0; frame < 9 * rate; frame += quantum_frames) {
      Buses buses{};
      alignas(64) StereoQuantum layer;
      for (auto& side : layer) std::fill_n(side, quantum_frames, 1.0F);
      rig.at(frame).faders[0].mix(best_isa(), layer, buses);
      db.push_back(gain_to_db(static_cast<double>(buses.dry[0][0])));
    }
    return db;
  };
  const std::vector<double> still = gains(0.0, 1.0);
  CHECK(*std::min_element(still.begin(), still.end()) == still.front());
  for (const double vel : {1.0, 0.5}) {
    const std::vector<double> ducked = gains(9.0, vel);
    const double deepest = ducked.front() - *std::min_element(ducked.begin(), ducked.end());
    CHECK(deepest < 9.0 * vel);
    CHECK(deepest > 7.0 * vel);
    const size_t hit = rate / quantum_frames;
    for (size_t q = 0; q < hit; ++q) CHECK(ducked[q] == ducked.front());
    double step = 0.0;
    for (size_t q = 1; q < ducked.size(); ++q) step = std::max(step, std::abs(ducked[q] - ducked[q - 1]));
    CHECK(step < 0.3);  // 1.5 ms
    CHECK(ducked.back() == doctest::Approx(ducked.front()).epsilon(0.001));
  }
}
