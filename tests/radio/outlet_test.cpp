// SPDX-License-Identifier: MIT
#include "radio/outlet.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/clock.h"

namespace auralis {
namespace {

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

  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), condition);
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

OutletSettings settings_for(const std::shared_ptr<Place>& place) {
  return {.name = "test",
          .place = "here",
          .open = [place](const SinkFormat&, const std::stop_token&) -> std::unique_ptr<Sink> {
            place->set([&] { ++place->opened; });
            const std::lock_guard lock(place->mutex);
            if (place->refuses) throw std::runtime_error("refused");
            return std::make_unique<TestSink>(place);
          },
          .first_delay_s = 0.001,
          .longest_delay_s = 0.01};
}

// 100 ms.
SinkSound chunk(int64_t number) {
  return {std::make_shared<std::vector<float>>(9600, 0.0F), 4800 * number, 100'000 * number};
}

constexpr int rate = 48000;

void until_up(const Outlet& outlet) {
  const double until_s = monotonic_s() + 20;
  while (!outlet.figures().up && monotonic_s() < until_s) std::this_thread::yield();
  REQUIRE(outlet.figures().up);
}

}  // namespace

TEST_CASE("An outlet carries every chunk in its order, and the titles, and ends when all was carried") {
  const auto place = std::make_shared<Place>();
  Outlet outlet(settings_for(place), {rate, 2});
  until_up(outlet);
  outlet.tell("one");
  outlet.tell("one");
  for (int64_t i = 0; i < 20; ++i) outlet.play(chunk(i));
  outlet.leave(20);
  CHECK(place->finished);
  REQUIRE(place->carried.size() == 20);
  for (size_t i = 0; i < 20; ++i) CHECK(place->carried[i] == 4800 * static_cast<int64_t>(i));
  CHECK(place->titles == std::vector<std::string>{"one"});
  CHECK(outlet.figures().lost_s == 0.0);
}

TEST_CASE("A sink that fails is opened again, and told the title again") {
  const auto place = std::make_shared<Place>();
  place->refuses = true;
  Outlet outlet(settings_for(place), {rate, 2});
  outlet.tell("one");
  CHECK(place->wait([&] { return place->opened >= 4; }));
  place->set([&] { place->refuses = false; });
  until_up(outlet);
  CHECK(outlet.figures().failures >= 3);
  CHECK(place->wait([&] { return place->titles.size() == 1; }));
  const uint64_t failures = outlet.figures().failures;
  place->set([&] { place->breaks = true; });
  outlet.play(chunk(0));
  CHECK(place->wait([&] { return place->titles.size() == 2; }));
  until_up(outlet);
  CHECK(outlet.figures().failures == failures + 1);
  outlet.play(chunk(7));
  outlet.leave(20);
  CHECK(place->carried == std::vector<int64_t>{4800 * 7});
}

TEST_CASE("A sink that hangs delays nobody, loses its own oldest sound and is left behind") {
  const auto place = std::make_shared<Place>();
  place->hangs = true;
  auto outlet = std::make_unique<Outlet>(settings_for(place), SinkFormat{rate, 2, {}});
  until_up(*outlet);
  outlet->play(chunk(0));
  REQUIRE(place->wait([&] { return place->carried.size() == 1; }));
  for (int64_t i = 1; i <= 100; ++i) outlet->play(chunk(i));
  CHECK(outlet->figures().lost_s == doctest::Approx(7.0));
  place->set([&] { place->hangs = false; });
  REQUIRE(place->wait([&] { return place->carried.size() == 31; }));
  CHECK(place->carried[1] == 4800 * 71);
  place->set([&] { place->hangs = true; });
  outlet->play(chunk(101));
  REQUIRE(place->wait([&] { return place->carried.size() == 32; }));
  outlet->leave(0.05);
  outlet.reset();
  place->set([&] { place->hangs = false; });  // its thread ends by itself
  CHECK(place->wait([&] { return place->finished; }));
}

TEST_CASE("A sink that is being opened when its outlet is left is stopped at once") {
  const auto place = std::make_shared<Place>();
  OutletSettings settings = settings_for(place);
  settings.open = [place](const SinkFormat&, const std::stop_token& stop) -> std::unique_ptr<Sink> {
    place->set([&] { ++place->opened; });
    while (!stop.stop_requested()) std::this_thread::yield();
    throw std::runtime_error("stopped");
  };
  Outlet outlet(settings, {rate, 2});
  REQUIRE(place->wait([&] { return place->opened == 1; }));
  outlet.leave(3600);
  CHECK(outlet.has_ended());
}

TEST_CASE("What comes while no sink is open is lost, and counted") {
  const auto place = std::make_shared<Place>();
  place->refuses = true;
  Outlet outlet(settings_for(place), {rate, 2});
  for (int64_t i = 0; i < 20; ++i) outlet.play(chunk(i));
  CHECK(outlet.figures().lost_s == doctest::Approx(2.0));
  CHECK_FALSE(outlet.figures().up);
}

}  // namespace auralis
