// SPDX-License-Identifier: MIT
// The input on a thread of its own: source → ring. Opening counts as reading: a header may take its time.
//   pauses and restarts   are remembered by input frame: there a composer that came back may have begun anew
//   errors                end the feed; rethrow() hands them to the caller's thread
//   end                   waits for a source that waits for input: all reading is stopped for it (base/stop.h), unless
//                         the owner of the input has ended that
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "audio/frame_ring.h"
#include "audio/pcm_source.h"

namespace auralis {

struct FeedSettings {
  bool loop = false;           // the input, from its beginning again
  bool ends_by_owner = false;  // it is over before its feed is
  // Room for what a renderer makes in one burst after a slow start: it is read at once, and can be skipped.
  int room_s = 16;
};

class Feed {
 public:
  using Open = std::function<std::unique_ptr<PcmSource>()>;

  // `arrived` is called from the feed's thread when it is open, when frames came that were waited for, and when it ended.
  Feed(Open open, const FeedSettings& settings, std::function<void()> arrived);
  ~Feed();

  bool open() const { return open_.load(std::memory_order_acquire); }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  // Once open:
  const PcmFormat& format() const { return format_; }
  FrameRing& ring() const { return *ring_; }

  // Calls `arrived`, once, with the frames that make this many there to be taken; at once is not too early for it.
  void call_when_there_are(int64_t frames) { frames_awaited_.exchange(frames); }
  void call_for_no_frames() { frames_awaited_.exchange(nothing_awaited); }
  // Changes whenever the source had to wait for room.
  uint64_t waited() const { return waited_.load(std::memory_order_relaxed); }
  // Input frames at which the source may have begun anew, oldest first, since the last call.
  struct Start {
    int64_t frame;
    bool cut;  // it certainly did
  };
  std::vector<Start> take_starts();
  void rethrow() const;

 private:
  void run(const std::stop_token& stop);
  void read_all(const std::stop_token& stop);

  Open open_source_;
  FeedSettings settings_;
  std::function<void()> arrived_;
  std::unique_ptr<PcmSource> source_;  // the thread's own: a new header is read into its format
  PcmFormat format_{};
  std::unique_ptr<FrameRing> ring_;
  std::atomic<bool> open_{false};
  std::atomic<bool> ended_{false};
  static constexpr int64_t nothing_awaited = std::numeric_limits<int64_t>::max();
  std::atomic<int64_t> frames_awaited_{nothing_awaited};
  std::atomic<uint64_t> waited_{0};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Start> starts_;
  std::exception_ptr failure_;
  std::jthread thread_;
};

}  // namespace auralis
