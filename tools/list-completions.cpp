// SPDX-License-Identifier: MIT
// list-completions FOLDER: writes the completions of every command for bash, zsh and fish there, as they are installed.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "completions.h"

int main(int argc, char** argv) {
  using namespace auralis::cli;
  if (argc != 2) {
    std::cerr << "list-completions: expected a folder\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const auto write = [](const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  };
  for (const CommandInfo& command : all_commands()) {
    write(folder / "bash" / command.name, bash_completion(command));
    write(folder / "zsh" / ("_" + command.name), zsh_completion(command));
    write(folder / "fish" / (command.name + ".fish"), fish_completion(command));
  }
}
