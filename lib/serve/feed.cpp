// SPDX-License-Identifier: MIT
#include "serve/feed.h"

#include <chrono>
#include <span>
#include <utility>

#include "base/clock.h"
#include "base/stop.h"

namespace auralis {
namespace {

constexpr int64_t long_pause_us = 250'000;
constexpr auto full_nap = std::chrono::milliseconds(20);

}  // namespace

Feed::Feed(Open open, const FeedSettings& settings, std::function<void()> arrived)
    : open_source_(std::move(open)),
      settings_(settings),
      arrived_(std::move(arrived)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Feed::~Feed() {
  thread_.request_stop();
  if (!ended() && !settings_.ends_by_owner) stop_reading();  // it waits for nothing else
}

void Feed::run(const std::stop_token& stop) {
  try {
    source_ = open_source_();
    if (source_) {
      format_ = source_->format();
      ring_ = std::make_unique<FrameRing>(format_.channels, int64_t{settings_.room_s} * format_.rate);
      open_.store(true, std::memory_order_release);
      arrived_();
      read_all(stop);
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  ended_.store(true, std::memory_order_release);
  arrived_();
}

void Feed::read_all(const std::stop_token& stop) {
  const auto channels = static_cast<size_t>(format_.channels);
  std::vector<float> block(static_cast<size_t>(format_.rate / 20) * channels);
  int64_t restarts = 0;
  while (!stop.stop_requested()) {
    const int64_t asked_us = monotonic_us();
    const int64_t frames = source_->read(block);
    if (frames < 0) return;
    if (frames == 0) {
      if (!settings_.loop || ring_->written() == 0 || !source_->rewind()) return;
      const std::lock_guard lock(mutex_);
      starts_.push_back({ring_->written(), true});
      continue;
    }
    const bool restarted = std::exchange(restarts, source_->restarts()) != source_->restarts();
    if (restarted || (ring_->written() > 0 && monotonic_us() - asked_us > long_pause_us)) {
      const std::lock_guard lock(mutex_);
      starts_.push_back({ring_->written(), restarted});
    }
    auto rest = std::span(std::as_const(block)).first(static_cast<size_t>(frames) * channels);
    while (!rest.empty() && !stop.stop_requested()) {
      rest = rest.subspan(static_cast<size_t>(ring_->write(rest)) * channels);
      if (rest.empty()) break;
      waited_.fetch_add(1, std::memory_order_relaxed);
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, full_nap, [] { return false; });
      if (reading_stopped()) return;
    }
    // Both threads change it as they read it: either this comes first, and these frames are seen by the thread that waits
    // from then on, or its request is seen here. A fence would do as well, but the thread sanitizer knows none.
    int64_t awaited = frames_awaited_.fetch_add(0);
    if (ring_->available_frames() >= awaited &&
        frames_awaited_.compare_exchange_strong(awaited, nothing_awaited)) {
      arrived_();
    }
  }
}

std::vector<Feed::Start> Feed::take_starts() {
  const std::lock_guard lock(mutex_);
  return std::exchange(starts_, {});
}

void Feed::rethrow() const {
  if (ended() && failure_) std::rethrow_exception(failure_);
}

}  // namespace auralis
