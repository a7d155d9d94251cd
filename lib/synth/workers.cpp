// SPDX-License-Identifier: MIT
#include "synth/workers.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace auralis {
namespace {

// Waits are counted in looks along the line, of some 75 ns each with the pause between them, since the engine looks at no
// clock. As long as it takes to sleep and be woken: looking longer takes the processor from the thread that is waited for,
// where others want it too.
constexpr int looks_before_sleep = 50;
// As short as bringing a step's memory over from another processor takes.
constexpr int looks_before_taking_over = 30;
// So many items of one step in a row, since what it remembers is at hand by then.
constexpr int64_t most_in_a_row = 2;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

Workers::Workers(int threads, Line& line, std::vector<Step> steps)
    : line_(line), steps_(std::move(steps)), places_(steps_.size()) {
  const auto count = static_cast<int>(steps_.size());
  for (int step = 0; step < count; ++step) places_[static_cast<size_t>(step)].last = step * threads / count;
  try {
    for (int i = 1; i < threads; ++i) threads_.emplace_back([this, i] { help(i); });
  } catch (const std::system_error&) {
    end();
    throw Error(Exit::environment,
                "cannot start " + std::to_string(threads) + " threads; --threads N chooses fewer");
  }
}

Workers::~Workers() { end(); }

void Workers::end() {
  stop_ = true;
  wake();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(int64_t items) {
  const int64_t first = limit_;
  if (threads_.empty()) return run_alone(first, items);
  limit_ = first + items;
  if (asleep_ > 0) wake();
  size_t step = 0;
  while (!over()) {
    if (take(0, step)) {
      do_step(step);
    } else {
      await_work(0);
    }
  }
  if (failed_) abandon();
}

void Workers::run_alone(int64_t first, int64_t items) {
  limit_ = first + items;
  const auto count = static_cast<int>(steps_.size());
  for (int64_t item = first; item < first + items; ++item) {
    for (int step = 0; step < count; ++step) line_.work(step, item);
  }
}

// How many items the step may take in a row now.
int64_t Workers::ready(size_t step) const {
  const int64_t next = places_[step].done;
  int64_t count = std::min(limit_ - next, most_in_a_row);
  for (const Need& need : steps_[step].needs) {
    if (count <= 0) return 0;
    count = std::min(count, places_[static_cast<size_t>(need.step)].done + need.behind - next);
  }
  return count;
}

bool Workers::free_for(int me, size_t step) const {
  return !places_[step].taken && (me == 0 || !steps_[step].callers) && ready(step) > 0;
}

// What is nearest its end goes first.
bool Workers::find(int me, bool any, size_t& step) {
  for (size_t i = steps_.size(); i-- > 0;) {
    Place& place = places_[i];
    if (!any && place.last.load(std::memory_order_relaxed) != me) continue;
    if (!free_for(me, i) || place.taken.exchange(true)) continue;
    if (!failed_ && ready(i) > 0) {
      place.last.store(me, std::memory_order_relaxed);
      step = i;
      return true;
    }
    place.taken = false;  // another was here in between
  }
  return false;
}

bool Workers::take(int me, size_t& step) {
  bool found = find(me, false, step);
  for (int i = 0; !found && i < looks_before_taking_over && !failed_; ++i) {
    pause();
    found = find(me, false, step);
  }
  found = found || find(me, true, step);
  if (asleep_ > 0) wake_for_more();
  return found;
}

// What else there is, is for those who sleep.
void Workers::wake_for_more() {
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (!places_[i].taken && ready(i) > 0) return wake();
  }
}

void Workers::do_step(size_t step) {
  Place& place = places_[step];
  const int64_t first = place.done;
  const int64_t count = ready(step);
  try {
    for (int64_t item = first; item < first + count; ++item) {
      line_.work(static_cast<int>(step), item);
      place.done = item + 1;
    }
  } catch (...) {
    fail(std::current_exception());
  }
  place.taken = false;
  if (asleep_ > 0 && over()) wake();
}

bool Workers::over() const {
  if (failed_) return true;
  const int64_t limit = limit_;
  return std::all_of(places_.begin(), places_.end(),
                     [limit](const Place& place) { return place.done == limit; });
}

void Workers::await_work(int me) {
  const auto there_is = [&] {
    if (stop_ || (me == 0 && over())) return true;
    if (failed_) return false;
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (free_for(me, i)) return true;
    }
    return false;
  };
  for (int i = 0; i < looks_before_sleep; ++i) {
    if (there_is()) return;
    pause();
  }
  std::unique_lock lock(mutex_);
  const uint64_t seen = wakes_;
  ++asleep_;  // from here on, who makes work for others wakes this one
  if (!there_is()) woken_.wait(lock, [&] { return wakes_ != seen; });
  --asleep_;
}

void Workers::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  woken_.notify_all();
}

void Workers::fail(std::exception_ptr thrown) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(thrown);
  }
  failed_ = true;
}

// Nobody takes a step any more; once the last has put theirs down, all items are passed over.
void Workers::abandon() {
  for (Place& place : places_) {
    while (place.taken) std::this_thread::yield();
    place.done = limit_.load();
  }
  std::exception_ptr failure;
  {
    const std::lock_guard lock(mutex_);
    failure = std::exchange(failure_, nullptr);
  }
  failed_ = false;
  std::rethrow_exception(failure);
}

void Workers::help(int me) {
  size_t step = 0;
  while (!stop_) {
    if (take(me, step)) {
      do_step(step);
    } else {
      await_work(me);
    }
  }
}

}  // namespace auralis
