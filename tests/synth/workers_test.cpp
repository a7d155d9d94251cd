// SPDX-License-Identifier: MIT
#include "synth/workers.h"

#include <doctest/doctest.h>

#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

using namespace auralis;

namespace {

// Every step counts what it is shown: in step 0 one job, in step 1 as many as the item's number says, in step 2 one.
struct Counting : Line {
  explicit Counting(int64_t count) : done(static_cast<size_t>(count)) {}

  int jobs(int step, int64_t item) override {
    const std::array<int, 3>& here = done[static_cast<size_t>(item)];
    if (step > 0 && here[static_cast<size_t>(step) - 1] != jobs_in(step - 1, item)) ++out_of_order;
    if (item > 0 && done[static_cast<size_t>(item) - 1][static_cast<size_t>(step)] != jobs_in(step, item - 1))
      ++out_of_order;
    return jobs_in(step, item);
  }
  void work(int step, int64_t item, int job) override {
    if (item == throws_at && step == 1) throw std::runtime_error("item " + std::to_string(item));
    if (step == 0) before.push_back(item);
    if (step == 2) after.push_back(item);
    volatile int spent = 0;
    for (int i = 0; i < 200 * (job + 1); ++i) spent = spent + i;
    const std::lock_guard lock(mutex);
    ++done[static_cast<size_t>(item)][static_cast<size_t>(step)];
  }
  static int jobs_in(int step, int64_t item) { return step == 1 ? static_cast<int>(item % 5) : 1; }

  std::mutex mutex;
  std::vector<std::array<int, 3>> done;
  std::vector<int64_t> before, after;  // without a lock: a step has one item at a time
  std::atomic<int> out_of_order{0};
  int64_t throws_at = -1;
};

}  // namespace

TEST_CASE(
    "Every item goes through every step once, each step in the items' order, on any number of threads") {
  constexpr int64_t items = 300;
  std::vector<int64_t> all(items);
  std::iota(all.begin(), all.end(), 0);
  for (const int threads : {1, 2, 3, 8}) {
    CAPTURE(threads);
    Workers workers(threads);
    CHECK(workers.threads() == threads);
    for (const int64_t under_way : {1, 2, 4, 16}) {
      CAPTURE(under_way);
      Counting line(items);
      workers.run(line, 3, items, under_way);
      CHECK(line.before == all);
      CHECK(line.after == all);
      CHECK(line.out_of_order == 0);
      for (int64_t i = 0; i < items; ++i) {
        for (int step = 0; step < 3; ++step) {
          if (line.done[static_cast<size_t>(i)][static_cast<size_t>(step)] != Counting::jobs_in(step, i))
            FAIL("item " << i << ", step " << step);
        }
      }
    }
  }
}

TEST_CASE("What a job throws leaves the run, and the next run is whole again") {
  for (const int threads : {1, 2, 4}) {
    CAPTURE(threads);
    Workers workers(threads);
    Counting broken(40);
    broken.throws_at = 23;
    CHECK_THROWS_WITH_AS(workers.run(broken, 3, 40, 4), "item 23", std::runtime_error);
    CHECK(broken.after.size() <= 23);
    Counting whole(40);
    workers.run(whole, 3, 40, 4);
    CHECK(whole.after.size() == 40);
  }
}
