// SPDX-License-Identifier: MIT
// What the synthesizer costs, in CPU time of one thread, medians of several runs: the voice for each instruction
// set, a dense piece, what movement adds to one of all layers, and the render time of a live block. Prints a table; nothing here passes or fails.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/layer.h"
#include "synth/renderer.h"
#include "synth/voice/pool.h"

namespace {

using namespace auralis;

constexpr int rate = 44100;

double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Run>
double median_cpu_s(int runs, const Run& run) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const double start = cpu_s();
    run();
    times.push_back(cpu_s() - start);
  }
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  return times[static_cast<size_t>(runs / 2)];
}

// The pad of the benchmark: two saws, sub, resonant low-pass with envelope and LFO, vibrato, moving position.
Patch full_pad() {
  Patch patch = builtin_patch("pad");
  patch[VoiceParam::sub_level] = 0.3F;
  patch[VoiceParam::resonance] = 0.4F;
  return patch;
}

// The pad with so many oscillators in place of its first, or with one where each of them is a voice of its own.
Patch unison_pad(float count, bool saw_alone) {
  Patch patch = full_pad();
  patch[VoiceParam::unison] = count;
  patch[VoiceParam::drift_cents] = 4.0F;
  if (saw_alone) patch[VoiceParam::osc2_level] = patch[VoiceParam::sub_level] = 0.0F;
  return patch;
}

double voice_s(Isa isa, int voices, double seconds, const Patch& patch = full_pad()) {
  return median_cpu_s(5, [&] {
    voice::Pool pool(rate, 256, isa);
    voice::Chunk chunk(pool.groups());
    pool.move(0, patch);
    for (int i = 0; i < voices; ++i) {
      pool.begin({.id = static_cast<uint64_t>(i),
                  .layer = 0,
                  .pitch = 40.0 + i % 40,
                  .vel = 0.7,
                  .onset = i % quantum_frames,
                  .frames = int64_t{1} << 40},
                 "pad");
    }
    for (int64_t frames = 0; static_cast<double>(frames) < seconds * rate;
         frames += voice::chunk_quanta * quantum_frames) {
      for (int q = 0; q < voice::chunk_quanta; ++q) pool.advance(chunk);
      pool.end_chunk(chunk);
      for (int job = 0; job < voice::Pool::jobs(chunk); ++job) pool.sound(chunk, job);
      for (int q = 0; q < voice::chunk_quanta; ++q) {
        StereoQuantum sum = {};
        chunk.add_layer(q, 0, sum);
      }
      chunk.reuse();
    }
  });
}

std::vector<Event> dense_piece(int pads, double seconds) {
  std::vector<Event> events{StartEvent{}, PatchEvent{0.0, "pad", full_pad()}};
  uint64_t id = 0;
  for (int i = 0; i < pads; ++i)
    events.push_back(NoteEvent{0.0, ++id, "pad", 40.0 + i % 40, 0.6, seconds, 0.0});
  for (double t = 0.0; t < seconds; t += 0.5) {
    events.push_back(NoteEvent{t, ++id, "lead", 72.0 + static_cast<double>(id % 7), 0.6, 1.0, 0.0});
    events.push_back(NoteEvent{t, ++id, id % 2 == 0 ? "low" : "brush", 40.0, 0.6, 0.5, 0.0});
  }
  events.push_back(EndEvent{seconds});
  return events;
}

void render(const std::vector<Event>& events) {
  Renderer renderer{RenderSettings{}};
  for (const Event& event : events) renderer.push(event);
  std::vector<float> block(2 * 4410);
  while (!renderer.finished()) {
    const int64_t frames = std::min<int64_t>(4410, renderer.ready_frames());
    renderer.render(frames, block.data());
  }
}

double piece_s(int pads, double seconds) {
  const std::vector<Event> events = dense_piece(pads, seconds);
  return median_cpu_s(5, [&] { render(events); });
}

// ---- what movement costs

// Six routes, of the layer or of each voice's own, to what is heard most.
Modulation six_routes(int of_voices) {
  const std::pair<VoiceParam, Source> all[] = {
      {VoiceParam::cutoff_hz, Source::walk},  {VoiceParam::osc1_shape, Source::pink},
      {VoiceParam::pan, Source::sine},        {VoiceParam::detune_cents, Source::walk},
      {VoiceParam::resonance, Source::gusts}, {VoiceParam::gain_db, Source::steps}};
  Modulation routes;
  for (const auto& [param, source] : all)
    routes.push_back({param, source, 0.1 * greatest_depth(param), 20.0, of_voices-- > 0});
  return routes;
}

