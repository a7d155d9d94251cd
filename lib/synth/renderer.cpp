// SPDX-License-Identifier: MIT
#include "synth/renderer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

#include "base/error.h"
#include "synth/fifo.h"
#include "synth/fx/effects.h"
#include "synth/fx/limiter/limiter.h"
#include "synth/planner.h"
#include "synth/workers.h"

namespace auralis {
namespace {

constexpr int64_t end_fade_frames = 256;

// Too little of the processor's memory is an error of the environment; a device tells of its own.
template <typename F>
decltype(auto) with_memory(const char* doing, const F& f) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    throw Error(Exit::environment,
                std::string("device cpu has too little memory free (while ") + doing + "); free some of it");
  }
}

// With stems, what one layer alone leaves behind.
struct Stem {
  Stem(int rate, Isa isa) : effects(rate, isa) {}

  Effects effects;
  Fifo made;
  std::vector<float> handed;
};

// All that a renderer remembers from chunk to chunk, copied by value.
struct State {
  explicit State(const RenderSettings& settings)
      : planner(settings.rate, settings.max_voices, settings.isa),
        control(settings.rate),
        effects(settings.rate, settings.isa),
        limiter(settings.rate, settings.isa) {}

  Planner planner;
  EffectsControl control;
  Effects effects;
  Limiter limiter;
  std::vector<Stem> stems;
  Fifo made;

  int64_t promised = 0;    // frames
  int64_t end_frame = -1;  // unknown
  int64_t handed = 0;      // frames
  uint64_t events = 0;
  uint64_t late_events = 0;
};

// A chunk on its way from the events to the sound, and what one step leaves for the next.
struct UnderWay {
  explicit UnderWay(size_t groups) : voices(groups) {}

  int64_t first = 0;  // quantum
  voice::Chunk voices;
  QuantumPlan plans[voice::chunk_quanta];
  ControlFrame frames[voice::chunk_quanta];
  Buses buses[voice::chunk_quanta];
};

// The way: every send is a step of its own, so that threads share even a piece of few voices.
enum Step : int {
  plan,
  control,
  sound,
  mix,
  alone,
  first_send,
  finish = first_send + send_count,
  step_count,
};

}  // namespace

struct Renderer::Impl final : Line {
  explicit Impl(const RenderSettings& given) : Impl(given, State(given)) {
    state.made.reserve(state.limiter.lookahead_frames() + most_quanta() * quantum_frames);
    if (settings.device) {
      device_sound = settings.device->open_sound(state.planner.pool().groups(), voice::chunk_quanta,
                                                 static_cast<int>(voice::level_sets));
    }
  }
  Impl(const RenderSettings& given, State from)
      : settings(given), workers(given.threads), state(std::move(from)) {
    const size_t depth =
        workers.threads() == 1
            ? 1
            : static_cast<size_t>(std::min<int64_t>(workers.threads() + 2, Workers::most_under_way));
    for (size_t i = 0; i < depth; ++i) under_way.emplace_back(state.planner.pool().groups());
  }

  // ---- the line: chunk by chunk, step by step ----

  int jobs(int step, int64_t item) override {
    switch (step) {
      case sound: {
        const voice::Chunk& voices = at(item).voices;
        return device_sound ? !voices.playing.empty() : voice::Pool::jobs(voices);
      }
      case alone:
        return settings.stems ? stems_of(at(item)) : 0;
      default:
        return 1;
    }
  }

  void work(int step, int64_t item, int job) override {
    UnderWay& chunk = at(item);
    switch (step) {
      case plan:
        return make_plan(chunk, item);
      case control:
        return make_control(chunk);
      case sound:
        return make_sound(chunk, job);
      case mix:
        return make_mix(chunk);
      case alone:
        return make_stem(chunk, state.stems[static_cast<size_t>(job)], static_cast<size_t>(job));
      case finish:
        return make_output(chunk);
      default:
        for (int q = 0; q < chunk.voices.quanta; ++q) {
          state.effects.run_send(step - first_send, chunk.buses[q], chunk.frames[q]);
        }
    }
  }

