// SPDX-License-Identifier: MIT
// AAC in ADTS for listeners of plain HTTP: the encoder of HLS, through libavformat's muxer.
#include "radio/aac_stream.h"

#include <new>
#include <utility>

#include "radio/av/av.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

namespace auralis {
namespace {

class AdtsStream final : public AacStream {
 public:
  AdtsStream(int rate, int channels) : encoder_(av::aac_encoder({rate, channels, {}})) {
    av_log_set_level(AV_LOG_QUIET);  // what fails throws
    AVFormatContext* muxer = nullptr;
    av::check(avformat_alloc_output_context2(&muxer, nullptr, "adts", nullptr), "ADTS");
    muxer_.reset(muxer);
    AVStream* stream = avformat_new_stream(muxer, nullptr);
    if (stream == nullptr) throw std::bad_alloc();
    stream->time_base = {1, av::rate};
    encoder_->describe(*stream->codecpar);
    std::string nothing;
    collect(nothing, [this] { av::check(avformat_write_header(muxer_.get(), nullptr), "ADTS"); });
  }

  void encode(std::span<const float> interleaved, std::string& frames) override {
    collect(frames, [&] { encoder_->encode(interleaved, take_); });
  }
  void finish(std::string& frames) override {
    collect(frames, [&] { encoder_->finish(take_); });
  }

 private:
  // Appends what is written meanwhile.
  template <typename Write>
  void collect(std::string& bytes, Write write) {
    av::check(avio_open_dyn_buf(&muxer_->pb), "ADTS");
    const auto close = [&] {
      uint8_t* written = nullptr;
      const int size = avio_close_dyn_buf(std::exchange(muxer_->pb, nullptr), &written);
      bytes.append(reinterpret_cast<const char*>(written), static_cast<size_t>(size));
      av_free(written);
    };
    try {
      write();
    } catch (...) {
      close();
      throw;
    }
    close();
  }

  std::unique_ptr<av::Encoder> encoder_;
  av::Ptr<AVFormatContext> muxer_;
  const av::Encoder::Take take_ = [this](AVPacket& packet) {
    av::check(av_write_frame(muxer_.get(), &packet), "ADTS");
  };
};

std::unique_ptr<AacStream> open(int rate, int channels) {
  return std::make_unique<AdtsStream>(rate, channels);
}

}  // namespace
}  // namespace auralis

extern "C" const auralis::AacPlugin* auralis_aac_stream() {
  static const auralis::AacPlugin plugin{AURALIS_VERSION, auralis::open};
  return &plugin;
}
