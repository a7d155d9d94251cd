// SPDX-License-Identifier: MIT
// Keeps what was sent in a sound file, on a thread of its own, so that a slow disk delays no listener.
//   errors    end the recording, not the stream, and what was written is kept as NAME.partial.EXT; finish() throws the first
//             of them
//   names     a target that this process has recorded to already is kept: the next take is NAME-2.EXT
//   lag       a disk that is a minute behind misses what comes then
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "audio/pcm.h"

namespace auralis {

class Recorder {
 public:
  // The samples must be whole 16-bit numbers: 24 bits hold them as they are, 16 would be dithered again.
  Recorder(const std::filesystem::path& target, int rate, int channels);
  ~Recorder();

  void add(std::vector<float> samples);
  // No more will come: what is left is written, and the file gets its name, on its own thread.
  void end();
  bool has_ended() const { return ended_.load(std::memory_order_acquire); }
  // Ends it, and waits for that.
  void finish();

 private:
  void run();
  std::optional<std::vector<float>> next();

  std::filesystem::path target_;
  PcmFormat format_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::vector<float>> waiting_;
  int64_t waiting_samples_ = 0;
  bool lagging_ = false;
  bool finishing_ = false;
  std::exception_ptr failure_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace auralis
