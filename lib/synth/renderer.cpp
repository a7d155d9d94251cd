// SPDX-License-Identifier: MIT
#include "synth/renderer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <deque>
#include <new>

#include "base/error.h"
#include "model/layer.h"
#include "synth/device.h"
#include "synth/fx/effects.h"
#include "synth/fx/limiter/limiter.h"
#include "synth/glide.h"
#include "synth/mixer.h"
#include "synth/voice/pool.h"
#include "synth/workers.h"

namespace auralis {
namespace {

constexpr int64_t end_fade_frames = 256;
constexpr double least_glide_s = 0.02;  // a step of one parameter
constexpr double patch_morph_s = 0.05;  // a new patch under sounding notes
constexpr double longest_s = 1e9;       // beyond any piece, and far from where frames overflow

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

int64_t frame_of(double t_s, int rate) { return std::llround(std::clamp(t_s, 0.0, longest_s) * rate); }

// Frames in the order they were made, handed out in blocks of any size.
class Fifo {
 public:
  int64_t size() const { return static_cast<int64_t>(frames_.size() - head_) / 2; }

  void append(const StereoQuantum& quantum) {
    // What was handed out goes before it outweighs what is left, so that the room needed stays the same for ever.
    if (head_ == frames_.size() || (head_ >= 16384 && 2 * head_ >= frames_.size())) {
      frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    const size_t at = frames_.size();
    frames_.resize(at + 2 * quantum_frames);
    float* to = frames_.data() + at;
    for (int n = 0; n < quantum_frames; ++n) {
      to[2 * n] = quantum[0][n];
      to[2 * n + 1] = quantum[1][n];
    }
  }
  void append_silence(int64_t frames) {
    frames_.resize(frames_.size() + static_cast<size_t>(2 * frames), 0.0F);
  }
  void drop(int64_t frames) { head_ += static_cast<size_t>(2 * frames); }
  const float* front() const { return frames_.data() + head_; }
  void reserve(int64_t frames) { frames_.reserve(static_cast<size_t>(2 * frames)); }

 private:
  std::vector<float> frames_;
  size_t head_ = 0;
};

struct Strip {
  explicit Strip(const Patch& patch) : glide(voice_params, patch), fader(patch) {}

  PatchGlide glide;
  Fader fader;
};

// With stems, what one layer alone leaves behind.
struct Stem {
  explicit Stem(int rate, Isa isa) : effects(rate, isa) {}

  Effects effects;
  Fifo made;
  std::vector<float> handed;
};

// What the events ask of one quantum, kept until its voices have been rendered.
struct Plan {
  std::vector<Fader> faders;  // by layer
  MasterPatch master;
  bool tuned = false;
  std::vector<double> pitches;
};

}  // namespace

struct Renderer::Impl {
  explicit Impl(const RenderSettings& given)
      : settings(given),
        rate(given.rate),
        workers(given.threads),
        pool(given.rate, given.max_voices, given.isa, given.device.get()),
        master(master_params, default_master_patch()),
        control(given.rate),
        effects(given.rate, given.isa),
        limiter(given.rate, given.isa) {
    lookahead = limiter.lookahead_frames();
    made.reserve(lookahead + voice::chunk_quanta * quantum_frames);
  }

  int64_t quanta_of(double glide_s, double least_s) const {
    return std::llround(std::ceil(std::clamp(glide_s, least_s, longest_s) * rate / quantum_frames));
  }

  size_t layer_of(const std::string& name) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return i;
    }
    const Patch patch = builtin_patch(name);
    names.push_back(name);
    strips.emplace_back(patch);
    pool.move(static_cast<int>(strips.size() - 1), patch);
    if (settings.stems) {
      stems.push_back(std::make_unique<Stem>(rate, settings.isa));
      stems.back()->made.append_silence(chunk_first * quantum_frames - handed);
    }
    return strips.size() - 1;
  }

  // ---- events, each at the quantum that contains it ----

  void apply(const PatchEvent& event, int) {
    const int64_t morph = quanta_of(patch_morph_s, patch_morph_s);
    if (const auto* target = std::get_if<MasterPatch>(&event.params)) {
      computed == 0 ? master.set(*target) : master.morph(*target, morph);
      return;
    }
    const auto& target = std::get<Patch>(event.params);
    const size_t i = layer_of(event.layer);
    if (pool.sounds(static_cast<int>(i))) {
      strips[i].glide.morph(target, morph);
    } else {
      set(i, target);
    }
  }

