// SPDX-License-Identifier: MIT
// On a CUDA device, where there is one; without, the cases say so and pass.
#ifdef AURALIS_CUDA
#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <cuda_runtime_api.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "model/layer.h"
#include "model/rng.h"
#include "synth/renderer.h"
#include "synth/voice/pool.h"
#include "torch/device.h"
#include "torch/voice/note_batch.h"

using namespace auralis;
using namespace auralis::voice;

namespace {

constexpr int rate = 44100;

bool device_missing() {
  if (at::hasCUDA()) return false;
  MESSAGE("no CUDA device here: not run");
  return true;
}

// As fast as a voice's modulation can be, among others that are not.
Patch zap() {
  Patch patch = builtin_patch("low");
  patch[VoiceParam::pitch_env_st] = 48.0F;
  patch[VoiceParam::pitch_env_s] = 0.002F;
  patch[VoiceParam::filter_env_oct] = 6.0F;
  patch[VoiceParam::mod_attack_s] = 0.003F;
  patch[VoiceParam::mod_decay_s] = 0.1F;
  return patch;
}

// Every layer's own sound but for a zap, notes that begin and end anywhere, glides, a new patch in the middle.
std::vector<Event> lively_piece(double seconds) {
  Rng chance(5, "lively");
  std::vector<Event> events{StartEvent{}, PatchEvent{0.0, "low", zap()}};
  uint64_t id = 0;
  bool moved = false;
  for (double t = 0.0; t < seconds; t += 0.04 + 0.1 * chance.uniform()) {
    const std::string layer(layer_names()[static_cast<size_t>(chance.uniform() * layer_names().size())]);
    if (!moved && t > seconds / 2) {
      moved = true;
      events.push_back(ChangeEvent{t, "pad", VoiceParam::cutoff_hz, 3000.0, 1.0});
      events.push_back(PatchEvent{t, "lead", builtin_patch("bells")});
    }
    events.push_back(NoteEvent{t, ++id, layer, 30.0 + 60.0 * chance.uniform(), chance.uniform(),
                               0.05 + 3.0 * chance.uniform(), chance.uniform() - 0.5});
  }
  events.emplace_back(EndEvent{seconds});
  return events;
}

std::shared_ptr<const Device> opened(const std::string& device) {
  return device == "cpu" ? nullptr : open_device(device);
}

std::vector<float> rendered(const std::vector<Event>& events, const std::string& device, int64_t block) {
  Renderer renderer({.device = opened(device), .max_voices = 64});
  for (const Event& event : events) renderer.push(event);
  std::vector<float> sound;
  while (!renderer.finished()) {
    const int64_t frames = std::min(block, renderer.ready_frames());
    sound.resize(sound.size() + static_cast<size_t>(2 * frames));
    renderer.render(frames, sound.data() + sound.size() - 2 * frames);
  }
  return sound;
}

// Layer by layer, each with the silence before it appeared.
std::vector<std::vector<float>> rendered_stems(const std::vector<Event>& events, const std::string& device,
                                               int64_t block) {
  Renderer renderer({.device = opened(device), .max_voices = 64, .stems = true});
  for (const Event& event : events) renderer.push(event);
  std::vector<std::vector<float>> stems;
  std::vector<float> mix(static_cast<size_t>(2 * block));
  size_t before = 0;
  while (!renderer.finished()) {
    const int64_t frames = std::min(block, renderer.ready_frames());
    renderer.render(frames, mix.data());
    stems.resize(renderer.layers().size());
    for (size_t i = 0; i < stems.size(); ++i) {
      stems[i].resize(before);
      stems[i].insert(stems[i].end(), renderer.stem(i), renderer.stem(i) + 2 * frames);
    }
    before += static_cast<size_t>(2 * frames);
  }
  return stems;
}

int differing(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  return std::inner_product(a.begin(), a.end(), b.begin(), 0, std::plus<>(), std::not_equal_to<>());
}

double energy(const std::vector<float>& x) { return std::inner_product(x.begin(), x.end(), x.begin(), 0.0); }

// Leaves LibTorch so much of the device's memory, for as long as it lives.
class Memory {
 public:
  explicit Memory(int64_t left) {
    at::zeros({1}, at::TensorOptions().device(at::kCUDA));  // the device must be in use
    c10::cuda::CUDACachingAllocator::emptyCache();
    size_t free = 0;
    size_t all = 0;
    REQUIRE(cudaMemGetInfo(&free, &all) == cudaSuccess);
    c10::cuda::CUDACachingAllocator::setMemoryFraction(static_cast<double>(left) / static_cast<double>(all),
                                                       0);
  }
  ~Memory() { c10::cuda::CUDACachingAllocator::setMemoryFraction(1.0, 0); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
};

struct Pieces {
  std::vector<Track> tracks;
  std::vector<TrackNote> notes;
};

Pieces some_pieces(int count, int64_t quanta) {
  Rng chance(9, "pieces");
  Pieces pieces;
  uint64_t id = 0;
  for (int piece = 0; piece < count; ++piece) {
    for (const char* layer : {"pad", "lead", "bells", "low"}) {
      Patch patch = std::string_view(layer) == "low" ? zap() : builtin_patch(layer);
      Track track{layer, piece, {{0, patch}}};
      for (int64_t q = 100; q < 140; ++q) {  // a glide
        patch[VoiceParam::cutoff_hz] *= 1.02F;
        patch[VoiceParam::osc1_level] *= 0.98F;
        track.patches.push_back({q, patch});
      }
      pieces.tracks.push_back(track);
      for (int64_t q = 0; q < quanta - 10; q += 20 + static_cast<int64_t>(200.0 * chance.uniform())) {
        Note note{.id = ++id,
                  .layer = static_cast<int>(pieces.tracks.size()) - 1,
                  .pitch = 36.0 + 60.0 * chance.uniform(),
                  .vel = chance.uniform(),
                  .pan = chance.uniform() - 0.5,
                  .onset = static_cast<int>(chance.uniform() * quantum_frames),
                  .frames = 1 + static_cast<int64_t>(chance.uniform() * rate)};
        pieces.notes.push_back({note.layer, q, note});
      }
    }
  }
  return pieces;
}

// The same through the pool on the processor, one piece at a time.
std::vector<std::vector<float>> through_pools(const Pieces& pieces, int count, int64_t quanta) {
  std::vector<std::vector<float>> all;
  for (int piece = 0; piece < count; ++piece) {
    Pool pool(rate, 512, best_isa());
    Chunk chunk(pool.groups());
    std::vector<float> left, right;
    for (int64_t q = 0; q < quanta; ++q) {
      for (size_t t = 0; t < pieces.tracks.size(); ++t) {
        if (pieces.tracks[t].output != piece) continue;
        for (const auto& from : pieces.tracks[t].patches) {
          if (from.quantum == q) pool.move(static_cast<int>(t), from.patch);
        }
      }
      for (const TrackNote& note : pieces.notes) {
        const Track& track = pieces.tracks[static_cast<size_t>(note.track)];
        if (track.output == piece && note.quantum == q) pool.begin(note.note, track.layer);
      }
      pool.advance(chunk);
      pool.end_chunk(chunk);
      for (int job = 0; job < Pool::jobs(chunk); ++job) pool.sound(chunk, job);
      StereoQuantum sum = {};
      for (size_t t = 0; t < pieces.tracks.size(); ++t) {
        if (pieces.tracks[t].output == piece) chunk.add_layer(0, static_cast<int>(t), sum);
      }
      left.insert(left.end(), sum[0], sum[0] + quantum_frames);
      right.insert(right.end(), sum[1], sum[1] + quantum_frames);
      chunk.reuse();
    }
    left.insert(left.end(), right.begin(), right.end());
    all.push_back(left);
  }
  return all;
}

constexpr int piece_count = 5;
constexpr int64_t piece_quanta = 1500;

at::Tensor played(const Pieces& pieces) {
  return play_notes(pieces.tracks, pieces.notes, piece_count, piece_quanta, rate, c10::Device("cuda:0"))
      .cpu();
}

}  // namespace

TEST_CASE("A CUDA device renders the bits of the processor, whatever the block") {
  if (device_missing()) return;
  const std::vector<Event> events = lively_piece(8.0);
  const std::vector<float> here = rendered(events, "cpu", 1 << 20);
  REQUIRE(energy(here) > 1.0);
  for (const int64_t block : {441, 4410, 1 << 20})
    CHECK(differing(here, rendered(events, "cuda", block)) == 0);
}

TEST_CASE("A CUDA device renders the processor's bits of every layer, too") {
  if (device_missing()) return;
  const std::vector<Event> events = lively_piece(4.0);
  const auto here = rendered_stems(events, "cpu", 8192);
  REQUIRE(here.size() == layer_names().size());
  for (const int64_t block : {441, 8192}) {
    const auto there = rendered_stems(events, "cuda", block);
    REQUIRE(there.size() == here.size());
    for (size_t i = 0; i < here.size(); ++i) {
      CAPTURE(i);
      CHECK(energy(here[i]) > 0.01);
      CHECK(differing(here[i], there[i]) == 0);
    }
  }
}

TEST_CASE("LibTorch's units make the sound on a CUDA device where they are asked for, below -90 dB of it") {
  if (device_missing()) return;
  const std::vector<Event> events = lively_piece(1.0);
  const std::vector<float> kernels = rendered(events, "cuda", 8192);
  std::vector<float> units = rendered(events, "units:cuda", 8192);
  CHECK(differing(kernels, units) > 0);
  for (size_t n = 0; n < units.size(); ++n) units[n] -= kernels[n];
  CHECK(10.0 * std::log10(energy(units) / energy(kernels)) < -90.0);
}

TEST_CASE("A CUDA device with too little memory ends a renderer with one line that names the device") {
  if (device_missing()) return;
  std::string said;
  {
    const Memory little(1 << 20);
    try {
      rendered(lively_piece(1.0), "cuda", 8192);
    } catch (const Error& error) {
      CHECK(error.exit == Exit::environment);
      said = error.what();
    }
  }
  CAPTURE(said);
  CHECK(said.starts_with("device cuda:0 has too little memory free (CUDA out of memory"));
  CHECK(said.ends_with("; free some of it, or give --device cpu"));
  CHECK(said.find('\n') == std::string::npos);
  CHECK(energy(rendered(lively_piece(1.0), "cuda", 8192)) > 0.1);  // and nothing is left behind
}

TEST_CASE("Whole notes have the same bits where the device's memory holds few of them at a time") {
  if (device_missing()) return;
  const Pieces pieces = some_pieces(piece_count, piece_quanta);
  const at::Tensor whole = played(pieces);
  // LibTorch takes 20 MB at a time: below this not even the sound itself fits.
  const Memory little(int64_t{64} << 20);
  CHECK(whole.equal(played(pieces)));
}

TEST_CASE(
    "Whole notes of many pieces side by side agree with the pool below -80 dB, and with themselves exactly") {
  if (device_missing()) return;
  const Pieces pieces = some_pieces(piece_count, piece_quanta);
  const at::Tensor sound = played(pieces);
  const auto expected = through_pools(pieces, piece_count, piece_quanta);
  for (int piece = 0; piece < piece_count; ++piece) {
    const float* got = sound[piece].data_ptr<float>();
    const std::vector<float>& wanted = expected[static_cast<size_t>(piece)];
    double error = 0.0;
    double energy = 0.0;
    for (size_t n = 0; n < wanted.size(); ++n) {
      error += std::pow(static_cast<double>(got[n]) - static_cast<double>(wanted[n]), 2.0);
      energy += std::pow(static_cast<double>(wanted[n]), 2.0);
    }
    CHECK(energy > 1.0);
    CHECK(10.0 * std::log10(error / energy) < -80.0);
  }
  CHECK(sound.equal(played(pieces)));
}
#endif
