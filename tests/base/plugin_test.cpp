// SPDX-License-Identifier: MIT
#include "base/plugin.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace auralis;

TEST_CASE(
    "A plugin that is not installed is an error of the environment: who asked, what is missing, what "
    "instead") {
  std::string said;
  try {
    load_plugin({"libauralis_nothing.so", "entry", "--device nothing", "choose --device cpu"});
  } catch (const Error& error) {
    CHECK(error.exit == Exit::environment);
    said = error.what();
  }
  CHECK(said == "--device nothing needs libauralis_nothing.so, which is not installed with " +
                    program_folder().string() + "; choose --device cpu");
}

TEST_CASE(
    "What is installed is looked for beside the program first, then in the folder given relative to it") {
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe");
  CHECK(find_installed("nowhere", here.filename().string()) == here);
  CHECK(std::filesystem::equivalent(find_installed("..", "bin"), program_folder()));
  CHECK(find_installed("..", "no such file").empty());
}
