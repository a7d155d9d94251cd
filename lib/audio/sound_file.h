// SPDX-License-Identifier: MIT
// Sound files, by extension: .wav (RF64 past 4 GiB), .flac, .ogg (Vorbis), .opus; and a reader for all
// libsndfile knows.
//   writing   to a temporary name beside the target until committed (see base/atomic_file.h); s16 is dithered (see pcm.h);
//             .flac holds s16 and s24; .ogg and .opus take the floats; .opus is resampled to 48 kHz by libopusenc.
//             WAV is written here: libsndfile can turn into RF64 only a WAVE_FORMAT_EXTENSIBLE file, which not
//             every reader takes
//   streams   into a FIFO goes what needs no going back: a WAV says that it ends when it ends (see wav_header())
//   reading   1 or 2 channels, rates as in limits.h
//   errors    Error{usage} for an unknown extension or a format the kind cannot hold, Error{environment}
//             for a disk that fails, Error{bad_input} for a file that is not sound, ClosedPipe for a FIFO whose reader has gone
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "audio/pcm.h"
#include "audio/sound_tags.h"
#include "base/atomic_file.h"

namespace auralis {

enum class FileKind { wav, flac, ogg, opus };
FileKind file_kind(const std::filesystem::path& path);

// Error{usage} where a file of that name could not hold the format.
void check_sound_file(const std::filesystem::path& target, const PcmFormat& format);

class SoundFileWriter {
 public:
  SoundFileWriter(const std::filesystem::path& target, const PcmFormat& format, const SoundTags& tags = {},
                  AfterKill after_kill = AfterKill::removed);
  ~SoundFileWriter();
  SoundFileWriter(SoundFileWriter&&) noexcept;
  SoundFileWriter& operator=(SoundFileWriter&&) noexcept;

  void write(std::span<const float> interleaved);
  int64_t frames() const;
  // A moment with a name, in order of time; .wav and .flac hold them, the others do not.
  void mark(int64_t frame, const std::string& name);
  // Finalises the file and gives it its name.
  void commit();
  // What was broken off, as far as it went, also after an error: finalised as NAME.partial.EXT; returns that name.
  std::filesystem::path commit_partial();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class SoundFileReader {
 public:
  explicit SoundFileReader(const std::filesystem::path& path);
  ~SoundFileReader();
  SoundFileReader(SoundFileReader&&) noexcept;
  SoundFileReader& operator=(SoundFileReader&&) noexcept;

  int rate() const;
  int channels() const;
  int64_t frames() const;
  // Such as "WAV (Microsoft), Signed 16 bit PCM".
  std::string description() const;
  // Fills whole frames; fewer than asked only at the end. Both throw Error{bad_input} with file and reason where the
  // file cannot be decoded or gone back in, Error{environment} where the disk fails.
  size_t read(std::span<float> interleaved);
  void rewind();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
