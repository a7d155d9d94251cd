// SPDX-License-Identifier: MIT
// Tags and moments with names, as other programs read them.
#include "audio/sound_tags.h"

#include <doctest/doctest.h>
#include <sndfile.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "audio/sound_file.h"
#include "temporary_folder.h"

using namespace auralis;
using test::TemporaryFolder;

namespace {

const SoundTags tags{.title = "focus 7",
                     .artist = "Auralis",
                     .album = "focus",
                     .genre = "Ambient",
                     .date = "2026-11-29",
                     .comment = "seed 7",
                     .more = {{"BPM", "60"}, {"KEY", "D dorian"}}};

void write_file(const std::filesystem::path& path, int chords, const SoundTags& with = tags) {
  SoundFileWriter writer(path, {SampleFormat::s16, 44100, 2}, with);
  for (int i = 0; i < chords; ++i) writer.mark(i * 441, "chord " + std::to_string(i));
  writer.write(std::vector<float>(2 * 44100, 0.1F));
  writer.commit();
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The metadata blocks of a FLAC file, by their types, and that audio follows the last.
std::vector<std::pair<int, std::string>> flac_blocks(const std::string& file) {
  std::vector<std::pair<int, std::string>> blocks;
  REQUIRE(file.starts_with("fLaC"));
  for (size_t at = 4; at + 4 <= file.size();) {
    const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(file[at + i])); };
    const size_t length = byte(1) << 16 | byte(2) << 8 | byte(3);
    const bool is_last = (byte(0) & 0x80) != 0;
    blocks.emplace_back(static_cast<int>(byte(0) & 0x7F), file.substr(at + 4, length));
    at += 4 + length;
    if (!is_last) continue;
    CHECK(static_cast<unsigned char>(file[at]) == 0xFF);  // a frame begins
    break;
  }
  return blocks;
}

const std::string* find_block(const std::vector<std::pair<int, std::string>>& blocks, int type) {
  for (const auto& [of, body] : blocks) {
    if (of == type) return &body;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("Every kind of file carries title, artist, album, genre, date and comment, and plays whole") {
  const TemporaryFolder folder;
  for (const char* name : {"a.wav", "a.flac", "a.ogg"}) {
    write_file(folder / name, 3);
    SF_INFO info{};
    SNDFILE* file = sf_open((folder / name).c_str(), SFM_READ, &info);
    REQUIRE_MESSAGE(file != nullptr, name);
    CHECK(info.frames == 44100);
    for (const auto& [id, expected] : {std::pair(SF_STR_TITLE, &tags.title),
                                       {SF_STR_ARTIST, &tags.artist},
                                       {SF_STR_ALBUM, &tags.album},
                                       {SF_STR_GENRE, &tags.genre},
                                       {SF_STR_DATE, &tags.date},
                                       {SF_STR_COMMENT, &tags.comment}}) {
      const char* text = sf_get_string(file, id);
      REQUIRE_MESSAGE(text != nullptr, name, " ", id);
      CHECK_MESSAGE(text == *expected, name, " ", id);
    }
    sf_close(file);
  }
}

TEST_CASE("A WAV file has its moments as cue points, with their names") {
  const TemporaryFolder folder;
  write_file(folder / "a.wav", 3);
  SF_INFO info{};
  SNDFILE* file = sf_open((folder / "a.wav").c_str(), SFM_READ, &info);
  REQUIRE(file != nullptr);
  SF_CUES cues{};
  REQUIRE(sf_command(file, SFC_GET_CUE, &cues, sizeof cues) == SF_TRUE);
  CHECK(cues.cue_count == 3);
  CHECK(cues.cue_points[2].sample_offset == 882);
  sf_close(file);
  CHECK(bytes_of(folder / "a.wav").find("labl") != std::string::npos);
  CHECK(bytes_of(folder / "a.wav").find("chord 2") != std::string::npos);
}

TEST_CASE("A FLAC file has its moments as chapters and as a cue sheet, in the room that was kept") {
  const TemporaryFolder folder;
  write_file(folder / "none.flac", 0);
  write_file(folder / "three.flac", 3);
  const std::string file = bytes_of(folder / "three.flac");
  CHECK(file.size() == bytes_of(folder / "none.flac").size());
  const auto blocks = flac_blocks(file);
  const std::string* comments = find_block(blocks, 4);
  REQUIRE(comments != nullptr);
  for (const char* expected :
       {"TITLE=focus 7", "BPM=60", "KEY=D dorian", "CHAPTER002=00:00:00.010", "CHAPTER003NAME=chord 2"})
    CHECK_MESSAGE(comments->find(expected) != std::string::npos, expected);
  const std::string* sheet = find_block(blocks, 5);
  REQUIRE(sheet != nullptr);
  CHECK(sheet->size() == 128 + 8 + 259 + 1 + 3 * (36 + 12) + 36);
  CHECK((*sheet)[395] == 4);  // three, and the end
  CHECK(static_cast<unsigned char>((*sheet)[sheet->size() - 36 + 8]) == 255);
  CHECK(find_block(flac_blocks(bytes_of(folder / "none.flac")), 5) == nullptr);
}

TEST_CASE(
    "What does not fit into a FLAC file is left out, the latest moments first; no moment is behind the end") {
  const TemporaryFolder folder;
  write_file(folder / "many.flac", 5000);
  const auto blocks = flac_blocks(bytes_of(folder / "many.flac"));
  const std::string* comments = find_block(blocks, 4);
  REQUIRE(comments != nullptr);
  CHECK(comments->find("CHAPTER001NAME=chord 0") != std::string::npos);
  CHECK(comments->find("chord 101") == std::string::npos);  // it would come after a second, the end
  SoundTags long_ones = tags;
  long_ones.comment = std::string(100'000, 'x');
  write_file(folder / "long.flac", 3, long_ones);
  CHECK(SoundFileReader(folder / "long.flac").frames() == 44100);
  for (const size_t bytes : {1000U, 5000U, 40000U}) {
    const std::vector<Moment> moments(3000, Moment{7, "Dm9"});
    CHECK(flac_tag_blocks(tags, moments, 44100, 44100, bytes, true).size() == bytes);
  }
}
