// SPDX-License-Identifier: MIT
#include "model/control.h"
#include "model/layer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

using namespace auralis;
using nlohmann::json;

namespace {

// The field a control is refused for; "-" where it is taken.
std::string refused_field(const std::string& text) {
  try {
    parse_control(json::parse(text));
    return "-";
  } catch (const ControlError& error) {
    CHECK(std::string(error.what()).size() > 5);
    return error.field;
  }
}

}  // namespace

TEST_CASE("A control reads back to the fields that were set, and no others") {
  const json fields = json::parse(
      R"({"key":"F#","mode":"lydian","bpm":72.5,"intensity":0.25,"preset":"focus","layers":{"pad":{"on":false,"gain_db":-6}}})");
  json object = fields;
  object["type"] = "control";
  object["id"] = "42";
  const Control control = parse_control(object);
  CHECK(control.id == "42");
  CHECK(control_fields(control) == fields);
  CHECK(control_fields(parse_control({{"bpm", 60}})) == json({{"bpm", 60.0}}));
  CHECK(parse_control(json::object()).empty());
}

TEST_CASE("The limits of each field are taken and what lies beyond is refused, naming the field") {
  CHECK(refused_field(R"({"bpm":30})") == "-");
  CHECK(refused_field(R"({"bpm":120})") == "-");
  CHECK(refused_field(R"({"bpm":29.9})") == "bpm");
  CHECK(refused_field(R"({"bpm":"60"})") == "bpm");
  CHECK(refused_field(R"({"intensity":0})") == "-");
  CHECK(refused_field(R"({"intensity":1.0001})") == "intensity");
  CHECK(refused_field(R"({"intensity":null})") == "intensity");
  CHECK(refused_field(R"({"key":"Bb"})") == "-");
  CHECK(refused_field(R"({"key":"H"})") == "key");
  CHECK(refused_field(R"({"key":"C##"})") == "key");
  CHECK(refused_field(R"({"mode":"phrygian"})") == "-");
  CHECK(refused_field(R"({"mode":"bebop"})") == "mode");
  CHECK(refused_field(R"({"preset":"../etc/passwd"})") == "preset");
  CHECK(refused_field(R"({"layers":{"pad":{"gain_db":-60}}})") == "-");
  CHECK(refused_field(R"({"layers":{"pad":{"gain_db":6.1}}})") == "layers.pad.gain_db");
  CHECK(refused_field(R"({"layers":{"pad":{"on":1}}})") == "layers.pad.on");
  CHECK(refused_field(R"({"layers":{"pad":{"loud":true}}})") == "layers.pad.loud");
  CHECK(refused_field(R"({"layers":{"PAD":{}}})") == "layers.PAD");
  CHECK(refused_field(R"({"layers":[]})") == "layers");
  CHECK(refused_field(R"({"tempo":60})") == "tempo");
  CHECK(refused_field(R"({"id":[]})") == "id");
  CHECK(refused_field("[]").empty());
}

TEST_CASE("A mix is one to three presets with shares, as JSON and as words, and ends with a preset") {
  const Control control = parse_control({{"mix", {{"focus", 0.7}, {"sleep", 0.3}}}});
  REQUIRE(control.mix() != nullptr);
  CHECK(*control.mix() == Mix{{"focus", 0.7}, {"sleep", 0.3}});
  CHECK(parse_control(control_fields(control)) == control);
  CHECK(std::get<Mix>(parse_text(info_of(ControlId::mix), "focus:0.7,sleep:.3")) == *control.mix());
  for (const char* wrong :
       {R"({"a":1,"b":1,"c":1,"d":1})", R"({"a":0})", R"({"a":1.1})", R"({"A":1})", "{}", "[]"})
    CHECK_THROWS_AS(parse_control({{"mix", nlohmann::json::parse(wrong)}}), ControlError);
  for (const char* wrong : {"", "a:", "a:x", "a:1,b:1,c:1,d:1", ":1"})
    CHECK_THROWS_AS(parse_text(info_of(ControlId::mix), wrong), ControlError);
  Control both = control;
  both.merge(parse_control({{"preset", "glass"}}));
  CHECK(both.mix() == nullptr);
}

TEST_CASE("A misspelt field is answered with the nearest known one") {
  try {
    parse_control({{"intensty", 0.5}});
    FAIL("taken");
  } catch (const ControlError& error) {
    CHECK(std::string(error.what()).find("expected intensity") != std::string::npos);
  }
}

TEST_CASE("Later wishes win over earlier ones, layers member by member") {
  Control wish = parse_control(json::parse(R"({"bpm":50,"key":"D","layers":{"pad":{"gain_db":-3}}})"));
  wish.merge(parse_control(json::parse(R"({"bpm":70,"layers":{"pad":{"on":false},"lead":{"on":true}}})")));
  CHECK(control_fields(wish) ==
        json::parse(
            R"({"bpm":70.0,"key":"D","layers":{"pad":{"gain_db":-3.0,"on":false},"lead":{"on":true}}})"));
}

TEST_CASE("An annotation gives back what was applied; fields of a later version are passed over") {
  const Control control =
      parse_annotation(json::parse(R"({"id":"x","t":1,"bpm":70,"weather":"rain","intensity":7})"));
  CHECK(control.id == "x");
  CHECK(control_fields(control) == json({{"bpm", 70.0}}));
}

TEST_CASE("The table tells every door the kinds, ranges and names that parsing holds to") {
  const nlohmann::ordered_json all = control_table_json();
  for (const ControlInfo& info : control_table) {
    const auto& row = all.at(std::string(info.name));
    CHECK(row.at("kind") == kind_name(info.kind));
    if (info.kind != ControlKind::number) continue;
    for (const char* end : {"min", "max"}) CHECK_NOTHROW(parse_value(info, row.at(end), "x"));
    CHECK_THROWS_AS(parse_value(info, info.max + 0.001, "x"), ControlError);
  }
  for (const auto& key : all.at("key").at("names")) CHECK_NOTHROW(parse_control({{"key", key}}));
  for (const auto& mode : all.at("mode").at("names")) CHECK_NOTHROW(parse_control({{"mode", mode}}));
  CHECK(all.at("mode").at("steps").size() == all.at("mode").at("names").size());
  CHECK(all.at("layers").at("layers").size() == layer_count);
  for (const char* table : {"preset", "layers"}) {
    const std::regex pattern(all.at(table).at("pattern").get<std::string>());
    for (const std::string name :
         {"pad", "lead-2", "my_preset", "master", "master-2", "", "Pad", "a b", "ä"}) {
      CAPTURE(name);
      CHECK(std::regex_search(name, pattern) == is_layer_name(name));
    }
    for (const size_t length : {32u, 33u})
      CHECK(std::regex_search(std::string(length, 'a'), pattern) == (length == 32));
  }
}
