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
  return plugin_table<TorchPlugin>({"libauralis_torch.so", "auralis_torch_plugin", asked,
                                    "build it with scripts/setup --torch, or choose " + instead});
}

constexpr const char* transformer_asked = "--melody transformer";
constexpr const char* instead_of_transformer = "--melody constraint";

std::string find_weights(const std::string& name) {
  const std::filesystem::path path = find_installed("../share/auralis", name);
  if (path.empty()) {
    throw Error(Exit::environment, std::string(transformer_asked) + " needs " + name +
                                       ", which is not installed with " + program_folder().string() +
                                       "; install it, or choose " + instead_of_transformer);
  }
  return path.string();
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
  const TorchPlugin& plugin = load_torch(transformer_asked, instead_of_transformer);
  return plugin.open_transformer(find_weights("melody.weights"), seed);
}

std::unique_ptr<VoicesSource> open_voices() {
  const TorchPlugin& plugin = load_torch(transformer_asked, instead_of_transformer);
  return plugin.open_voices(find_weights("voices.weights"));
}

}  // namespace auralis