  // A silent layer needs no glide: its next note has the new sound from its onset.
  void set(size_t i, const Patch& target) {
    strips[i].glide.set(target);
    strips[i].fader.move(target);
    strips[i].fader.settle();
    pool.move(static_cast<int>(i), target);
  }

  void apply(const ChangeEvent& event, int) {
    const auto value = static_cast<float>(event.value);
    const int64_t quanta = quanta_of(event.glide, least_glide_s);
    if (const auto* param = std::get_if<MasterParam>(&event.param)) {
      master.change(*param, value, quanta);
      return;
    }
    const size_t i = layer_of(event.layer);
    strips[i].glide.change(std::get<VoiceParam>(event.param), value, quanta);
  }

  void apply(const NoteEvent& event, int frame) {
    const size_t layer = layer_of(event.layer);
    const int64_t sounding = frame_of(event.t + event.dur, rate) - frame_of(event.t, rate);
    pool.begin({.id = event.id,
                .layer = static_cast<int>(layer),
                .pitch = event.pitch,
                .vel = event.vel,
                .pan = event.pan,
                .onset = frame,
                .frames = std::max<int64_t>(1, sounding)},
               event.layer);
  }

  void apply(const ReleaseEvent& event, int frame) { pool.release(event.id, frame); }

  // Moved all the way to the effects: what is copied must be allocated.
  void apply(ChordEvent& event, int) {
    pitches.swap(event.pitches);
    tuned = true;
  }

  void apply(const StartEvent&, int) {}
  void apply(const ControlEvent&, int) {}
  void apply(const AdvanceEvent&, int) {}
  void apply(const EndEvent&, int) {}

  // ---- one chunk: plan every quantum, render its voices together, then mix quantum by quantum ----

  void plan_quantum(Plan& plan) {
    const int64_t first = computed * quantum_frames;
    tuned = false;
    while (!pending.empty()) {
      Event& event = pending.front();
      const int64_t frame = frame_of(event_time(event), rate) - first;
      if (frame >= quantum_frames) break;
      std::visit([&](auto& e) { apply(e, static_cast<int>(std::max<int64_t>(0, frame))); }, event);
      pending.pop_front();
    }
    plan.faders.clear();
    for (size_t i = 0; i < strips.size(); ++i) {
      Strip& strip = strips[i];
      if (strip.glide.advance()) {
        pool.move(static_cast<int>(i), strip.glide.values());
        strip.fader.move(strip.glide.values());
      }
      plan.faders.push_back(strip.fader);
      strip.fader.settle();
    }
    master.advance();
    plan.master = master.values();
    plan.tuned = tuned;
    if (tuned) plan.pitches.swap(pitches);
    pool.advance();
    figures.voices = pool.voices();
    figures.peak_voices = std::max(figures.peak_voices, figures.voices);
    ++computed;
  }

  void mix_quantum(int quantum, const Plan& plan, int64_t first_frame) {
    if (plan.tuned) control.tune_resonators(plan.pitches);
    control.advance(plan.master, first_frame);
    // The mix is made the same way with stems and without, so that asking for them changes no byte of it.
    Buses buses = {};
    for (size_t i = 0; i < plan.faders.size(); ++i) add_layer(quantum, i, plan, buses);
    StereoQuantum mix = {};
    effects.process(buses, control, mix);
    for (size_t i = 0; i < stems.size(); ++i) {
      Buses alone = {};
      if (i < plan.faders.size()) add_layer(quantum, i, plan, alone);
      StereoQuantum out;
      stems[i]->effects.process(alone, control, out);
      stems[i]->made.append(out);
    }
    StereoQuantum limited;
    limiter.process(mix, control.frame().limiter, limited);
    if (first_frame >= lookahead) made.append(limited);
  }

  void add_layer(int quantum, size_t i, const Plan& plan, Buses& buses) {
    alignas(64) StereoQuantum layer = {};
    if (pool.add_layer(quantum, static_cast<int>(i), layer)) plan.faders[i].mix(settings.isa, layer, buses);
  }

