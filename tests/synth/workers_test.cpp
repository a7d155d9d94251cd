// SPDX-License-Identifier: MIT
#include "synth/workers.h"

#include <doctest/doctest.h>

#include <array>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "model/rng.h"

using namespace auralis;

namespace {

// A line that forks and joins: 0 → 1 and 2 → 3, where 0 runs at most so many items ahead of 3, and 3 is the caller's. Every
// step writes down what it is shown, without a lock: a step has one item at a time.
constexpr int step_count = 4;

std::vector<Workers::Step> forked(int64_t ahead) {
  return {{{{3, ahead}}}, {{{0}}}, {{{0}}}, {.needs = {{1}, {2}}, .callers = true}};
}

struct Recording : Line {
  Recording(int64_t most_ahead, bool random_pace) : ahead(most_ahead), random(random_pace) {}

  void work(int step, int64_t item) override {
    const auto s = static_cast<size_t>(step);
    const auto has_left = [&](int64_t needed, int64_t number) {
      return done[static_cast<size_t>(needed)] > number;
    };
    bool in_order = done[s] == item;
    if (step == 0) in_order &= has_left(3, item - ahead);
    if (step == 1 || step == 2) in_order &= has_left(0, item);
    if (step == 3) in_order &= has_left(1, item) && has_left(2, item);
    if (step == 3 && std::this_thread::get_id() != caller) ++in_other_threads;
    if (!in_order) ++out_of_order;
    if (item == throws_at && step == 1) throw std::runtime_error("item " + std::to_string(item));
    if (random) linger(rngs[s]);
    seen[s].push_back(item);
    ++done[s];
  }
  // Sometimes nothing, mostly little, now and then so long that others must wait, and at times the processor is given away.
  static void linger(Rng& rng) {
    volatile uint32_t spent = 0;
    const double longest = rng.chance(0.02) ? 200000.0 : rng.chance(0.5) ? 500.0 : 0.0;
    const auto turns = static_cast<uint32_t>(rng.uniform(0.0, longest));
    for (uint32_t i = 0; i < turns; ++i) spent = spent + i;
    if (rng.chance(0.05)) std::this_thread::yield();
  }

  int64_t ahead;
  bool random;
  std::thread::id caller = std::this_thread::get_id();
  std::array<std::vector<int64_t>, step_count> seen;
  std::array<std::atomic<int64_t>, step_count> done{};
  std::array<Rng, step_count> rngs{Rng(1), Rng(2), Rng(3), Rng(4)};
  std::atomic<int> out_of_order{0};
  std::atomic<int> in_other_threads{0};
  int64_t throws_at = -1;
};

std::vector<int64_t> numbers(int64_t from, int64_t to) {
  std::vector<int64_t> all(static_cast<size_t>(to - from));
  std::iota(all.begin(), all.end(), from);
  return all;
}

}  // namespace

TEST_CASE(
    "Every item goes through every step once, in order and behind the steps it needs, on any number of "
    "threads and at "
    "any pace") {
  for (const int threads : {1, 2, 3, 8}) {
    for (const int64_t ahead : {1, 2, 16}) {
      for (const bool random : {false, true}) {
        CAPTURE(threads);
        CAPTURE(ahead);
        CAPTURE(random);
        Recording line(ahead, random);
        Workers workers(threads, line, forked(ahead));
        CHECK(workers.threads() == threads);
        int64_t items = 0;
        for (const int64_t more : {1, 100, 3, 1, 200}) {
          workers.run(more);
          items += more;
          for (const std::atomic<int64_t>& done : line.done) CHECK(done == items);
        }
        for (const std::vector<int64_t>& seen : line.seen) CHECK(seen == numbers(0, items));
        CHECK(line.out_of_order == 0);
        CHECK(line.in_other_threads == 0);
      }
    }
  }
}

TEST_CASE("What a step throws leaves the run, and the next run is whole again") {
  for (const int threads : {1, 2, 4}) {
    CAPTURE(threads);
    Recording line(4, true);
    Workers workers(threads, line, forked(4));
    line.throws_at = 23;
    CHECK_THROWS_WITH_AS(workers.run(40), "item 23", std::runtime_error);
    CHECK(line.seen[1] == numbers(0, 23));
    CHECK(line.seen[3].size() <= 23);
    for (std::atomic<int64_t>& done : line.done) done = 40;
    for (std::vector<int64_t>& seen : line.seen) seen.clear();
    line.out_of_order = 0;
    workers.run(40);
    for (const std::vector<int64_t>& seen : line.seen) CHECK(seen == numbers(40, 80));
    CHECK(line.out_of_order == 0);
  }
}

TEST_CASE("A run in which no other thread comes to anything ends all the same") {
  Recording line(16, false);
  Workers workers(64, line, forked(16));
  for (int run = 0; run < 200; ++run) workers.run(1);
  CHECK(line.seen[3] == numbers(0, 200));
}
