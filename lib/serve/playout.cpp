// SPDX-License-Identifier: MIT
#include "serve/playout.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <span>
#include <utility>

namespace auralis {
namespace {

constexpr int64_t us_per_s = 1'000'000;
constexpr int64_t observed_s = 1;  // a backlog must stand this long before it counts as one
constexpr int64_t slack_ms = 40;  // and be worth a crossfade: this much more than the margin, or half a chunk
constexpr int shortest_spared_ms = 50;  // chunk
constexpr int64_t spare_us = 60 * us_per_s;
constexpr int64_t silence_ms = 20;
constexpr int64_t longest_burst_us = us_per_s;

}  // namespace

Playout::Playout(FrameRing& ring, const PlayoutSettings& settings)
    : ring_(ring),
      settings_(settings),
      channels_(static_cast<size_t>(ring.channels())),
      chunk_frames_(int64_t{settings.rate} * settings.chunk_ms / 1000),
      fade_frames_(std::min(int64_t{settings.rate} * settings.fade_ms / 1000, chunk_frames_)),
      margin_frames_(int64_t{settings.rate} * settings.margin_ms / 1000),
      ending_frames_(int64_t{settings.rate} * settings.ending_ms / 1000),
      tail_(static_cast<size_t>(fade_frames_ + 1) * channels_) {}

int64_t Playout::due_us() const {
  // Whole seconds apart, so that no stream is long enough to overflow.
  return start_us_ + position_ / settings_.rate * us_per_s +
         position_ % settings_.rate * us_per_s / settings_.rate;
}

std::optional<Chunk> Playout::next(int64_t now_us, bool ended, uint64_t source_waited) {
  const int64_t there = ring_.available_frames();
  awaited_frames_ = started_ ? 0 : chunk_frames_;
  if (!started_ && !start(now_us, ended, there)) return std::nullopt;
  finished_ = (ended && there == 0) || (ending_left_ && *ending_left_ <= 0);
  if (finished_) return std::nullopt;
  const int64_t due = shifted_due_us(now_us);
  wake_us_ = due;
  if (now_us < due) return std::nullopt;
  const bool whole = there >= chunk_frames_ + (stalled_ ? margin_frames_ : 0);
  const int64_t patience_ends_us = due + int64_t{settings_.grace_ms} * 1000;
  if (!whole && !ended && !stalled_ && now_us < patience_ends_us) {
    wake_us_ = patience_ends_us;
    awaited_frames_ = chunk_frames_;
    return std::nullopt;
  }

  Chunk chunk;
  chunk.position = position_;
  chunk.due_us = due;
  chunk.frames = chunk_frames_;
  if (whole || ended) {
    chunk.frames = std::min(there, chunk_frames_);  // fewer at the very end
  } else if (stalled_) {
    // Short pieces, so that the sound comes back as soon as it can and no later.
    chunk.frames = std::min(chunk_frames_, int64_t{settings_.rate} * silence_ms / 1000);
  }
  chunk.samples.assign(static_cast<size_t>(chunk.frames) * channels_, 0.0F);
  if (whole || ended) {
    const bool resumes = std::exchange(stalled_, false);
    chunk.discontinuity = take(chunk.samples, chunk.frames) || resumes;
    if (resumes) join(chunk.samples, 0, true);
  } else if (!stalled_) {
    begin_stall(chunk, there, now_us);
  }
  remember_tail(chunk.samples);
  if (ending_left_) fade_away(chunk, ended);
  position_ += chunk.frames;
  wake_us_ = due_us();
  if (settings_.skip_backlog && !stalled_ && !ended) skip_backlog(now_us, source_waited);
  return chunk;
}

// The clock begins with the first whole chunk, or with what there is where no more will come.
bool Playout::start(int64_t now_us, bool ended, int64_t there) {
  wake_us_ = now_us + us_per_s;
  if (there < chunk_frames_ && !(ended && there > 0)) {
    finished_ = ended && there == 0;
    return false;
  }
  started_ = true;
  start_us_ = now_us + int64_t{settings_.margin_ms} * 1000;
  return true;
}

int64_t Playout::shifted_due_us(int64_t now_us) {
  const int64_t late_us = now_us - due_us();
  if (late_us > longest_burst_us) {
    start_us_ += late_us;
    ++clock_shifts_;
  }
  return due_us();
}

void Playout::begin_stall(Chunk& chunk, int64_t there, int64_t now_us) {
  take(chunk.samples, there);
  join(chunk.samples, there, false);
  chunk.discontinuity = true;
  stalled_ = true;
  window_chunks_ = 0;
  spare_until_us_ = now_us + spare_us;
  ++underruns_;
}

// Where fewer frames will come than the fade has, it hurries.
void Playout::fade_away(Chunk& chunk, bool ended) {
  const int64_t frames = static_cast<int64_t>(chunk.samples.size() / channels_);
  const auto to_come =
      static_cast<double>(std::max<int64_t>(frames + (ended ? ring_.available_frames() : 0), 1));
  const double step = ended ? std::max(1.0, *ending_left_ / to_come) : 1.0;
  for (int64_t frame = 0; frame < frames; ++frame) {
    const double share = *ending_left_ / static_cast<double>(ending_frames_);
    const auto gain = static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * share));
    for (size_t channel = 0; channel < channels_; ++channel)
      chunk.samples[static_cast<size_t>(frame) * channels_ + channel] *= gain;
    *ending_left_ = std::max(*ending_left_ - step, 0.0);
  }
}

