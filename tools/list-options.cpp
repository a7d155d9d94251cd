// SPDX-License-Identifier: MIT
// Prints the option tables of the commands as JSON: tests and generators read them here. Not installed.
#include <iostream>
#include <nlohmann/json.hpp>

#include "options.h"

int main() {
  using namespace auralis::cli;
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (CommandInfo command : all_commands()) {
    for (OptionInfo& option : common_options(command)) command.options.push_back(std::move(option));
    all.push_back(table_json(command));
  }
  std::cout << all.dump(2) << "\n";
}
