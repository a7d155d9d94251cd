// SPDX-License-Identifier: MIT
// A few threads along one assembly line: every item goes through the same steps, and while one is in a late step, those
// after it are in earlier ones.
//   order     a step of an item begins when the item has left the step before, and the item before it has left this one;
//             the jobs of one step run side by side. Which thread does what changes nothing in the result
//   whose     a step is done by who did it last, since what it remembers is near that processor; another takes it over when
//             it has found nothing of its own for a moment
//   waiting   a thread without work spins for a moment, since the next is near, and then sleeps
//   memory    nothing is allocated per run
//   errors    what a job throws ends the run, and leaves run() once no other job is at work; Error{environment} where the
//             threads cannot be started
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace auralis {

class Line {
 public:
  // How many jobs this step has for this item: asked once, before the first of them, by one thread at a time. None skips it.
  virtual int jobs(int step, int64_t item) = 0;
  virtual void work(int step, int64_t item, int job) = 0;

 protected:
  ~Line() = default;
};

class Workers {
 public:
  static constexpr int64_t most_under_way = 16;  // items
  static constexpr int most_steps = 32;

  explicit Workers(int threads);  // the caller's own included
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int threads() const { return static_cast<int>(threads_.size()) + 1; }

  // Items 0 … items − 1 through steps 0 … steps − 1, at most under_way of them at a time, in this thread and the others.
  void run(Line& line, int steps, int64_t items, int64_t under_way);

 private:
  struct Item {
    int step = 0;
    bool open = false;  // the step's jobs are known
    int jobs = 0;
    int next_job = 0;
    int unfinished = 0;
  };
  struct Task {
    int step;
    int64_t item;
    int job;
  };
  using Lock = std::unique_lock<std::mutex>;

  Item& at(int64_t item) { return items_[static_cast<size_t>(item % most_under_way)]; }
  bool open_step(int64_t item);
  bool find_job(int me, bool any, int64_t& found);
  bool take(int me, bool any, Task& task);
  void do_task(const Task& task, Lock& lock);
  void leave_step(int64_t item);
  bool over() const { return working_ == 0 && (failure_ != nullptr || oldest_ == items_end_); }
  bool next(int me, Task& task, Lock& lock);
  void await_change(Lock& lock);
  void help(int me);
  void end();

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<uint64_t> changes_{0};
  int asleep_ = 0;
  bool stop_ = false;

  // The run.
  Line* line_ = nullptr;
  int steps_ = 0;
  int64_t oldest_ = 0;    // of the items under way
  int64_t admitted_ = 0;  // items that are under way or through
  int64_t items_end_ = 0;
  int64_t under_way_ = 0;
  int working_ = 0;
  std::array<Item, most_under_way> items_{};
  std::array<int, most_steps> last_{};  // by step: who did it last
  std::exception_ptr failure_;
};

}  // namespace auralis
