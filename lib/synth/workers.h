// SPDX-License-Identifier: MIT
// A few threads along one assembly line: every item goes through the same steps, and while one is in a late step, those
// after it are in earlier ones.
//   order     a step takes the items in their order, one at a time, and an item once the steps it needs have let it go.
//             Which thread does what changes nothing in the result
//   whose     a step is done by who did it last, since what it remembers is near that processor; another takes it over when
//             it has found nothing of its own for a moment. A step that has not begun waits for no thread
//   waiting   a thread without work spins for a moment, since the next is near, and then sleeps
//   memory    nothing is allocated per run
//   errors    what a step throws ends the run, and leaves run() once no other step is at work; Error{environment} where the
//             threads cannot be started
#pragma once

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
  virtual void work(int step, int64_t item) = 0;

 protected:
  ~Line() = default;
};

class Workers {
 public:
  // The step may begin with an item once the needed one has let go of the item `behind` places before it.
  struct Need {
    int step;
    int64_t behind = 0;
  };
  struct Step {
    std::vector<Need> needs;
    bool callers = false;  // done in the thread that calls run(), and in no other
  };

  // threads: the caller's own included. Steps that need each other's items of the same number stand in that order.
  Workers(int threads, Line& line, std::vector<Step> steps);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int threads() const { return static_cast<int>(threads_.size()) + 1; }

  // The next so many items through all steps; they are numbered from 0, and on from run to run.
  void run(int64_t items);

 private:
  // Counts only ever go up, so that a thread that comes late to a run finds nothing to do rather than something stale.
  struct alignas(64) Place {
    std::atomic<int64_t> done{0};  // items that have left the step
    std::atomic<bool> taken{false};
    std::atomic<int> last{0};  // who did it last
  };

  void run_alone(int64_t first, int64_t items);
  int64_t ready(size_t step) const;
  bool free_for(int me, size_t step) const;
  bool find(int me, bool any, size_t& step);
  bool take(int me, size_t& step);
  void wake_for_more();
  void do_step(size_t step);
  bool over() const;
  void await_work(int me);
  void wake();
  void fail(std::exception_ptr thrown);
  void abandon();
  void help(int me);
  void end();

  Line& line_;
  const std::vector<Step> steps_;
  std::vector<Place> places_;  // by step
  std::atomic<int64_t> limit_{0};
  std::atomic<bool> failed_{false};
  std::atomic<bool> stop_{false};

  std::atomic<int> asleep_{0};
  std::mutex mutex_;  // for what follows
  std::condition_variable woken_;
  uint64_t wakes_ = 0;
  std::exception_ptr failure_;

  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace auralis