// All layers, nineteen voices held and a few hits a second.
std::vector<Event> moving_piece(const Modulation& routes, double seconds) {
  std::vector<Event> events{StartEvent{}};
  uint64_t id = 0;
  for (const std::string_view name : layer_names()) {
    const std::string layer(name);
    events.push_back(PatchEvent{0.0, layer, builtin_patch(layer), routes});
    const int held = layer == "pad"                         ? 12
                     : layer == "drone" || layer == "swell" ? 2
                     : layer == "texture"                   ? 3
                                                            : 0;
    for (int i = 0; i < held; ++i)
      events.push_back(NoteEvent{0.0, ++id, layer, 45.0 + 3.0 * i, 0.6, seconds, 0.0});
  }
  for (double t = 0.0; t < seconds; t += 0.5) {
    for (const char* layer : {"lead", "bells", "brush"})
      events.push_back(NoteEvent{t, ++id, layer, 60.0 + static_cast<double>(id % 17), 0.6, 0.8, 0.0});
  }
  events.push_back(EndEvent{seconds});
  return events;
}

// Best of several, taking turns: the ratios of one run are what counts.
void print_movement() {
  constexpr double seconds = 20.0;
  const std::pair<const char*, Modulation> kinds[] = {
      {"none", {}},
      {"six of the layer, in each layer", six_routes(0)},
      {"three of the layer, three of each voice", six_routes(3)},
      {"six of each voice", six_routes(6)}};
  double best[std::size(kinds)];
  std::fill(std::begin(best), std::end(best), 1e9);
  for (int run = 0; run < 7; ++run) {
    for (size_t k = 0; k < std::size(kinds); ++k) {
      const std::vector<Event> events = moving_piece(kinds[k].second, seconds);
      best[k] = std::min(best[k], median_cpu_s(1, [&] { render(events); }));
    }
  }
  std::printf("\n%-44s %12s %12s\n", "movement, eight layers, 19 voices and hits", "x real time",
              "x the cost");
  for (size_t k = 0; k < std::size(kinds); ++k)
    std::printf("%-44s %12.0f %12.3f\n", kinds[k].first, seconds / best[k], best[k] / best[0]);
}

// Wall time of each 50 ms block, as a live pipeline asks for them.
std::vector<double> live_blocks_ms(int voices, double seconds) {
  Renderer renderer{RenderSettings{}};
  for (const Event& event : dense_piece(voices, seconds)) renderer.push(event);
  std::vector<float> block(2 * 2205);
  std::vector<double> times;
  while (renderer.ready_frames() >= 2205) {
    const auto start = std::chrono::steady_clock::now();
    renderer.render(2205, block.data());
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

int main() {
  std::printf("%-44s %12s %18s\n", "pad voice", "ns/sample", "us CPU per second");
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    for (const int voices : {16, 24, 96}) {
      const double seconds = 160.0 / voices;
      const double cost = voice_s(isa, voices, seconds) / seconds / voices;
      const std::string name = std::string(isa_name(isa)) + ", " + std::to_string(voices) + " voices";
      std::printf("%-44s %12.2f %18.1f\n", name.c_str(), cost / rate * 1e9, cost * 1e6);
    }
  }
  std::printf("\n%-44s %12s %18s\n", "unison of 16 voices", "ns/sample", "of as many voices");
  for (const bool saw_alone : {false, true}) {
    for (const int count : {3, 5, 7}) {
      const double together = voice_s(best_isa(), 16, 4.0, unison_pad(static_cast<float>(count), saw_alone));
      const double apart = voice_s(best_isa(), 16 * count, 4.0, unison_pad(1.0F, saw_alone));
      const std::string name = std::to_string(count) + (saw_alone ? " saws, nothing else" : " of a pad");
      std::printf("%-44s %12.2f %16.0f %%\n", name.c_str(), together / 4.0 / 16 / rate * 1e9,
                  100.0 * together / apart);
    }
  }
  std::printf("\n%-44s %12s\n", "piece: pads, lead, percussion, effects", "x real time");
  for (const int pads : {0, 24, 96}) {
    constexpr double seconds = 20.0;
    std::printf("%-44s %12.0f\n", (std::to_string(pads) + " pad voices").c_str(),
                seconds / piece_s(pads, seconds));
  }
  print_movement();
  const std::vector<double> blocks = live_blocks_ms(48, 60.0);
  std::printf("\n50 ms block at 48 voices: median %.2f ms, 99.9%% %.2f ms, worst %.2f ms\n",
              blocks[blocks.size() / 2], blocks[blocks.size() * 999 / 1000], blocks.back());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("resident %.0f MB at most\n", static_cast<double>(usage.ru_maxrss) / 1024.0);
}
