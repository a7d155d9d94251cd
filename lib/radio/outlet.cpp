// SPDX-License-Identifier: MIT
#include "radio/outlet.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/left_threads.h"
#include "base/log.h"

namespace auralis {
namespace {

constexpr int64_t most_waiting_s = 3;  // as much as a listener may be behind

// A place, and the file that describes it, held by one outlet of this process: what a sink takes away as it ends is not
// what the next has begun.
class PlaceHold {
 public:
  PlaceHold(const std::string& place, const std::string& file) {
    const std::lock_guard lock(all().mutex);
    for (const std::string& name : {place, file}) {
      if (name.empty()) continue;
      if (all().names.contains(name)) throw std::runtime_error("another still holds it");
      names_.push_back(name);
    }
    all().names.insert(names_.begin(), names_.end());
  }
  ~PlaceHold() {
    const std::lock_guard lock(all().mutex);
    for (const std::string& name : names_) all().names.erase(name);
  }
  PlaceHold(const PlaceHold&) = delete;
  PlaceHold& operator=(const PlaceHold&) = delete;

 private:
  struct All {
    std::mutex mutex;
    std::set<std::string> names;
  };
  static All& all() {
    static All& all = *new All;  // threads that are left behind may outlive what is static
    return all;
  }
  std::vector<std::string> names_;
};

}  // namespace

struct Outlet::State {
  State(OutletSettings outlet, SinkFormat sink_format)
      : settings(std::move(outlet)), format(std::move(sink_format)), backoff(settings.backoff) {}

  int64_t frames_of(const SinkSound& sound) const {
    return static_cast<int64_t>(sound.samples->size()) / format.channels;
  }
  double seconds(int64_t frames) const { return static_cast<double>(frames) / format.rate; }
  std::string who() const { return settings.asked.kind + " (" + settings.place + ")"; }
  void run();
  void carry_all(Sink& sink);
  void failed(const std::string& why, double ran_s);
  void lose_oldest();

  const OutletSettings settings;
  const SinkFormat format;
  std::stop_source stop;

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<SinkSound> waiting;
  int64_t waiting_frames = 0;
  std::optional<std::string> title;  // not told yet
  std::string last_title;
  bool finishing = false;
  bool ended = false;
  bool behind = false;  // and that was said
  std::string said;     // why it failed last
  Backoff backoff;
  OutletFigures figures;
  std::thread thread;
};

void Outlet::State::lose_oldest() {
  const int64_t lost = frames_of(waiting.front());
  waiting.pop_front();
  waiting_frames -= lost;
  figures.lost_s += seconds(lost);
}

void Outlet::State::carry_all(Sink& sink) {
  while (true) {
    std::optional<std::string> new_title;
    std::optional<SinkSound> sound;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [this] { return finishing || !waiting.empty() || title; });
      new_title = std::exchange(title, std::nullopt);
      if (!waiting.empty()) {
        sound = std::move(waiting.front());
        waiting.pop_front();
        waiting_frames -= frames_of(*sound);
      } else if (finishing && !new_title) {
        return;
      }
    }
    if (new_title) sink.tell(*new_title);
    if (sound) sink.carry(*sound);
  }
}

// Why is said where it is another reason than the last time.
void Outlet::State::failed(const std::string& why, double ran_s) {
  std::unique_lock lock(mutex);
  figures.up = false;
  ++figures.failures;
  while (!waiting.empty()) lose_oldest();
  if (finishing) return;
  const double delay_s = backoff.failed(ran_s).value_or(settings.backoff.longest_delay_s);
  if (std::exchange(said, why) != why) log_warning(who() + ": " + why + "; it is tried again until it goes");
  wake.wait_for(lock, std::chrono::duration<double>(delay_s), [this] { return finishing; });
}

void Outlet::State::run() {
  while (!stop.stop_requested()) {
    {
      const std::lock_guard lock(mutex);
      if (finishing) break;
    }
    std::optional<double> opened_s;
    try {
      const PlaceHold hold(settings.place, settings.asked.file);
      const std::unique_ptr<Sink> sink = settings.open(format, stop.get_token());
      opened_s = monotonic_s();
      {
        const std::lock_guard lock(mutex);
        figures.up = true;
        said.clear();
        if (!last_title.empty()) title = last_title;
      }
      log_info(who() + ": the sound arrives there");
      carry_all(*sink);
      sink->finish();
      break;
    } catch (const std::exception& error) {
      failed(error.what(), opened_s ? monotonic_s() - *opened_s : 0.0);
    }
  }
  const std::lock_guard lock(mutex);
  figures.up = false;
  ended = true;
  wake.notify_all();
}

Outlet::Outlet(const OutletSettings& settings, const SinkFormat& format)
    : state_(std::make_shared<State>(settings, format)) {
  state_->thread = std::thread([state = state_] { state->run(); });
}

Outlet::~Outlet() { leave(0.0); }

void Outlet::play(const SinkSound& sound) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  if (!state.figures.up) {
    state.figures.lost_s += state.seconds(state.frames_of(sound));
    return;
  }
  state.waiting.push_back(sound);
  state.waiting_frames += state.frames_of(sound);
  const int64_t most_frames = most_waiting_s * state.format.rate;
  const bool is_behind = state.waiting_frames > most_frames;
  while (state.waiting_frames > most_frames) state.lose_oldest();
  if (is_behind && !state.behind)
    log_warning(state.who() + " takes no sound: what it does not take is lost to it");
  if (is_behind || state.waiting_frames < most_frames / 2) state.behind = is_behind;
  state.wake.notify_all();
}

void Outlet::tell(const std::string& title) {
  const std::lock_guard lock(state_->mutex);
  if (std::exchange(state_->last_title, title) == title || !state_->figures.up) return;
  state_->title = title;
  state_->wake.notify_all();
}

void Outlet::finish() {
  const std::lock_guard lock(state_->mutex);
  state_->finishing = true;
  if (!state_->figures.up)
    state_->stop.request_stop();  // it is not open yet: nothing can be carried any more
  state_->wake.notify_all();
}

void Outlet::leave(double patience_s) {
  State& state = *state_;
  if (!state.thread.joinable()) return;
  finish();
  std::unique_lock lock(state.mutex);
  state.wake.wait_for(lock, std::chrono::duration<double>(patience_s), [&state] { return state.ended; });
  state.stop.request_stop();
  if (state.ended) {
    lock.unlock();
    return state.thread.join();
  }
  if (state.figures.up) log_warning(state.who() + " hangs: it is left behind");
  leave_threads_behind();
  state.thread.detach();
}

bool Outlet::has_ended() const {
  const std::lock_guard lock(state_->mutex);
  return state_->ended;
}

OutletFigures Outlet::figures() const {
  const std::lock_guard lock(state_->mutex);
  return state_->figures;
}

}  // namespace auralis