  void compute(int quanta) {
    chunk_first = computed;
    for (int q = 0; q < quanta; ++q) plan_quantum(plans[q]);
    pool.render(workers);
    for (int q = 0; q < quanta; ++q) mix_quantum(q, plans[q], (chunk_first + q) * quantum_frames);
    pool.next_chunk();
  }

  int64_t ready_frames() const {
    if (end_frame >= 0) return end_frame - handed;
    const int64_t whole = promised / quantum_frames * quantum_frames;
    return std::max<int64_t>(0, whole - std::max(lookahead, end_fade_frames) - handed);
  }

  void render(int64_t frames, float* stereo) {
    assert(frames <= ready_frames());
    for (auto& stem : stems) stem->handed.clear();
    int64_t done = 0;
    while (done < frames) {
      if (made.size() == 0) {
        const int64_t wanted =
            (frames - done + (computed == 0 ? lookahead : 0) + quantum_frames - 1) / quantum_frames;
        compute(static_cast<int>(std::min<int64_t>(wanted, voice::chunk_quanta)));
        continue;
      }
      const int64_t now = std::min(frames - done, made.size());
      hand_out(made, now, stereo + 2 * done);
      for (auto& stem : stems) {
        stem->handed.resize(static_cast<size_t>(2 * (done + now)), 0.0F);
        hand_out(stem->made, now, stem->handed.data() + 2 * done);
      }
      done += now;
      handed += now;
    }
  }

  void hand_out(Fifo& from, int64_t frames, float* to) const {
    std::copy(from.front(), from.front() + 2 * frames, to);
    from.drop(frames);
    if (end_frame < 0 || handed + frames <= end_frame - end_fade_frames) return;
    for (int64_t n = 0; n < frames; ++n) {
      const auto left = static_cast<double>(end_frame - (handed + n));
      if (left > static_cast<double>(end_fade_frames)) continue;
      const double half = baseline::sin_pi(0.5 * left / static_cast<double>(end_fade_frames));
      const auto gain = static_cast<float>(half * half);
      to[2 * n] *= gain;
      to[2 * n + 1] *= gain;
    }
  }

  RenderSettings settings;
  int rate;
  Workers workers;
  voice::Pool pool;
  MasterGlide master;
  EffectsControl control;
  Effects effects;
  Limiter limiter;
  int64_t lookahead = 0;

  std::deque<Event> pending;
  std::vector<std::string> names;
  std::vector<Strip> strips;
  std::vector<std::unique_ptr<Stem>> stems;
  Plan plans[voice::chunk_quanta];
  std::vector<double> pitches;
  bool tuned = false;

  int64_t promised = 0;    // frames
  int64_t end_frame = -1;  // unknown
  int64_t computed = 0;    // quanta
  int64_t chunk_first = 0;
  int64_t handed = 0;  // frames
  Fifo made;
  Figures figures;
};

Renderer::Renderer(const RenderSettings& settings)
    : impl_(with_memory("starting", [&] { return std::make_unique<Impl>(settings); })) {}
Renderer::~Renderer() = default;

void Renderer::push(const Event& event) {
  Impl& r = *impl_;
  ++r.figures.events;
  const int64_t frame = frame_of(event_time(event), r.rate);
  r.promised = std::max(r.promised, frame);
  if (std::holds_alternative<EndEvent>(event)) r.end_frame = frame;
  if (frame < r.computed * quantum_frames) ++r.figures.late_events;
  r.pending.push_back(event);
}

int64_t Renderer::ready_frames() const { return impl_->ready_frames(); }

void Renderer::render(int64_t frames, float* stereo) {
  with_memory("rendering", [&] { impl_->render(frames, stereo); });
}

bool Renderer::finished() const { return impl_->end_frame >= 0 && impl_->handed == impl_->end_frame; }

const std::vector<std::string>& Renderer::layers() const { return impl_->names; }

const float* Renderer::stem(size_t layer) const { return impl_->stems[layer]->handed.data(); }

Renderer::Figures Renderer::figures() const {
  Figures figures = impl_->figures;
  figures.voices_stolen = impl_->pool.stolen();
  return figures;
}

std::string Renderer::device_name() const {
  return impl_->settings.device ? impl_->settings.device->name() : "cpu";
}

}  // namespace auralis
