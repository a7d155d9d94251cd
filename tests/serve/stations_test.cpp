// SPDX-License-Identifier: MIT
#include "serve/stations.h"

#include <doctest/doctest.h>

#include "temporary_folder.h"

namespace auralis {
namespace {

struct Rig {
  Rig() {
    for (const char* name : {"default", "forest"}) {
      StationSettings settings;
      settings.name = name;
      settings.session = folder.path;
      stations.add(std::make_unique<Station>(
          loop, settings, [] { return nullptr; }, [](Station&) {}));
    }
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

}  // namespace auralis
