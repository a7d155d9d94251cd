// SPDX-License-Identifier: MIT
#include "base/plugin.h"

#include <dlfcn.h>

#include "base/error.h"

namespace auralis {
namespace {

std::string why() {
  const char* said = ::dlerror();
  return said != nullptr ? said : "no reason given";
}

}  // namespace

std::filesystem::path program_folder() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

std::filesystem::path find_installed(const std::filesystem::path& folder, const std::string& file) {
  for (const std::filesystem::path& place : {program_folder(), program_folder() / folder}) {
    std::error_code ignored;
    if (std::filesystem::exists(place / file, ignored)) return place / file;
  }
  return {};
}

void* load_plugin(const PluginRequest& request) {
  const std::filesystem::path path = find_installed("../lib/auralis", request.file);
  if (path.empty()) {
    throw Error(Exit::environment, request.asked + " needs " + request.file +
                                       ", which is not installed with " + program_folder().string() + "; " +
                                       request.instead);
  }
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(Exit::environment, request.asked + " needs " + path.string() + ", which cannot be loaded (" +
                                       why() + "); " + request.instead);
  }
  void* entry = ::dlsym(library, request.entry.c_str());
  if (entry == nullptr) {
    throw Error(Exit::environment, request.asked + " needs " + path.string() +
                                       ", which is of another kind (" + why() + "); " + request.instead);
  }
  return entry;
}

void check_plugin(const PluginRequest& request, const std::string& version) {
  if (version == AURALIS_VERSION) return;
  throw Error(Exit::environment, request.asked + " needs " + request.file + " of version " AURALIS_VERSION +
                                     ", and found " + version + "; " + request.instead);
}

}  // namespace auralis
