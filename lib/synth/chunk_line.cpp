// SPDX-License-Identifier: MIT
#include "synth/chunk_line.h"

#include <algorithm>
#include <cstring>

namespace auralis {
namespace {

using voice::chunk_quanta;

// Chunks of which the voices may be under way at a time: enough for every thread to find some work, and few, since what
// their control leaves for their sound should not leave the processor's cache in between.
int64_t most_voices(int threads) { return threads == 1 ? 1 : 4 * threads; }
// And chunks at all, which are smaller once they are mixed: where a thread is kept from going on in the middle of a step, the
// others go on without it for that long.
int64_t most_under_way(int threads) { return threads == 1 ? 1 : 16; }

}  // namespace

// What one step leaves for the next.
struct ChunkLine::UnderWay {
  int64_t first = 0;  // quantum
  int quanta = 0;
  voice::Chunk* voices = nullptr;
  QuantumPlan plans[chunk_quanta];
  ControlFrame frames[chunk_quanta];
  Buses buses[chunk_quanta];
  StereoQuantum limited[chunk_quanta];

  std::vector<std::string> new_layers;
  std::vector<Stem*> stems;      // by layer
  std::vector<float> stem_made;  // [layer][quantum][left, right][frame]
  int voices_now = 0;
  int peak_voices = 0;
  uint64_t voices_stolen = 0;
  uint64_t voices_shed = 0;

