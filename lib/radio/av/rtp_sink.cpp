// SPDX-License-Identifier: MIT
// Opus over RTP (RFC 7587) to one receiver or a group, through libavformat, and the description that a receiver needs (SDP).
//   pace      a packet of 20 ms leaves when it is due, not with the others of its chunk: a receiver's buffer may be short
//   lost      sound that did not come is a gap in the timestamps, which receivers conceal
#include <charconv>
#include <chrono>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "radio/av/av.h"
#include "radio/sink.h"

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/log.h>
}

namespace auralis {
namespace {

constexpr int64_t packet_us = 1'000'000LL * opus_packet_frames / av::rate;
constexpr size_t most_sdp_bytes = 2048;

class RtpSink final : public Sink {
 public:
  RtpSink(const SinkPlace& place, const SinkFormat& format)
      : format_(format), file_(place.file), encoder_(av::opus_encoder(format)) {
    av_log_set_level(AV_LOG_QUIET);  // what fails throws
    const std::string url = "rtp://" + place.address + "?pkt_size=1400";
    AVFormatContext* muxer = nullptr;
    av::check(avformat_alloc_output_context2(&muxer, nullptr, "rtp", url.c_str()), url);
    muxer_.reset(muxer);
    av_dict_set(&muxer->metadata, "title", format.tags.name.c_str(), 0);
    AVStream* stream = avformat_new_stream(muxer, nullptr);
    if (stream == nullptr) throw std::bad_alloc();
    stream->time_base = {1, av::rate};
    encoder_->describe(*stream->codecpar);
    av::check(avio_open(&muxer->pb, url.c_str(), AVIO_FLAG_WRITE), place.address);
    av::check(avformat_write_header(muxer, nullptr), place.address);
    if (!file_.empty()) write_file(file_, description());
  }
  ~RtpSink() override {
    av_write_trailer(muxer_.get());
    std::error_code unknown;
    if (!file_.empty()) std::filesystem::remove(file_, unknown);
  }

  void carry(const SinkSound& sound) override {
    if (next_ && sound.position > *next_) gap_ += (sound.position - *next_) * av::rate / format_.rate;
    next_ = sound.position + static_cast<int64_t>(sound.samples->size()) / format_.channels;
    int64_t due_us = sound.due_us;
    encoder_->encode(*sound.samples, [&](AVPacket& packet) {
      if (const int64_t early_us = due_us - monotonic_us(); early_us > 0 && early_us < most_early_us)
        std::this_thread::sleep_for(std::chrono::microseconds(early_us));
      due_us += packet_us;
      packet.pts = packet.dts = packet.pts + gap_;
      av_packet_rescale_ts(&packet, {1, av::rate}, muxer_->streams[0]->time_base);
      av::check(av_write_frame(muxer_.get(), &packet), "RTP");
      avio_flush(muxer_->pb);
    });
  }

 private:
  static constexpr int64_t most_early_us = 200'000;  // a chunk

  std::string description() const {
    std::string text(most_sdp_bytes, '\0');
    AVFormatContext* muxer = muxer_.get();
    av::check(av_sdp_create(&muxer, 1, text.data(), static_cast<int>(text.size())), "SDP");
    text.resize(text.find('\0'));
    return text;
  }

  SinkFormat format_;
  std::filesystem::path file_;
  std::unique_ptr<av::Encoder> encoder_;
  av::Ptr<AVFormatContext> muxer_;
  std::optional<int64_t> next_;  // position
  int64_t gap_ = 0;              // frames at 48 kHz that never came
};

[[noreturn]] void refuse(const SinkPlace& place, const std::string& what) {
  throw Error(Exit::usage, place.address + ": " + what + ", expected HOST:PORT, such as 239.1.2.3:5004");
}

std::string check(const SinkPlace& place) {
  const size_t colon = place.address.rfind(':');
  if (colon == std::string::npos || colon == 0) refuse(place, "there is no port");
  if (place.address.find_first_of("/?@ ") != std::string::npos) refuse(place, "this is no host");
  uint16_t port = 0;
  const char* end = place.address.data() + place.address.size();
  const auto [rest, status] = std::from_chars(place.address.data() + colon + 1, end, port);
  if (status != std::errc() || rest != end || port == 0)
    refuse(place, "the port is no number from 1 to 65535");
  return place.address;
}

std::unique_ptr<Sink> open(const SinkPlace& place, const SinkFormat& format, const std::stop_token&) {
  return std::make_unique<RtpSink>(place, format);
}

}  // namespace
}  // namespace auralis

extern "C" const auralis::SinkPlugin* auralis_rtp_sink() {
  static const auralis::SinkPlugin plugin{AURALIS_VERSION, auralis::check, auralis::open};
  return &plugin;
}
