// SPDX-License-Identifier: MIT
#include "radio/outlets.h"

#include <doctest/doctest.h>

#include "radio/test_sink.h"

namespace auralis {
namespace {

OutletSettings named(const std::string& name, const std::string& address,
                     const std::shared_ptr<Place>& place) {
  OutletSettings settings = settings_for(place);
  settings.name = name;
  settings.asked = {.kind = "test", .address = address};
  return settings;
}

size_t up(const Outlets& outlets) {
  size_t count = 0;
  for (const auto& [name, figures] : outlets.figures()) count += figures.up ? 1 : 0;
  return count;
}

void until_up_are(const Outlets& outlets, size_t count) {
  until([&] { return up(outlets) == count; });
}

}  // namespace

TEST_CASE(
    "Where places change, what stays misses no chunk, what goes is finished, what comes knows the title") {
  const auto stays = std::make_shared<Place>();
  const auto goes = std::make_shared<Place>();
  const auto comes = std::make_shared<Place>();
  Outlets outlets({named("one", "a", goes), named("two", "b", stays)});
  outlets.begin({rate, 2});
  outlets.tell("Dm9");
  until_up_are(outlets, 2);
  for (int64_t i = 0; i < 5; ++i) outlets.play(chunk(i));
  // Another name for the same place is the same outlet.
  outlets.follow({named("one", "b", std::make_shared<Place>()), named("two", "c", comes)});
  outlets.begin({rate, 2});
  goes->until([&] { return goes->finished; });
  until_up_are(outlets, 2);
  for (int64_t i = 5; i < 10; ++i) outlets.play(chunk(i));
  outlets.leave(20);
  CHECK(goes->carried.size() == 5);
  CHECK(stays->opened == 1);
  CHECK(stays->carried.size() == 10);
  CHECK(comes->carried == std::vector<int64_t>{4800 * 5, 4800 * 6, 4800 * 7, 4800 * 8, 4800 * 9});
  CHECK(comes->titles == std::vector<std::string>{"Dm9"});
  CHECK(outlets.figures().front().first == "one");
}

TEST_CASE("One that hangs as it should end holds up nothing that plays, and is waited for at the end alone") {
  const auto hangs = std::make_shared<Place>();
  const auto plays = std::make_shared<Place>();
  hangs->hangs = true;
  Outlets outlets({named("one", "a", hangs)});
  outlets.begin({rate, 2});
  until_up_are(outlets, 1);
  outlets.play(chunk(0));
  hangs->until([&] { return hangs->carried.size() == 1; });
  outlets.follow({named("one", "b", plays)});
  outlets.begin({rate, 2});
  until_up_are(outlets, 1);
  for (int64_t i = 1; i < 5; ++i) outlets.play(chunk(i));
  plays->until([&] { return plays->carried.size() == 4; });
  outlets.finish();
  CHECK_FALSE(outlets.have_ended());
  hangs->set([&] { hangs->hangs = false; });
  outlets.leave(20);
  CHECK(outlets.have_ended());
  CHECK(hangs->finished);
}

TEST_CASE("A folder of HLS is where the places say that it is, at every time") {
  Outlets outlets({});
  CHECK(outlets.address_of(hls_kind).empty());
  OutletSettings hls = named("hls", "/tmp/hls", std::make_shared<Place>());
  hls.asked.kind = hls_kind;
  outlets.follow({hls});
  CHECK(outlets.address_of(hls_kind) == "/tmp/hls");
  outlets.follow({});
  CHECK(outlets.address_of(hls_kind).empty());
}

}  // namespace auralis
