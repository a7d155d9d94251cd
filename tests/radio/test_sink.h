// SPDX-License-Identifier: MIT
// A sink that tests steer, and sound for it.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "radio/outlet.h"

namespace auralis {

inline constexpr std::chrono::seconds patience{20};

// What sinks of a test did, and what they wait for.
struct Place {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int64_t> carried;  // positions
  std::vector<std::string> titles;
  int opened = 0;
  bool finished = false;
  bool refuses = false;  // to be opened
  bool breaks = false;   // with the next chunk
  bool hangs = false;

  // Whoever waits in vain fails there.
  template <typename Condition>
  void until(Condition condition) {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, patience, condition));
  }
  template <typename Change>
  void set(Change change) {
    const std::lock_guard lock(mutex);
    change();
    changed.notify_all();
  }
};

class TestSink final : public Sink {
 public:
  explicit TestSink(std::shared_ptr<Place> place) : place_(std::move(place)) {}
  void carry(const SinkSound& sound) override {
    std::unique_lock lock(place_->mutex);
    if (std::exchange(place_->breaks, false)) throw std::runtime_error("broken");
    place_->carried.push_back(sound.position);
    place_->changed.notify_all();
    place_->changed.wait(lock, [this] { return !place_->hangs; });
  }
  void tell(const std::string& title) override {
    place_->set([&] { place_->titles.push_back(title); });
  }
  void finish() override {
    place_->set([&] { place_->finished = true; });
  }

 private:
  std::shared_ptr<Place> place_;
};

// Under a name of its own, or one that another test's outlet may still have.
inline OutletSettings settings_for(const std::shared_ptr<Place>& place) {
  static int number = 0;
  return {.name = "test",
          .place = "here-" + std::to_string(++number),
          .open = [place](const SinkFormat&, const std::stop_token&) -> std::unique_ptr<Sink> {
            place->set([&] { ++place->opened; });
            const std::lock_guard lock(place->mutex);
            if (place->refuses) throw std::runtime_error("refused");
            return std::make_unique<TestSink>(place);
          },
          .backoff = {.settled_s = 10.0,
                      .first_delay_s = 0.001,
                      .longest_delay_s = 0.01,
                      .give_up_after = 0,
                      .tries_at_once = false}};
}

// 100 ms.
inline SinkSound chunk(int64_t number) {
  return {std::make_shared<std::vector<float>>(9600, 0.0F), 4800 * number, 100'000 * number};
}

inline constexpr int rate = 48000;

// Of what nobody tells: asked again and again.
template <typename Condition>
void until(const Condition& condition) {
  const double until_s = monotonic_s() + static_cast<double>(patience.count());
  bool is_so = condition();
  for (; !is_so && monotonic_s() < until_s; is_so = condition()) std::this_thread::yield();
  REQUIRE(is_so);
}

inline void until_up(const Outlet& outlet) {
  until([&outlet] { return outlet.figures().up; });
}

}  // namespace auralis