void Playout::skip_backlog(int64_t now_us, uint64_t source_waited) {
  const int64_t left = ring_.available_frames();
  if (window_chunks_ == 0 || source_waited != window_waited_) {
    window_chunks_ = 0;
    window_min_ = window_first_ = left;
    window_waited_ = source_waited;
  }
  window_min_ = std::min(window_min_, left);
  if (++window_chunks_ * chunk_frames_ < observed_s * settings_.rate) return;
  window_chunks_ = 0;
  const bool keeps_time = std::abs(left - window_first_) < margin_frames_ + chunk_frames_ / 2;
  const bool spares = settings_.chunk_ms >= shortest_spared_ms && now_us < spare_until_us_;
  const int64_t excess = window_min_ - margin_frames_ - (spares ? chunk_frames_ : 0);
  if (!keeps_time || excess < std::min(slack_ms * settings_.rate / 1000, chunk_frames_ / 2)) return;
  std::vector<float> skipped(static_cast<size_t>(excess) * channels_);
  skipped_frames_ += ring_.read(skipped);
  cut_at(ring_.taken());
}

bool Playout::take(std::vector<float>& samples, int64_t frames) {
  const int64_t first = ring_.taken();
  ring_.read(std::span(samples).first(static_cast<size_t>(frames) * channels_));
  bool joined = false;
  std::erase_if(cuts_, [&](int64_t cut) {
    if (cut >= first + frames) return false;
    join(samples, std::max<int64_t>(cut - first, 0), true);
    return joined = true;
  });
  return joined;
}

void Playout::join(std::vector<float>& samples, int64_t at, bool fade_in) {
  // Frame k before the cut: from what this chunk holds, and before that from the chunks that left.
  const auto before = [&](int64_t k, size_t channel) {
    const int64_t here = at - k;
    if (here >= 0) return samples[static_cast<size_t>(here) * channels_ + channel];
    const int64_t there = fade_frames_ + 1 + here;
    return there >= 0 ? tail_[static_cast<size_t>(there) * channels_ + channel] : 0.0F;
  };
  const int64_t frames = std::min(fade_frames_, static_cast<int64_t>(samples.size() / channels_) - at);
  for (int64_t n = 0; n < frames; ++n) {
    const double phase =
        std::numbers::pi * static_cast<double>(n + 1) / static_cast<double>(fade_frames_ + 1);
    const auto out = static_cast<float>(0.5 + 0.5 * std::cos(phase));
    for (size_t channel = 0; channel < channels_; ++channel) {
      float& sample = samples[static_cast<size_t>(at + n) * channels_ + channel];
      const float mirrored = 2.0F * before(1, channel) - before(n + 2, channel);
      sample = std::clamp(mirrored * out + (fade_in ? sample * (1.0F - out) : 0.0F), -1.0F, 1.0F);
    }
  }
}

void Playout::remember_tail(const std::vector<float>& samples) {
  const size_t kept = std::min(tail_.size(), samples.size());
  std::copy(tail_.begin() + static_cast<std::ptrdiff_t>(kept), tail_.end(), tail_.begin());
  std::copy(samples.end() - static_cast<std::ptrdiff_t>(kept), samples.end(),
            tail_.end() - static_cast<std::ptrdiff_t>(kept));
}

}  // namespace auralis
