// SPDX-License-Identifier: MIT
#include "serve/stations.h"

#include <doctest/doctest.h>

#include "serve/limits.h"
#include "temporary_folder.h"

namespace auralis {
namespace {

struct Rig {
  Rig() {
    for (const char* name : {"default", "forest"}) add(name);
  }
  Station& add(const std::string& name, const std::string& key = {}) {
    StationSettings settings;
    settings.name = name;
    settings.key = key;
    settings.session = folder.path;
    settings.broadcast.feed.ends_by_owner = true;  // the end of one stops no other's reading
    return stations.add(
        std::make_shared<Station>(loop, settings, Feed::Open([] { return nullptr; }), [](Station&) {}));
  }
  std::string listed() const {
    std::string names;
    for (const Station* station : stations.listed()) names += station->name() + " ";
    return names;
  }
  // "NAME PATH"
  std::string place(std::string_view path) const {
    const Stations::Place place = stations.place_of(path);
    return place.station == nullptr ? "none" : place.station->name() + " " + std::string(place.path);
  }

  test::TemporaryFolder folder;
  Loop loop{LoopSettings(), [] {}, [](Stream&) { return nullptr; }};
  Stations stations;
};

}  // namespace

TEST_CASE("A path under /s/NAME/ is that station's, any other the first one's") {
  const Rig rig;
  CHECK(rig.place("/") == "default /");
  CHECK(rig.place("/api/status") == "default /api/status");
  CHECK(rig.place("/s/default/api/status") == "default /api/status");
  CHECK(rig.place("/s/forest/") == "forest /");
  CHECK(rig.place("/s/forest/ws/stream") == "forest /ws/stream");
  CHECK(rig.place("/s/forest/s/default/") == "forest /s/default/");
  CHECK(rig.place("/s/forest") == "forest ");  // nowhere in it yet
  for (const char* path : {"/s/", "/s/nowhere", "/s/nowhere/", "/s//", "/s/Forest/"}) {
    CAPTURE(path);
    CHECK(rig.place(path) == "none");
  }
  CHECK(rig.place("/stream.wav") == "default /stream.wav");
}

TEST_CASE("A private station has its key as its address, and is in no list") {
  Rig rig;
  rig.add("private-1", "q7sFh1");
  CHECK(rig.place("/s/q7sFh1/health") == "private-1 /health");
  CHECK(rig.place("/s/private-1/health") == "none");
  CHECK(rig.place("/s/q7sFh/health") == "none");
  CHECK(rig.listed() == "default forest ");
}

TEST_CASE("A station that is dismissed has no address from then on, and goes once what is owed was sent") {
  Rig rig;
  int gone = 0;
  rig.stations.dismiss(*rig.stations.first(), 0, [&gone] { ++gone; });
  CHECK(rig.place("/s/default/health") == "none");
  CHECK(rig.place("/health") == "forest /health");
  CHECK(rig.listed() == "forest ");
  CHECK(rig.stations.all().size() == 2);
  rig.stations.tick(limits::us_per_s);
  CHECK(gone == 1);
  CHECK(rig.stations.all().size() == 1);
}

TEST_CASE("Listed stations stand as they are sorted, after those that no list knows") {
  Rig rig;
  rig.add("dunes");
  rig.add("private-1", "q7sFh1");
  rig.stations.sort_as({"dunes", "forest"});
  CHECK(rig.listed() == "default dunes forest ");
}

}  // namespace auralis
