// SPDX-License-Identifier: MIT
#include "options.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli.h"

using namespace auralis::cli;

namespace {

using Visit = std::function<void(const CommandInfo&)>;

void for_each_command(const CommandInfo& command, const Visit& visit) {
  visit(command);
  for (const CommandInfo& subcommand : command.subcommands) for_each_command(subcommand, visit);
}

void for_each_command(const Visit& visit) {
  for (const CommandInfo& command : all_commands()) for_each_command(command, visit);
}

}  // namespace

TEST_CASE("Every example and every default is a valid value") {
  size_t checked = 0;
  for_each_command([&](const CommandInfo& command) {
    for (const OptionInfo& option : command.options) {
      for (const std::string& value : {option.example, option.initial}) {
        if (value.empty()) continue;
        CHECK_MESSAGE(refusal(option, value).empty(), command.name, " ", option.names, " ", value);
        ++checked;
      }
    }
  });
  CHECK(checked > 50);
}

TEST_CASE(
    "A table's rows are whole: no name twice, known names needed and excluded, values where there is one") {
  for_each_command([](const CommandInfo& command) {
    std::set<std::string_view> names;
    for (const OptionInfo& option : command.options) {
      INFO(command.name << " " << option.names);
      CHECK(names.insert(option.name()).second);
      CHECK((option.kind == ValueKind::flag) == option.value.empty());
      CHECK((option.kind == ValueKind::choice) == !option.choices.empty());
      CHECK((option.kind == ValueKind::control) == (option.control != nullptr));
      CHECK_FALSE(option.help.empty());
      if (option.kind == ValueKind::integer || option.kind == ValueKind::number)
        CHECK(option.min < option.max);
    }
    for (const OptionInfo& option : command.options) {
      for (const std::string& other : {option.needs, option.excludes}) {
        CHECK_MESSAGE((other.empty() || names.contains(other)), command.name, " ", option.names, " ", other);
      }
    }
  });
}

TEST_CASE("A bad value is refused with what was expected") {
  constexpr std::array<std::string_view, 3> formats{"s16", "s24", "f32"};
  const OptionInfo rate{
      .names = "--rate", .value = "HZ", .kind = ValueKind::integer, .min = 22050, .max = 192000};
  CHECK(refusal(rate, "22050").empty());
  CHECK(refusal(rate, "22049") == "is \"22049\", expected a whole number from 22050 to 192000");
  CHECK(refusal(rate, "44100.5") == "is \"44100.5\", expected a whole number from 22050 to 192000");
  CHECK(refusal(rate, "") == "is \"\", expected a whole number from 22050 to 192000");
  const OptionInfo share{.names = "--share", .value = "X", .kind = ValueKind::number, .min = 0.1, .max = 1};
  CHECK(refusal(share, "0.5").empty());
  CHECK(refusal(share, "1e-1").empty());
  CHECK(refusal(share, "nan") == "is \"nan\", expected a number from 0.1 to 1");
  const OptionInfo bits{.names = "--bits", .value = "FORMAT", .kind = ValueKind::choice, .choices = formats};
  CHECK(refusal(bits, "s17") == "is \"s17\", expected one of s16, s24, f32; the nearest is s16");
  const OptionInfo seed{.names = "--seed", .value = "N", .kind = ValueKind::seed};
  CHECK(refusal(seed, "18446744073709551615").empty());
  CHECK(refusal(seed, "18446744073709551616").find("expected a whole number") != std::string::npos);
  const OptionInfo session{.names = "--session", .value = "NAME", .kind = ValueKind::session};
  CHECK(refusal(session, "../x").find("session is \"../x\"") != std::string::npos);
}

TEST_CASE("A duration is hours, minutes and seconds, each with its unit") {
  for (const auto& [text, seconds] : {std::pair("90s", 90.0),
                                      {"1.5m", 90.0},
                                      {"2h", 7200.0},
                                      {"1h30m", 5400.0},
                                      {"0h1m30s", 90.0},
                                      {"0.25s", 0.25}}) {
    CHECK_MESSAGE(parse_duration(text) == seconds, text);
  }
  for (const char* text : {"", "0", "90", "1m30", "5x", "m", "-1", "1h 2m", "1e3", "10000h", "nan"}) {
    CHECK_MESSAGE(!parse_duration(text), text);
  }
}

TEST_CASE("An option goes by the last of its names") {
  CHECK(OptionInfo{.names = "-o,--output"}.name() == "--output");
  CHECK(OptionInfo{.names = "INPUT"}.name() == "INPUT");
}

TEST_CASE("The table as JSON has ranges as numbers and the subcommands' options") {
  const nlohmann::ordered_json render = table_json(render_command());
  const auto rate = std::ranges::find_if(
      render["options"], [](const nlohmann::ordered_json& option) { return option["names"] == "--rate"; });
  REQUIRE(rate != render["options"].end());
  CHECK((*rate)["min"] == 22050);
  CHECK((*rate)["initial"] == "44100");
  CHECK(table_json(stats_command())["subcommands"].size() == 4);
}

TEST_CASE("What follows the value of an option that may come again is an operand") {
  Command command({.name = "auralis-x",
                   .examples = {},
                   .summary = "",
                   .options = {{.names = "INPUT", .value = "INPUT"},
                               {.names = "--origin", .value = "URL", .repeated = true}}});
  std::string input;
  std::vector<std::string> origins;
  command.bind("INPUT", input);
  command.bind("--origin", origins);
  std::vector<std::string> words{"auralis-x", "--origin", "a", "in.wav", "--origin", "b"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  CHECK(command.run(static_cast<int>(arguments.size()), arguments.data()) == 0);
  CHECK(input == "in.wav");
  CHECK(origins == std::vector<std::string>{"a", "b"});
}