  UnderWay& at(int64_t item) { return under_way[static_cast<size_t>(item) % under_way.size()]; }

  void make_plan(UnderWay& chunk, int64_t item) {
    chunk.voices.reuse();
    chunk.first = state.planner.planned();
    const int64_t quanta = std::min<int64_t>(chunk_quanta, wanted_quanta - item * chunk_quanta);
    for (int64_t q = 0; q < quanta; ++q) state.planner.plan(chunk.plans[q], chunk.voices);
    state.planner.pool().end_chunk(chunk.voices);
  }

  void make_control(UnderWay& chunk) {
    for (int q = 0; q < chunk.voices.quanta; ++q) {
      if (chunk.plans[q].tuned) state.control.tune_resonators(chunk.plans[q].pitches);
      state.control.advance(chunk.plans[q].master, (chunk.first + q) * quantum_frames);
      chunk.frames[q] = state.control.frame();
    }
  }

  void make_sound(UnderWay& chunk, int job) {
    if (device_sound) {
      device_sound->render(chunk.voices.for_device(), chunk.voices.quanta);
    } else {
      state.planner.pool().sound(chunk.voices, job);
    }
  }

  // The mix is made the same way with stems and without, so that asking for them changes no byte of it.
  void make_mix(UnderWay& chunk) const {
    for (int q = 0; q < chunk.voices.quanta; ++q) {
      chunk.buses[q] = {};
      for (size_t i = 0; i < chunk.plans[q].faders.size(); ++i) add_layer(chunk, q, i, chunk.buses[q]);
    }
  }

  void add_layer(const UnderWay& chunk, int quantum, size_t i, Buses& buses) const {
    alignas(64) StereoQuantum layer = {};
    if (chunk.voices.add_layer(quantum, static_cast<int>(i), layer)) {
      chunk.plans[quantum].faders[i].mix(settings.isa, layer, buses);
    }
  }

  int stems_of(const UnderWay& chunk) {
    const size_t layers = chunk.plans[chunk.voices.quanta - 1].faders.size();
    while (state.stems.size() < layers) {
      state.stems.emplace_back(settings.rate, settings.isa);
      state.stems.back().made.append_silence(chunk.first * quantum_frames - state.handed);
    }
    return static_cast<int>(layers);
  }

  void make_stem(const UnderWay& chunk, Stem& stem, size_t layer) const {
    for (int q = 0; q < chunk.voices.quanta; ++q) {
      Buses buses = {};
      if (layer < chunk.plans[q].faders.size()) add_layer(chunk, q, layer, buses);
      StereoQuantum out;
      stem.effects.process(buses, chunk.frames[q], out);
      stem.made.append(out);
    }
  }

  void make_output(UnderWay& chunk) {
    for (int q = 0; q < chunk.voices.quanta; ++q) {
      StereoQuantum& whole = chunk.buses[q].dry;
      state.effects.run_inserts(chunk.frames[q], whole);
      StereoQuantum limited;
      state.limiter.process(whole, chunk.frames[q].limiter, limited);
      const int64_t frame = (chunk.first + q) * quantum_frames;
      if (frame >= state.limiter.lookahead_frames()) state.made.append(limited);
    }
  }

  // ---- what is asked for ----

  // So many at a time; several threads need more than one chunk to share.
  int64_t most_quanta() const { return workers.threads() == 1 ? voice::chunk_quanta : 256; }

  void compute(int64_t quanta) {
    wanted_quanta = quanta;
    constexpr int64_t least = 4;  // below it a chunk is more trouble than work
    chunk_quanta = workers.threads() == 1 ? voice::chunk_quanta
                                          : std::clamp<int64_t>((quanta + 3) / 4, least, voice::chunk_quanta);
    const int64_t chunks = (quanta + chunk_quanta - 1) / chunk_quanta;
    workers.run(*this, step_count, chunks, static_cast<int64_t>(under_way.size()));
  }

