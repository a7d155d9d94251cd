// SPDX-License-Identifier: MIT
#include "radio/outlet.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>

#include "radio/test_sink.h"

namespace auralis {

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
  place->until([&] { return place->opened >= 4; });
  place->set([&] { place->refuses = false; });
  until_up(outlet);
  CHECK(outlet.figures().failures >= 3);
  place->until([&] { return place->titles.size() == 1; });
  const uint64_t failures = outlet.figures().failures;
  place->set([&] { place->breaks = true; });
  outlet.play(chunk(0));
  place->until([&] { return place->titles.size() == 2; });
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
  place->until([&] { return place->carried.size() == 1; });
  for (int64_t i = 1; i <= 100; ++i) outlet->play(chunk(i));
  CHECK(outlet->figures().lost_s == doctest::Approx(7.0));
  place->set([&] { place->hangs = false; });
  place->until([&] { return place->carried.size() == 31; });
  CHECK(place->carried[1] == 4800 * 71);
  place->set([&] { place->hangs = true; });
  outlet->play(chunk(101));
  place->until([&] { return place->carried.size() == 32; });
  outlet->leave(0.05);
  outlet.reset();
  place->set([&] { place->hangs = false; });  // its thread ends by itself
  place->until([&] { return place->finished; });
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
  place->until([&] { return place->opened == 1; });
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

TEST_CASE("A place is one outlet's at a time, and another that wants it has it once the first has left it") {
  const auto first = std::make_shared<Place>();
  const auto second = std::make_shared<Place>();
  OutletSettings settings = settings_for(first);
  settings.asked.file = settings.place + ".sdp";
  OutletSettings next = settings_for(second);
  next.asked.file = settings.asked.file;  // described in the same file
  Outlet outlet(settings, {rate, 2});
  until_up(outlet);
  Outlet waiting(next, {rate, 2});
  until([&waiting] { return waiting.figures().failures >= 3; });
  CHECK(second->opened == 0);
  outlet.leave(20);
  until_up(waiting);
}

}  // namespace auralis
