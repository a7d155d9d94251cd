// SPDX-License-Identifier: MIT
// What the sinks and streams through libavformat share: its objects with their ends, its errors, and the encoders whose packets it muxes.
//   source    libavcodec's own AAC-LC; Opus is the listeners' (audio/encoder.h); libswresample between rates
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/bit_rates.h"
#include "audio/encoder.h"
#include "radio/sink.h"

struct AVCodecContext;
struct AVCodecParameters;
struct AVFormatContext;
struct AVFrame;
struct AVPacket;
struct SwrContext;

namespace auralis::av {

// Throws what libav says of it, unless it is 0 or more.
int check(int status, const std::string& doing);

struct Deleter {
  void operator()(AVCodecContext* codec) const;
  void operator()(AVFormatContext* format) const;  // and its file or socket
  void operator()(AVFrame* frame) const;
  void operator()(AVPacket* packet) const;
  void operator()(SwrContext* resampler) const;
};
template <typename T>
using Ptr = std::unique_ptr<T, Deleter>;

inline constexpr int rate = 48000;  // of all that is sent

// Packets at 48 kHz, with timestamps in frames: 0 is the first that was given, and what the encoder begins with lies before it.
class Encoder {
 public:
  using Take = std::function<void(AVPacket& packet)>;
  virtual ~Encoder() = default;
  virtual void encode(std::span<const float> interleaved, const Take& take) = 0;
  virtual void finish(const Take& take) = 0;
  virtual void describe(AVCodecParameters& parameters) const = 0;
};

std::unique_ptr<Encoder> aac_encoder(const SinkFormat& format);
std::unique_ptr<Encoder> opus_encoder(const SinkFormat& format);

}  // namespace auralis::av
