// SPDX-License-Identifier: MIT
#include "synth/workers.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace auralis {
namespace {

// Waits are counted in pauses, of some 25 ns each, since the engine looks at no clock.
// About as long as one step of a chunk takes: who waits for a neighbour on the line is faster awake.
constexpr int spin_pauses = 2000;
// What it takes to bring a step's memory over from another processor.
constexpr int patience_pauses = 400;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// False where nothing changed for so many pauses.
bool spin_until_changed(const std::atomic<uint64_t>& changes, uint64_t seen, int pauses) {
  for (int i = 0; i < pauses; ++i) {
    if (changes.load(std::memory_order_acquire) != seen) return true;
    pause();
  }
  return false;
}

}  // namespace

Workers::Workers(int threads) {
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
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    ++changes_;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(Line& line, int steps, int64_t items, int64_t under_way) {
  if (threads_.empty()) {
    for (int64_t item = 0; item < items; ++item) {
      for (int step = 0; step < steps; ++step) {
        const int jobs = line.jobs(step, item);
        for (int job = 0; job < jobs; ++job) line.work(step, item, job);
      }
    }
    return;
  }
  Lock lock(mutex_);
  line_ = &line;
  steps_ = steps;
  oldest_ = admitted_ = 0;
  items_end_ = items;
  under_way_ = std::min(under_way, most_under_way);
  ++changes_;
  Task task{};
  while (!over()) {
    if (next(0, task, lock)) {
      do_task(task, lock);
    } else if (!over()) {
      await_change(lock);
    }
  }
  line_ = nullptr;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

// Whether the item's step has begun, or may.
bool Workers::open_step(int64_t item) {
  Item& it = at(item);
  while (!it.open) {
    if (item > oldest_ && at(item - 1).step <= it.step) return false;
    it.jobs = it.unfinished = line_->jobs(it.step, item);
    it.next_job = 0;
    it.open = true;
    if (it.jobs > 0) break;
    leave_step(item);
    if (item < oldest_) return false;
  }
  return true;
}

// The oldest item that has a job for somebody: what is nearest its end goes first.
bool Workers::find_job(int me, bool any, int64_t& found) {
  if (line_ == nullptr || failure_) return false;
  for (int64_t item = oldest_; item < items_end_; ++item) {
    if (item == admitted_) {
      if (admitted_ - oldest_ >= under_way_) return false;
      at(admitted_++) = {};
    }
    if (!open_step(item)) continue;
    const Item& it = at(item);
    if (it.next_job == it.jobs) continue;
    if (!any && it.jobs == 1 && last_[static_cast<size_t>(it.step)] != me) continue;
    found = item;
    return true;
  }
  return false;
}

bool Workers::take(int me, bool any, Task& task) {
  int64_t item = 0;
  try {
    if (!find_job(me, any, item)) return false;
    task = {at(item).step, item, at(item).next_job++};
    last_[static_cast<size_t>(task.step)] = me;
    ++working_;
    // What else there is, is for one who sleeps: whoever takes next wakes the next.
    if (asleep_ > 0 && find_job(me, true, item)) changed_.notify_one();
    return true;
  } catch (...) {  // a line that cannot say how many jobs it has
    failure_ = std::current_exception();
    ++changes_;
    changed_.notify_all();
    return false;
  }
}

bool Workers::next(int me, Task& task, Lock& lock) {
  if (take(me, false, task)) return true;
  if (line_ == nullptr || over()) return false;
  const uint64_t seen = changes_;
  lock.unlock();
  spin_until_changed(changes_, seen, patience_pauses);
  lock.lock();
  return take(me, changes_ == seen, task);
}

void Workers::do_task(const Task& task, Lock& lock) {
  lock.unlock();
  std::exception_ptr thrown;
  try {
    line_->work(task.step, task.item, task.job);
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  --working_;
  if (thrown && !failure_) failure_ = thrown;
  Item& it = at(task.item);
  if (--it.unfinished == 0) leave_step(task.item);
  ++changes_;
  if (over()) changed_.notify_all();
}

void Workers::leave_step(int64_t item) {
  Item& it = at(item);
  it.open = false;
  if (++it.step == steps_) ++oldest_;  // its last step was open: those before it have left it
}

void Workers::await_change(Lock& lock) {
  const uint64_t seen = changes_.load(std::memory_order_relaxed);
  lock.unlock();
  const bool changed = spin_until_changed(changes_, seen, spin_pauses);
  lock.lock();
  if (changed) return;
  ++asleep_;
  changed_.wait(lock, [&] { return changes_.load(std::memory_order_relaxed) != seen; });
  --asleep_;
}

void Workers::help(int me) {
  Lock lock(mutex_);
  Task task{};
  while (!stop_) {
    if (next(me, task, lock)) {
      do_task(task, lock);
    } else if (!stop_) {
      await_change(lock);
    }
  }
}

}  // namespace auralis
