// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/io.h"
#include "refusal.h"
#include "render/piece.h"
#include "render/pieces.h"
#include "render/render.h"
#include "temporary_folder.h"

using namespace auralis;
using nlohmann::json;
using test::TemporaryFolder;

namespace {

PiecesJob pieces_in(const TemporaryFolder& folder, const std::vector<std::string>& names) {
  PiecesJob pieces;
  for (const std::string& name : names) pieces.inputs.push_back((folder / name).string());
  pieces.folder = (folder / "music").string();
  pieces.side_by_side = 2;
  return pieces;
}

}  // namespace

TEST_CASE("Beside others a piece has the bytes it has alone, and its own line in the report") {
  const TemporaryFolder folder;
  for (int i = 1; i <= 3; ++i) write_file(folder / ("p" + std::to_string(i)), test::piece(i));
  PiecesJob pieces = pieces_in(folder, {"p1", "p2", "p3"});
  pieces.common.report = (folder / "reports").string();
  render_pieces(pieces);
  RenderJob alone = pieces.common;
  alone.report.clear();
  alone.input = (folder / "p2").string();
  alone.output = (folder / "alone.flac").string();
  render(alone);
  CHECK(read_file(folder / "alone.flac") == read_file(folder / "music" / "p2.flac"));
  std::istringstream lines(read_file(folder / "reports"));
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(json::parse(line)["complete"] == true);
  CHECK(count == 3);
}

TEST_CASE("A bad piece keeps no other from being made, and is kept as far as it goes") {
  const TemporaryFolder folder;
  write_file(folder / "bad", test::notes(3) + "what?\n");
  write_file(folder / "good", test::piece(1));
  PiecesJob pieces = pieces_in(folder, {"bad", "good"});
  pieces.side_by_side = 1;
  CHECK(test::refusal([&] { render_pieces(pieces); }) == "1 of 2 pieces were made");
  CHECK(std::filesystem::exists(folder / "music" / "good.flac"));
  CHECK(std::filesystem::exists(folder / "music" / "bad.partial.flac"));
}

TEST_CASE("What cannot be is refused before anything is made") {
  const TemporaryFolder folder;
  write_file(folder / "a.jsonl", test::piece(1));
  write_file(folder / "a.mid", test::piece(1));
  const auto refusal = [](const PiecesJob& pieces, Exit reason) {
    return test::refusal([&] { render_pieces(pieces); }, reason);
  };
  CHECK(refusal(pieces_in(folder, {"a.jsonl", "a.mid"}), Exit::usage).find("would both be") !=
        std::string::npos);
  CHECK(refusal(pieces_in(folder, {"a.jsonl", "none"}), Exit::environment).find("No such file") !=
        std::string::npos);
  CHECK(refusal(pieces_in(folder, {"."}), Exit::usage).find("is a folder") != std::string::npos);
  PiecesJob unfit = pieces_in(folder, {"a.jsonl"});
  unfit.common.format.sample = SampleFormat::f32;
  CHECK(refusal(unfit, Exit::usage).find("cannot hold f32") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(unfit.folder));
}