  int64_t ready_frames() const {
    if (state.end_frame >= 0) return state.end_frame - state.handed;
    const int64_t whole = state.promised / quantum_frames * quantum_frames;
    const int64_t kept = std::max<int64_t>(state.limiter.lookahead_frames(), end_fade_frames);
    return std::max<int64_t>(0, whole - kept - state.handed);
  }

  void render(int64_t frames, float* stereo) {
    assert(frames <= ready_frames());
    for (Stem& stem : state.stems) stem.handed.clear();
    int64_t done = 0;
    while (done < frames) {
      if (state.made.size() == 0) {
        const int64_t ahead = state.planner.planned() == 0 ? state.limiter.lookahead_frames() : 0;
        compute(std::min((frames - done + ahead + quantum_frames - 1) / quantum_frames, most_quanta()));
        continue;
      }
      const int64_t now = std::min(frames - done, state.made.size());
      hand_out(state.made, now, stereo + 2 * done);
      for (Stem& stem : state.stems) {
        stem.handed.resize(static_cast<size_t>(2 * (done + now)), 0.0F);
        hand_out(stem.made, now, stem.handed.data() + 2 * done);
      }
      done += now;
      state.handed += now;
    }
  }

  void hand_out(Fifo& from, int64_t frames, float* to) const {
    std::copy(from.front(), from.front() + 2 * frames, to);
    from.drop(frames);
    if (state.end_frame < 0 || state.handed + frames <= state.end_frame - end_fade_frames) return;
    for (int64_t n = 0; n < frames; ++n) {
      const auto left = static_cast<double>(state.end_frame - (state.handed + n));
      if (left > static_cast<double>(end_fade_frames)) continue;
      const double half = baseline::sin_pi(0.5 * left / static_cast<double>(end_fade_frames));
      const auto gain = static_cast<float>(half * half);
      to[2 * n] *= gain;
      to[2 * n + 1] *= gain;
    }
  }

  RenderSettings settings;
  Workers workers;
  std::unique_ptr<voice::DeviceSound> device_sound;
  State state;
  std::vector<UnderWay> under_way;
  int64_t wanted_quanta = 0;
  int64_t chunk_quanta = 0;
};

Renderer::Renderer(const RenderSettings& settings)
    : impl_(with_memory("starting", [&] { return std::make_unique<Impl>(settings); })) {}
Renderer::Renderer(const Renderer& other) {
  if (other.impl_->settings.device) {
    throw Error(Exit::usage, "a renderer on device " + other.device_name() +
                                 " cannot be copied, expected one on the processor");
  }
  impl_ = with_memory("starting",
                      [&] { return std::make_unique<Impl>(other.impl_->settings, other.impl_->state); });
}
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;
Renderer::~Renderer() = default;

void Renderer::push(const Event& event) {
  State& state = impl_->state;
  ++state.events;
  const int64_t frame = frame_of(event_time(event), impl_->settings.rate);
  state.promised = std::max(state.promised, frame);
  if (std::holds_alternative<EndEvent>(event)) state.end_frame = frame;
  if (frame < state.planner.planned() * quantum_frames) ++state.late_events;
  state.planner.push(event);
}

int64_t Renderer::ready_frames() const { return impl_->ready_frames(); }

void Renderer::render(int64_t frames, float* stereo) {
  with_memory("rendering", [&] { impl_->render(frames, stereo); });
}

bool Renderer::finished() const {
  return impl_->state.end_frame >= 0 && impl_->state.handed == impl_->state.end_frame;
}

const std::vector<std::string>& Renderer::layers() const { return impl_->state.planner.layers(); }

const float* Renderer::stem(size_t layer) const { return impl_->state.stems[layer].handed.data(); }

Renderer::Figures Renderer::figures() const {
  const State& state = impl_->state;
  const voice::Pool& pool = state.planner.pool();
  return {pool.voices(), state.planner.peak_voices(), pool.stolen(), state.events, state.late_events};
}

std::string Renderer::device_name() const {
  return impl_->settings.device ? impl_->settings.device->name() : "cpu";
}

}  // namespace auralis
