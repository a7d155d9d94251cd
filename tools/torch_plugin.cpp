// SPDX-License-Identifier: MIT
#include "torch_plugin.h"

#include <filesystem>

#include "base/error.h"
#include "base/log.h"
#include "base/plugin.h"
#include "torch/plugin.h"

namespace auralis {
namespace {

const TorchPlugin& load_torch(const std::string& asked, const std::string& instead) {
  const PluginRequest request{"libauralis_torch.so", "auralis_torch_plugin", asked,
                              "build it with scripts/setup --torch, or choose " + instead};
  const auto entry = reinterpret_cast<decltype(&auralis_torch_plugin)>(load_plugin(request));
  const TorchPlugin& plugin = *entry();
  if (std::string(plugin.version) != AURALIS_VERSION) {
    throw Error(Exit::environment, asked + " needs " + request.file + " of version " AURALIS_VERSION +
                                       ", and found " + plugin.version + "; " + request.instead);
  }
  return plugin;
}

}  // namespace

std::shared_ptr<const Device> open_device(const std::string& name) {
  check_device_name(name);
  if (names_processor(name)) return nullptr;
  const TorchPlugin& plugin = load_torch("--device " + name, "--device cpu");
  std::shared_ptr<const Device> device = plugin.open_device(name);
  if (const std::string warning = device->warning(); !warning.empty()) log_warning(warning);
  return device;
}

std::vector<std::string> list_devices(std::string& why) {
  try {
    return load_torch("any other device", "the processor").list_devices();
  } catch (const Error& error) {
    why = error.what();
    return {"cpu"};
  }
}

std::unique_ptr<MelodySource> open_transformer(uint64_t seed) {
  const std::string asked = "--melody transformer";
  const std::string instead = "--melody constraint";
  const TorchPlugin& plugin = load_torch(asked, instead);
  constexpr const char* weights = "melody.weights";
  const std::filesystem::path path = find_installed("../share/auralis", weights);
  if (path.empty()) {
    throw Error(Exit::environment, asked + " needs " + weights + ", which is not installed with " +
                                       program_folder().string() + "; install it, or choose " + instead);
  }
  return plugin.open_transformer(path.string(), seed);
}

}  // namespace auralis
