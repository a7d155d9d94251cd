// SPDX-License-Identifier: MIT
#include "serve/recorder.h"

#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "audio/sound_file.h"
#include "base/log.h"

namespace auralis {
namespace {

constexpr int64_t longest_wait_s = 60;  // for a slow disk

// A station that begins anew has the same target: the first take keeps the name, the next ones have a number.
std::filesystem::path name_of_take(const std::filesystem::path& target) {
  static std::mutex mutex;
  static std::set<std::filesystem::path> taken;
  const std::lock_guard lock(mutex);
  std::error_code unknown;
  const bool is_file = std::filesystem::is_regular_file(target, unknown) || !exists(target, unknown);
  if (taken.insert(target).second || !is_file) return target;
  std::filesystem::path take = target;
  for (int number = 2; !taken.insert(take).second || exists(take, unknown); ++number) {
    take = target;
    take.replace_filename(target.stem().string() + "-" + std::to_string(number) +
                          target.extension().string());
  }
  log_info("the recording goes to " + take.string());
  return take;
}

// What a message adds about what was written so far.
std::string keep(SoundFileWriter& file) {
  try {
    return "; the sound until there is in " + file.commit_partial().string();
  } catch (const std::exception& error) {
    return std::string("; nor is that until there kept: ") + error.what();
  }
}

}  // namespace

Recorder::Recorder(const std::filesystem::path& target, int rate, int channels)
    : target_(name_of_take(target)), format_{SampleFormat::s24, rate, channels}, thread_([this] { run(); }) {}

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
  // One long gap rather than many short ones.
  const int64_t longest = longest_wait_s * format_.rate * format_.channels;
  const bool lags = waiting_samples_ > (lagging_ ? longest / 2 : longest);
  if (lags && !lagging_) log_warning("the disk is too slow for the recording: it has a gap here");
  lagging_ = lags;
  if (lags) return;
  waiting_samples_ += static_cast<int64_t>(samples.size());
  waiting_.push_back(std::move(samples));
  wake_.notify_one();
}

void Recorder::end() {
  const std::lock_guard lock(mutex_);
  finishing_ = true;
  wake_.notify_one();
}

void Recorder::finish() {
  if (!thread_.joinable()) return;
  end();
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

// What waits longest; nullopt at the end.
std::optional<std::vector<float>> Recorder::next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return finishing_ || !waiting_.empty(); });
  if (waiting_.empty()) return std::nullopt;
  std::vector<float> samples = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_samples_ -= static_cast<int64_t>(samples.size());
  return samples;
}

void Recorder::run() {
  std::optional<SoundFileWriter> file;
  try {
    // Played once: a killed server's successor keeps what there is of it.
    file.emplace(target_, format_, SoundTags{}, AfterKill::kept);
    while (const std::optional<std::vector<float>> samples = next()) file->write(*samples);
    file->commit();
  } catch (const std::exception& error) {
    log_warning(std::string("the recording ends: ") + error.what() + (file ? keep(*file) : ""));
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    waiting_.clear();
  }
  ended_.store(true, std::memory_order_release);
}

}  // namespace auralis
