// SPDX-License-Identifier: MIT
#include "synth/renderer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

#include "base/error.h"
#include "model/units.h"
#include "synth/chunk_line.h"
#include "synth/renderer_state.h"

namespace auralis {
namespace {

constexpr int64_t end_fade_frames = 256;
constexpr int64_t copied_frames = 1024;  // at a time
constexpr int64_t quanta_kept = 256;     // room for what is made, before it has to grow

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

}  // namespace

struct Renderer::Impl {
  explicit Impl(const RenderSettings& given) : Impl(given, RendererState(given)) {
    state.made.reserve(state.limiter.lookahead_frames() + quanta_kept * quantum_frames);
  }
  Impl(const RenderSettings& given, RendererState from)
      : settings(given), state(std::move(from)), line(settings, state) {}

  int64_t ready_frames() const {
    if (state.end_frame >= 0) return state.end_frame - state.handed;
    const int64_t whole = state.promised / quantum_frames * quantum_frames;
    const int64_t kept = std::max<int64_t>(state.limiter.lookahead_frames(), end_fade_frames);
    return std::max<int64_t>(0, whole - kept - state.handed);
  }

  // What one call asks for.
  struct Request {
    int64_t frames;
    int64_t block;
    const Take& take;
    bool keeps_stems;  // of all blocks together
    int64_t done = 0;
    bool goes_on = true;
  };

  int64_t render(Request request) {
    assert(request.frames <= ready_frames());
    for (Stem& stem : state.stems) stem.handed.clear();
    hand_out(request);
    const ChunkLine::Made made = [this, &request] { hand_out(request); };
    while (request.goes_on && request.done < request.frames) {
      const int64_t ahead = state.planner.begun() ? 0 : state.limiter.lookahead_frames();
      const int64_t missing = request.frames - request.done - state.made.size() + ahead;
      line.make(std::min((missing + quantum_frames - 1) / quantum_frames, line.most_quanta()), made);
    }
    return request.done;
  }

  // The blocks that are whole by now.
  void hand_out(Request& request) {
    while (request.goes_on && request.done < request.frames) {
      const int64_t frames = std::min(request.frames - request.done, request.block);
      if (state.made.size() < frames) return;
      const std::span<float> mix = fade(state.made, frames);
      const int64_t before = request.keeps_stems ? request.done : 0;
      for (Stem* const alone : line.stems()) {
        Stem& stem = *alone;
        stem.handed.resize(static_cast<size_t>(2 * (before + frames)), 0.0F);
        const std::span<float> from = fade(stem.made, frames);
        std::copy(from.begin(), from.end(), stem.handed.begin() + 2 * before);
        stem.made.drop(frames);
      }
      request.done += frames;
      state.handed += frames;
      request.goes_on = request.take(mix);
      state.made.drop(frames);
    }
  }

  std::span<float> fade(Fifo& from, int64_t frames) const {
    const std::span<float> stereo(from.front(), static_cast<size_t>(2 * frames));
    if (state.end_frame < 0 || state.handed + frames <= state.end_frame - end_fade_frames) return stereo;
    for (int64_t n = 0; n < frames; ++n) {
      const auto left = static_cast<double>(state.end_frame - (state.handed + n));
      if (left > static_cast<double>(end_fade_frames)) continue;
      const double half = baseline::sin_pi(0.5 * left / static_cast<double>(end_fade_frames));
      const auto gain = static_cast<float>(half * half);
      stereo[static_cast<size_t>(2 * n)] *= gain;
      stereo[static_cast<size_t>(2 * n + 1)] *= gain;
    }
    return stereo;
  }

  RenderSettings settings;
  RendererState state;
  ChunkLine line;  // last: it uses both
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
  RendererState& state = impl_->state;
  ++state.events;
  const int64_t frame = frame_of(event_time(event), impl_->settings.rate);
  state.promised = std::max(state.promised, frame);
  if (std::holds_alternative<EndEvent>(event)) state.end_frame = frame;
  if (frame < state.planner.planned() * quantum_frames) ++state.late_events;
  state.planner.push(event);
}

int64_t Renderer::ready_frames() const { return impl_->ready_frames(); }

int64_t Renderer::render(int64_t frames, int64_t block, const Take& take) {
  return with_memory("rendering", [&] { return impl_->render({frames, block, take, false}); });
}

void Renderer::render(int64_t frames, float* stereo) {
  const Take copy = [&stereo](std::span<const float> block) {
    stereo = std::copy(block.begin(), block.end(), stereo);
    return true;
  };
  with_memory("rendering", [&] { impl_->render({frames, copied_frames, copy, true}); });
}

void Renderer::limit_voices(int most) { impl_->state.planner.pool().limit(most); }

bool Renderer::finished() const {
  return impl_->state.end_frame >= 0 && impl_->state.handed == impl_->state.end_frame;
}

const std::vector<std::string>& Renderer::layers() const { return impl_->state.layers; }

const float* Renderer::stem(size_t layer) const { return impl_->line.stems()[layer]->handed.data(); }

Renderer::Figures Renderer::figures() const {
  const RendererState& state = impl_->state;
  return {state.voices,      state.peak_voices, state.voices_stolen,
          state.voices_shed, state.events,      state.late_events};
}

std::vector<StageTime> Renderer::stage_times() const { return impl_->line.stage_times(); }

std::string Renderer::device_name() const {
  return impl_->settings.device ? impl_->settings.device->name() : "cpu";
}

}  // namespace auralis
