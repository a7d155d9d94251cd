// SPDX-License-Identifier: MIT
// Sound that comes in, as frames: a WAV stream or raw PCM from a descriptor, or a sound file.
//   WAV stream   RIFF or RF64, any sizes (0, 0xFFFFFFFF and true ones); u8 s16 s24 s32 f32; one or two channels;
//                4 to 192 kHz. The data goes on until its size is reached, or until the stream ends where the size says
//                nothing. Where another WAV header of the same format follows in the stream (its writer was
//                started anew), it is passed over and counted; one of another format is an error.
//   out          interleaved float32, nominal ±1
//   errors       Error{bad_input} for what is not such a stream, Error{environment} for one that cannot be read
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "audio/pcm.h"

namespace auralis {

class PcmSource {
 public:
  virtual ~PcmSource() = default;

  // rate and channels of the frames; the sample format they came in (of a file: f32).
  virtual const PcmFormat& format() const = 0;
  // Whole frames, at most as many as fit: what is there now, or the first that come. 0 at the end, −1 when a
  // stop was requested (see base/stop.h).
  virtual int64_t read(std::span<float> interleaved) = 0;
  // From the beginning again; false where the input cannot.
  virtual bool rewind() = 0;
  // Times a new WAV header was met.
  virtual int64_t restarts() const { return 0; }
};

// Reads the header, and so waits for it. With `raw` there is none. The descriptor stays the caller's.
std::unique_ptr<PcmSource> open_pcm_stream(int fd, const std::string& name,
                                           std::optional<PcmFormat> raw = {});

// "-" is stdin; a FIFO or a device is read as a stream, a plain file by libsndfile (or as raw PCM).
// nullptr when a stop was requested before the header was there.
std::unique_ptr<PcmSource> open_pcm_source(const std::string& path, std::optional<PcmFormat> raw = {});

}  // namespace auralis