  StereoQuantum& stem(size_t layer, int quantum) {
    const size_t at = layer * chunk_quanta + static_cast<size_t>(quantum);
    return reinterpret_cast<StereoQuantum&>(stem_made[at * 2 * quantum_frames]);
  }
};

namespace {

// Where in the line which step is.
enum Step : int { plan_step, control_step, first_sound };

}  // namespace

ChunkLine::ChunkLine(const RenderSettings& settings, RendererState& state)
    : settings_(settings),
      state_(state),
      device_sound_(settings.device ? settings.device->open_sound(state.planner.pool().groups(), chunk_quanta,
                                                                  static_cast<int>(voice::level_sets))
                                    : nullptr),
      sound_lanes_(settings.threads == 1 || settings.device ? 1 : std::min(2 * settings.threads, 16)),
      stem_lanes_(!settings.stems         ? 0
                  : settings.threads == 1 ? 1
                                          : std::min(2 * settings.threads, 16)),
      profile_(settings.profile_clock != nullptr ? std::make_unique<Profile>(settings.profile_clock)
                                                 : nullptr),
      workers_(settings.threads, *this, steps()) {
  for (int64_t i = 0; i < most_under_way(settings.threads); ++i)
    under_way_.push_back(std::make_unique<UnderWay>());
  for (int64_t i = 0; i < most_voices(settings.threads); ++i)
    voices_.emplace_back(state.planner.pool().groups());
  for (Stem& stem : state.stems) stems_.push_back(&stem);
}

ChunkLine::~ChunkLine() = default;

// Every send is a step of its own, so that threads share even a piece of few voices.
std::vector<Workers::Step> ChunkLine::steps() const {
  const int mix = first_sound + sound_lanes_;
  const int first_stem = mix + 1;
  const int first_send = first_stem + stem_lanes_;
  const int limit = first_send + send_count;
  const int hand_on = limit + 1;
  std::vector<Workers::Step> steps(static_cast<size_t>(hand_on) + 1);
  const auto need = [&steps](int step, int needed, int64_t behind = 0) {
    steps[static_cast<size_t>(step)].needs.push_back({needed, behind});
  };
  need(plan_step, hand_on, most_under_way(settings_.threads));
  need(plan_step, mix, most_voices(settings_.threads));
  need(control_step, plan_step);
  for (int lane = 0; lane < sound_lanes_; ++lane) {
    need(first_sound + lane, plan_step);
    need(mix, first_sound + lane);
  }
  for (int lane = 0; lane < stem_lanes_; ++lane) {
    need(first_stem + lane, control_step);
    need(first_stem + lane, mix);
    need(hand_on, first_stem + lane);
    need(plan_step, first_stem + lane, most_voices(settings_.threads));
  }
  need(first_send, control_step);
  need(first_send, mix);
  for (int send = 1; send < send_count; ++send) need(first_send + send, first_send + send - 1);
  need(limit, limit - 1);
  need(hand_on, limit);
  steps[static_cast<size_t>(hand_on)].callers = true;
  return steps;
}

void ChunkLine::work(int step, int64_t item) {
  UnderWay& chunk = at(item);
  if (step == plan_step) return in_stage(events_stage, [&] { plan(chunk, item); });
  if (step == control_step) return in_stage(control_stage, [&] { advance_control(chunk); });
  step -= first_sound;
  if (step < sound_lanes_) return in_stage(voices_stage, [&] { sound(chunk, step); });
  step -= sound_lanes_;
  if (step == 0) return in_stage(mix_stage, [&] { mix(chunk); });
  step -= 1;
  if (step < stem_lanes_) return in_stage(stems_stage, [&] { make_stems(chunk, static_cast<size_t>(step)); });
  step -= stem_lanes_;
  if (step < send_count)
    return in_stage(first_send_stage + static_cast<size_t>(step), [&] { send(chunk, step); });
  step == send_count ? limit(chunk) : hand_on(chunk);
}

int64_t ChunkLine::most_quanta() const { return workers_.threads() == 1 ? chunk_quanta : 256 * chunk_quanta; }

void ChunkLine::make(int64_t quanta, const Made& made) {
  constexpr int64_t least = 4;  // below it a chunk is more trouble than work
  wanted_quanta_ = quanta;
  chunk_quanta_ =
      workers_.threads() == 1 ? chunk_quanta : std::clamp<int64_t>((quanta + 3) / 4, least, chunk_quanta);
  made_ = &made;
  first_item_ = next_item_;
  const int64_t chunks = (quanta + chunk_quanta_ - 1) / chunk_quanta_;
  next_item_ += chunks;
  workers_.run(chunks);
}

void ChunkLine::plan(UnderWay& chunk, int64_t item) {
  Planner& planner = state_.planner;
  chunk.voices = &voices_at(item);
  chunk.voices->reuse();
  chunk.first = planner.planned();
  chunk.quanta = static_cast<int>(
      std::min<int64_t>(chunk_quanta_, wanted_quanta_ - (item - first_item_) * chunk_quanta_));
  const size_t layers = planner.layers().size();
  for (int q = 0; q < chunk.quanta; ++q) planner.plan(chunk.plans[q], *chunk.voices);
  planner.pool().end_chunk(*chunk.voices);
  chunk.new_layers.assign(planner.layers().begin() + static_cast<std::ptrdiff_t>(layers),
                          planner.layers().end());
  if (settings_.stems) list_stems(chunk, planner.layers().size());
  chunk.voices_now = planner.pool().voices();
  chunk.peak_voices = planner.peak_voices();
  chunk.voices_stolen = planner.pool().stolen();
  chunk.voices_shed = planner.pool().shed();
}

void ChunkLine::list_stems(UnderWay& chunk, size_t layers) {
  while (state_.stems.size() < layers) state_.stems.emplace_back(settings_.rate, settings_.isa);
  if (chunk.stems.size() == layers) return;
  chunk.stems.clear();
  for (Stem& stem : state_.stems) chunk.stems.push_back(&stem);
  chunk.stem_made.resize(layers * chunk_quanta * 2 * quantum_frames);
}

void ChunkLine::advance_control(UnderWay& chunk) {
  for (int q = 0; q < chunk.quanta; ++q) {
    if (chunk.plans[q].tuned) state_.control.tune_resonators(chunk.plans[q].pitches);
    state_.control.advance(chunk.plans[q].master, (chunk.first + q) * quantum_frames);
    chunk.frames[q] = state_.control.frame();
  }
}

void ChunkLine::sound(UnderWay& chunk, int lane) {
  voice::Chunk& voices = *chunk.voices;
  if (device_sound_) {
    const std::span<const voice::DeviceSound::Playing> there = voices.for_device();
    voice::DeviceSound::Spent spent;
    if (!there.empty()) spent = device_sound_->render(there, chunk.quanta);
    if (profile_) profile_->add_device(spent.sound_s, spent.copies_s);
    for (int job = 0; job < voice::Pool::jobs(voices); ++job)
      state_.planner.pool().sound_sources(voices, job);
    return;
  }
  const int jobs = voice::Pool::jobs(voices);
  for (int job = 0; job < jobs; ++job) {
    const size_t group = voices.playing[static_cast<size_t>(job)];
    if (static_cast<int>(group) % sound_lanes_ == lane) state_.planner.pool().sound(voices, job);
  }
}

// The mix is made the same way with stems and without, so that asking for them changes no byte of it.
void ChunkLine::mix(UnderWay& chunk) const {
  for (int q = 0; q < chunk.quanta; ++q) {
    chunk.buses[q] = {};
    for (size_t i = 0; i < chunk.plans[q].faders.size(); ++i) add_layer(chunk, q, i, chunk.buses[q]);
  }
}

void ChunkLine::add_layer(const UnderWay& chunk, int quantum, size_t i, Buses& buses) const {
  alignas(64) StereoQuantum sum;
  const StereoQuantum* layer = chunk.voices->find_layer(quantum, static_cast<int>(i), sum);
  if (layer != nullptr) chunk.plans[quantum].faders[i].mix(settings_.isa, *layer, buses);
}

void ChunkLine::make_stems(UnderWay& chunk, size_t lane) const {
  for (size_t layer = lane; layer < chunk.stems.size(); layer += static_cast<size_t>(stem_lanes_)) {
    for (int q = 0; q < chunk.quanta; ++q) {
      Buses buses = {};
      if (layer < chunk.plans[q].faders.size()) add_layer(chunk, q, layer, buses);
      chunk.stems[layer]->effects.process(buses, chunk.frames[q], chunk.stem(layer, q));
    }
  }
}

void ChunkLine::send(UnderWay& chunk, int which) {
  for (int q = 0; q < chunk.quanta; ++q) state_.effects.run_send(which, chunk.buses[q], chunk.frames[q]);
}

void ChunkLine::limit(UnderWay& chunk) {
  const auto each_quantum = [&chunk](const auto& process) {
    for (int q = 0; q < chunk.quanta; ++q) process(chunk.buses[q].dry, q);
  };
  in_stage(inserts_stage, [&] {
    each_quantum([&](StereoQuantum& mix, int q) { state_.effects.run_inserts(chunk.frames[q], mix); });
  });
  in_stage(finishes_stage, [&] {
    each_quantum([&](StereoQuantum& mix, int q) { state_.finish.process(chunk.frames[q], mix); });
  });
  in_stage(limiter_stage, [&] {
    each_quantum([&](StereoQuantum& mix, int q) {
      state_.limiter.process(mix, chunk.frames[q].limiter, chunk.limited[q]);
    });
  });
}

void ChunkLine::hand_on(UnderWay& chunk) {
  for (std::string& layer : chunk.new_layers) state_.layers.push_back(std::move(layer));
  for (size_t layer = stems_.size(); layer < chunk.stems.size(); ++layer) {
    stems_.push_back(chunk.stems[layer]);
    stems_.back()->made.append_silence(chunk.first * quantum_frames - state_.handed);
  }
  for (int q = 0; q < chunk.quanta; ++q) {
    const int64_t frame = (chunk.first + q - state_.planner.first()) * quantum_frames;
    if (frame >= state_.limiter.lookahead_frames()) state_.made.append(chunk.limited[q]);
    for (size_t layer = 0; layer < stems_.size(); ++layer) stems_[layer]->made.append(chunk.stem(layer, q));
  }
  state_.voices = chunk.voices_now;
  state_.peak_voices = chunk.peak_voices;
  state_.voices_stolen = chunk.voices_stolen;
  state_.voices_shed = chunk.voices_shed;
  (*made_)();
}

}  // namespace auralis
