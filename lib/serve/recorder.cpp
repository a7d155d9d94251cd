// SPDX-License-Identifier: MIT
#include "serve/recorder.h"

#include <utility>

#include "audio/sound_file.h"
#include "core/log.h"

namespace auralis {
namespace {

constexpr int64_t longest_wait_s = 60;  // for a slow disk

}  // namespace

Recorder::Recorder(std::filesystem::path target, int rate, int channels)
    : target_(std::move(target)), format_{SampleFormat::s24, rate, channels}, thread_([this] { run(); }) {}

Recorder::~Recorder() {
  try {
    finish();
  } catch (const std::exception&) {
    // Said when it happened.
  }
}

void Recorder::add(std::vector<float> samples) {
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  if (waiting_samples_ > longest_wait_s * format_.rate * format_.channels) {
    if (!std::exchange(lagging_, true))
      log_warning("the disk is too slow for the recording: it will have gaps");
    return;
  }
  lagging_ = false;
  waiting_samples_ += static_cast<int64_t>(samples.size());
  waiting_.push_back(std::move(samples));
  wake_.notify_one();
}

void Recorder::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    wake_.notify_one();
  }
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

void Recorder::run() {
  try {
    SoundFileWriter file(target_, format_);
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return finishing_ || !waiting_.empty(); });
      if (waiting_.empty()) break;
      const std::vector<float> samples = std::move(waiting_.front());
      waiting_.pop_front();
      waiting_samples_ -= static_cast<int64_t>(samples.size());
      lock.unlock();
      try {
        file.write(samples);
      } catch (const std::exception&) {
        file.salvage();
        throw;
      }
      lock.lock();
    }
    lock.unlock();
    file.commit();
  } catch (const std::exception& error) {
    log_warning(std::string("the recording ends: ") + error.what());
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    waiting_.clear();
  }
}

}  // namespace auralis
