// SPDX-License-Identifier: MIT
#include "synth/workers.h"

#include <string>
#include <system_error>

#include "base/error.h"

namespace auralis {

Workers::Workers(int threads) {
  try {
    for (int i = 1; i < threads; ++i) threads_.emplace_back([this] { wait_for_jobs(); });
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
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(int count, Call call, const void* context) {
  if (threads_.empty() || count < 2) {
    for (int i = 0; i < count; ++i) call(context, i);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    call_ = call;
    context_ = context;
    count_ = count;
    next_ = 0;
    busy_ = static_cast<int>(threads_.size());
    ++run_;
  }
  start_.notify_all();
  work();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
}

void Workers::work() {
  for (int i = next_++; i < count_; i = next_++) call_(context_, i);
}

void Workers::wait_for_jobs() {
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    start_.wait(lock, [&] { return stop_ || run_ != seen; });
    if (stop_) return;
    seen = run_;
    lock.unlock();
    work();
    lock.lock();
    if (--busy_ == 0) done_.notify_one();
  }
}

}  // namespace auralis
