// SPDX-License-Identifier: MIT
#include "melody_plugin.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace auralis {
namespace {

constexpr const char* plugin_name = "libauralis_transformer.so";
constexpr const char* weights_name = "melody.weights";

std::filesystem::path first_of(const std::filesystem::path& bin,
                               const std::vector<std::filesystem::path>& folders, const char* name) {
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (std::filesystem::exists(bin / folder / name, ignored)) return bin / folder / name;
  }
  throw Error(Exit::environment, std::string("--melody transformer needs ") + name +
                                     ", which is not installed with " + bin.string() +
                                     "; build the transformer or choose --melody constraint");
}

}  // namespace

std::unique_ptr<MelodySource> load_melody_plugin(uint64_t seed) {
  const std::filesystem::path bin = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::string plugin = first_of(bin, {".", "../lib/auralis"}, plugin_name);
  const std::string weights = first_of(bin, {".", "../share/auralis"}, weights_name);
  // Never unloaded: the source's code lives in it.
  void* library = ::dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error(Exit::environment, "cannot load " + plugin + ": " + ::dlerror());
  const auto make = reinterpret_cast<MakeMelodySource>(::dlsym(library, "auralis_make_transformer_melody"));
  if (make == nullptr) throw Error(Exit::environment, "cannot use " + plugin + ": " + ::dlerror());
  return std::unique_ptr<MelodySource>(make(weights.c_str(), seed));
}

}  // namespace auralis
