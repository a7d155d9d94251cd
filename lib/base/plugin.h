// SPDX-License-Identifier: MIT
// Parts of ours that are loaded only when something asks for them, since what they stand on is heavy; and where what is
// installed beside a program lies.
//   lookup   beside the program, then in a folder given relative to it, such as ../lib/auralis
//   errors   Error{environment}, one line: who asked, what is missing, what to install or to choose instead
#pragma once

#include <filesystem>
#include <string>

namespace auralis {

struct PluginRequest {
  std::string file;     // libauralis_torch.so
  std::string entry;    // the C function that returns the table of what it can do
  std::string asked;    // "--device cuda"
  std::string instead;  // "build it with scripts/setup --torch, or choose --device cpu"
};

// The address of the entry. What is loaded is never unloaded: what it made may live as long as the program.
void* load_plugin(const PluginRequest& request);
// Throws where a plugin was not built together with this program.
void check_plugin(const PluginRequest& request, const std::string& version);

// The table that the entry returns, a C function of no arguments. Its `version` is the program's.
template <typename Plugin>
const Plugin& plugin_table(const PluginRequest& request) {
  const Plugin& plugin = *reinterpret_cast<const Plugin* (*)()>(load_plugin(request))();
  check_plugin(request, plugin.version);
  return plugin;
}

std::filesystem::path program_folder();
// Empty where it is in neither place.
std::filesystem::path find_installed(const std::filesystem::path& folder, const std::string& file);

}  // namespace auralis
