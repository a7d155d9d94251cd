// SPDX-License-Identifier: MIT
#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "synth/quantum.h"

namespace auralis {
namespace {

constexpr double step_s = 0.005;                     // composed at once, where the next frames need more
constexpr size_t most_bytes_kept = size_t{1} << 20;  // of lines that nobody takes

RenderSettings settings_for(int rate, int64_t first_frame = 0) {
  RenderSettings settings;
  settings.rate = rate;
  settings.first_frame = first_frame;
  return settings;
}

}  // namespace

Engine::Engine(const Preset& preset, const ComposeSettings& settings, int rate)
    : rate_(rate),
      composer_(std::in_place, preset, settings),
      renderer_(settings_for(rate)),
      reader_("<pushed>") {}

Engine::Engine(int rate, int64_t first_frame)
    : rate_(rate),
      renderer_(settings_for(rate, first_frame)),
      reader_("<pushed>", {}, first_frame > 0),
      position_(first_frame / quantum_frames * quantum_frames) {}

void Engine::push(std::string_view bytes) {
  if (composer_) throw Error(Exit::usage, "this engine composes its events itself");
  reader_.feed(bytes, [this](Event&& event) { renderer_.push(event); });
}

Control Engine::control(const Control& control) {
  if (!composer_) throw Error(Exit::usage, "this engine follows: its controls are with who composes");
  Control applied = composer_->apply(control, composed_s_, events_);
  render_events();
  return applied;
}

double Engine::finish() {
  if (!composer_) throw Error(Exit::usage, "this engine follows: it ends with its events");
  const double end_s = composer_->finish(composed_s_, events_);
  render_events();
  return end_s;
}

int64_t Engine::pull(float* stereo, int64_t frames) {
  if (composer_) {
    double t_s = std::max(composed_s_, static_cast<double>(position_ + frames) / rate_);
    while (renderer_.ready_frames() < frames && !composer_->ended()) {
      t_s += step_s;
      compose_until(t_s);
    }
  }
  const int64_t made = std::min(frames, renderer_.ready_frames());
  if (made <= 0) return 0;
  renderer_.render(made, stereo);
  position_ += made;
  return made;
}

std::string Engine::take_events() { return std::exchange(lines_, {}); }

void Engine::compose_until(double t_s) {
  composer_->compose_until(t_s, events_);
  composed_s_ = t_s;
  render_events();
  if (!composer_->ended()) renderer_.push(AdvanceEvent{t_s});
}

void Engine::render_events() {
  for (Event& event : events_) {
    lines_ += to_line(event);
    renderer_.push(as_written(std::move(event)));
  }
  events_.clear();
  if (lines_.size() > most_bytes_kept) lines_.erase(0, lines_.find('\n', lines_.size() / 2) + 1);
}

}  // namespace auralis
