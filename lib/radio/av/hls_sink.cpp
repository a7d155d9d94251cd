// SPDX-License-Identifier: MIT
// HTTP Live Streaming into a folder (RFC 8216): for AAC-LC and Opus a folder each with a rolling playlist and its segments in
// fMP4, and listen.m3u8, which names that of AAC-LC. Through libavformat.
//   delay     a player begins three segments of segment_s behind what has just been made
//   lost      sound that did not come is silence, so that the clock of the playlists keeps the station's
//   left      nothing: at the end, and at the start of the next where a killed one could not, all of it goes
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

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

namespace fs = std::filesystem;

constexpr const char* list_name = "listen.m3u8";
constexpr const char* segment_s = "2";
constexpr const char* kept_segments = "6";
constexpr int64_t most_silence_s = 60;  // after a longer gap the playlists' clock is behind

struct Rendition {
  const char* folder;
  std::unique_ptr<av::Encoder> (*encoder)(const SinkFormat& format);
};
constexpr std::array<Rendition, 2> renditions{{{"aac", av::aac_encoder}, {"opus", av::opus_encoder}}};

// It names the first alone, which all players know: of two codecs Chromium's takes one, changes to the other and breaks.
std::string master_list() {
  const Rendition& rendition = renditions.front();
  return "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF:BANDWIDTH=" +
         std::to_string(aac_bits_per_second * 5 / 4) +
         ",AVERAGE-BANDWIDTH=" + std::to_string(aac_bits_per_second * 17 / 16) +
         ",CODECS=\"mp4a.40.2\"\nhls/" + rendition.folder + "/" + list_name + "\n";
}

// What a rendition of ours left, and nothing else.
void clear(const fs::path& folder) {
  std::error_code unknown;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, unknown)) {
    const std::string name = entry.path().filename().string();
    if (name == "init.mp4" || name.starts_with(list_name) ||
        (name.starts_with("s") && entry.path().extension() == ".m4s") || name.ends_with(".m4s.tmp"))
      fs::remove(entry.path(), unknown);
  }
  fs::remove(folder, unknown);
}

class RollingList {
 public:
  RollingList(const Rendition& rendition, const fs::path& folder, const SinkFormat& format)
      : folder_(folder), encoder_(rendition.encoder(format)) {
    fs::create_directories(folder);
    const std::string list = (folder / list_name).string();
    AVFormatContext* muxer = nullptr;
    av::check(avformat_alloc_output_context2(&muxer, nullptr, "hls", list.c_str()), list);
    muxer_.reset(muxer);
    AVStream* stream = avformat_new_stream(muxer, nullptr);
    if (stream == nullptr) throw std::bad_alloc();
    stream->time_base = {1, av::rate};
    encoder_->describe(*stream->codecpar);
    AVDictionary* options = nullptr;
    const std::string segments = (folder / "s%09d.m4s").string();
    for (const auto& [name, value] :
         {std::pair<const char*, const char*>("hls_time", segment_s),
          {"hls_list_size", kept_segments},
          {"hls_segment_type", "fmp4"},
          {"hls_flags", "delete_segments+independent_segments+omit_endlist+program_date_time+temp_file"},
          {"hls_start_number_source",
           "epoch"},  // a name is never another's, or a cache would give the old one out
          {"hls_segment_filename", segments.c_str()}})
      av_dict_set(&options, name, value, 0);
    const int status = avformat_write_header(muxer, &options);
    av_dict_free(&options);
    av::check(status, list);
  }
  ~RollingList() {
    av_write_trailer(muxer_.get());
    clear(folder_);
  }

  bool is_there() const {
    std::error_code unknown;
    return fs::exists(folder_ / list_name, unknown);
  }

  void carry(std::span<const float> samples) {
    encoder_->encode(samples, [this](AVPacket& packet) {
      av_packet_rescale_ts(&packet, {1, av::rate}, muxer_->streams[0]->time_base);
      av::check(av_write_frame(muxer_.get(), &packet), folder_.string());
    });
  }

 private:
  fs::path folder_;
  std::unique_ptr<av::Encoder> encoder_;
  av::Ptr<AVFormatContext> muxer_;
};

class HlsSink final : public Sink {
 public:
  HlsSink(const fs::path& folder, const SinkFormat& format) : folder_(folder), format_(format) {
    av_log_set_level(AV_LOG_QUIET);  // what fails throws
    fs::create_directories(folder);
    for (const Rendition& rendition : renditions) {
      clear(folder / "hls" / rendition.folder);
      lists_.push_back(std::make_unique<RollingList>(rendition, folder / "hls" / rendition.folder, format));
    }
  }
  ~HlsSink() override {
    lists_.clear();
    std::error_code unknown;
    fs::remove(folder_ / list_name, unknown);
    fs::remove(folder_ / "hls", unknown);
  }

  void carry(const SinkSound& sound) override {
    if (next_ && sound.position > *next_) {
      const int64_t frames = std::min(sound.position - *next_, most_silence_s * format_.rate);
      carry_all(std::vector<float>(static_cast<size_t>(frames * format_.channels)));
    }
    carry_all(*sound.samples);
    next_ = sound.position + static_cast<int64_t>(sound.samples->size()) / format_.channels;
  }

 private:
  void carry_all(std::span<const float> samples) {
    for (const auto& list : lists_) list->carry(samples);
    if (listed_) return;
    // Players give up on a list that names one which is not there yet.
    listed_ = std::all_of(lists_.begin(), lists_.end(), [](const auto& list) { return list->is_there(); });
    if (listed_) write_file(folder_ / list_name, master_list());
  }

  fs::path folder_;
  SinkFormat format_;
  std::vector<std::unique_ptr<RollingList>> lists_;
  std::optional<int64_t> next_;  // position
  bool listed_ = false;
};

// The canonical path, so that two spellings of one folder compare equal.
std::string check(const SinkPlace& place) {
  std::error_code unknown;
  const fs::path folder = place.address;
  if (fs::exists(folder, unknown) && !fs::is_directory(folder, unknown))
    throw Error(Exit::usage, place.address + " is no folder");
  const fs::path above = fs::absolute(folder).lexically_normal().parent_path();
  if (!fs::exists(folder, unknown) && !fs::is_directory(above, unknown))
    throw Error(Exit::environment, place.address + ": there is no folder " + above.string());
  return only_name(folder);
}

std::unique_ptr<Sink> open(const SinkPlace& place, const SinkFormat& format, const std::stop_token&) {
  return std::make_unique<HlsSink>(place.address, format);
}

}  // namespace
}  // namespace auralis

extern "C" const auralis::SinkPlugin* auralis_hls_sink() {
  static const auralis::SinkPlugin plugin{AURALIS_VERSION, auralis::check, auralis::open};
  return &plugin;
}
