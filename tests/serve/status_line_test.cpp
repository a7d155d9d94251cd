// SPDX-License-Identifier: MIT
#include "serve/status_line.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace auralis;
using nlohmann::json;

TEST_CASE("What is on stands in one line, and what is not known is left out") {
  const json status{{"preset", "focus"}, {"chord", "Dm9"}};
  CHECK(status_line(status, 754.9, json{{"clients", 3}, {"cpu_percent", 2.44}}) ==
        "focus · Dm9 · 12:34 · 3 listeners · 2.4 % CPU");
  CHECK(status_line(status, 0, json{{"clients", 1}, {"cpu_percent", nullptr}}) ==
        "focus · Dm9 · 0:00 · 1 listener");
  CHECK(status_line(json{{"preset", nullptr}}, 60, json{{"clients", 0}}) == "1:00 · no listener");
}
