// SPDX-License-Identifier: MIT
// Reads every file that is kept for a reader, FOLDER/{corpus,regressions}/READER/*, without libFuzzer: what was found once
// stays mended, whichever compiler builds it. Names the file before it is read, so that a crash has a name.
//   fuzz_replay FOLDER [READER]
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/io.h"
#include "base/log.h"
#include "fuzz/harness/target.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [READER]\n", argv[0]);
    return 2;
  }
  auralis::set_log("fuzz_replay", auralis::LogLevel::error);
  size_t readers = 0;
  for (const auralis::fuzz::Target& target : auralis::fuzz::targets()) {
    if (argc > 2 && std::string(argv[2]) != target.name) continue;
    size_t files = 0;
    for (const char* kind : {"corpus", "regressions"}) {
      for (const fs::path& file : files_in(fs::path(argv[1]) / kind / target.name)) {
        std::printf("%s\r", file.c_str());
        std::fflush(stdout);
        auralis::fuzz::run(target, auralis::read_file(file));
        ++files;
      }
    }
    std::printf("%-16s %4zu files are read or refused\n", target.name, files);
    if (files == 0) {
      std::fprintf(stderr, "fuzz_replay: no files for %s under %s\n", target.name, argv[1]);
      return 1;
    }
    ++readers;
  }
  return readers > 0 ? 0 : 1;
}
