// SPDX-License-Identifier: MIT
// An Icecast server, through libshout: Ogg Opus or MP3, as the mount's name ends.
//   blocking   never: a server that takes nothing for takes_nothing_s has failed. Looking its name up is the one exception
//   titles     MP3 alone: Icecast takes none for Ogg, whose comments say what the station is
#include <shout/shout.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "audio/bit_rates.h"
#include "audio/encoder.h"
#ifdef AURALIS_MP3
#include "audio/mp3_stream.h"
#endif
#include "base/clock.h"
#include "base/left_threads.h"
#include "radio/icecast/mount.h"
#include "radio/sink.h"

namespace auralis {
namespace {

constexpr double connect_s = 10.0;
constexpr double takes_nothing_s = 5.0;
constexpr double title_every_s = 5.0;  // each is a request of its own
constexpr auto poll = std::chrono::milliseconds(20);
constexpr const char* agent = "auralis/" AURALIS_VERSION;

int bits_per_second(MountCodec codec) {
  return codec == MountCodec::mp3 ? mp3_bits_per_second : opus_bits_per_second;
}

// What is sent: the same stream as listeners of plain HTTP get.
class MountEncoder {
 public:
  MountEncoder(MountCodec codec, const SinkFormat& format) {
#ifdef AURALIS_MP3
    if (codec == MountCodec::mp3) {
      mp3_ = std::make_unique<Mp3Stream>(format.rate, format.channels, bits_per_second(codec));
      return;
    }
#endif
    ogg_ = std::make_unique<OggOpusStream>(format.rate, format.channels, bits_per_second(codec),
                                           format.tags.sound_tags());
  }
  std::string header() const { return ogg_ ? ogg_->header() : std::string(); }
  std::string encode(std::span<const float> samples) {
    std::string out;
    if (ogg_) ogg_->encode(samples, out);
#ifdef AURALIS_MP3
    if (mp3_) mp3_->encode(samples, out);
#endif
    return out;
  }
  std::string finish() {
    std::string out;
    if (ogg_) ogg_->finish(out);
#ifdef AURALIS_MP3
    if (mp3_) mp3_->finish(out);
#endif
    return out;
  }

 private:
  std::unique_ptr<OggOpusStream> ogg_;
#ifdef AURALIS_MP3
  std::unique_ptr<Mp3Stream> mp3_;
#endif
};

// libshout 2.4.6 frees only what is connected, and then loses the connection: once closed, a handle is used again instead.
class Handles {
 public:
  shout_t* take() {
    const std::lock_guard lock(mutex_);
    if (closed_.empty()) return shout_new();
    shout_t* shout = closed_.back();
    closed_.pop_back();
    return shout;
  }
  void give_back(shout_t* shout) {
    shout_close(shout);
    const std::lock_guard lock(mutex_);
    closed_.push_back(shout);
  }
  static Handles& all() {
    static Handles& handles = *new Handles;  // threads that tell titles may outlive what is static
    return handles;
  }

 private:
  std::mutex mutex_;
  std::vector<shout_t*> closed_;
};

struct ShoutDeleter {
  void operator()(shout_t* shout) const { Handles::all().give_back(shout); }
};
using ShoutPtr = std::unique_ptr<shout_t, ShoutDeleter>;

ShoutPtr new_shout(const Mount& mount, const SinkFormat& format) {
  static std::once_flag begun;
  std::call_once(begun, shout_init);
  ShoutPtr shout(Handles::all().take());
  if (!shout) throw std::runtime_error("no memory");
  const auto set = [&](int status) {
    if (status != SHOUTERR_SUCCESS) throw std::runtime_error(shout_get_error(shout.get()));
  };
  set(shout_set_host(shout.get(), mount.host.c_str()));
  set(shout_set_port(shout.get(), mount.port));
  set(shout_set_tls(shout.get(), mount.tls ? SHOUT_TLS_RFC2818 : SHOUT_TLS_DISABLED));
  set(shout_set_user(shout.get(), mount.user.c_str()));
  set(shout_set_password(shout.get(), mount.password.c_str()));
  set(shout_set_mount(shout.get(), mount.path.c_str()));
  set(shout_set_agent(shout.get(), agent));
  set(shout_set_content_format(shout.get(),
                               mount.codec == MountCodec::mp3 ? SHOUT_FORMAT_MP3 : SHOUT_FORMAT_OGG,
                               SHOUT_USAGE_AUDIO, nullptr));
  for (const auto& [name, value] : {std::pair(SHOUT_META_NAME, format.tags.name),
                                    {SHOUT_META_GENRE, format.tags.genre},
                                    {SHOUT_META_DESCRIPTION, format.tags.description}})
    if (!value.empty()) set(shout_set_meta(shout.get(), name, value.c_str()));
  for (const auto& [name, value] : {std::pair(SHOUT_AI_BITRATE, bits_per_second(mount.codec) / 1000),
                                    {SHOUT_AI_CHANNELS, format.channels}})
    set(shout_set_audio_info(shout.get(), name, std::to_string(value).c_str()));
  set(shout_set_nonblocking(shout.get(), SHOUT_BLOCKING_NONE));
  return shout;
}

// Whether a thread tells a mount its title: one that hangs is left alone, and stays the only one of that mount.
std::shared_ptr<std::atomic<bool>> telling_of(const std::string& mount) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<std::atomic<bool>>> all;
  const std::lock_guard lock(mutex);
  std::shared_ptr<std::atomic<bool>>& telling = all[mount];
  if (!telling) telling = std::make_shared<std::atomic<bool>>(false);
  return telling;
}

class IcecastSink final : public Sink {
 public:
  IcecastSink(const Mount& mount, const SinkFormat& format, const std::stop_token& stop)
      : mount_(mount),
        format_(format),
        shout_(new_shout(mount, format)),
        encoder_(mount.codec, format),
        telling_(telling_of(shown_mount(mount))) {
    connect(stop);
    send(encoder_.header());
  }
  ~IcecastSink() override {
    if (*telling_) leave_threads_behind();
  }
  IcecastSink(const IcecastSink&) = delete;
  IcecastSink& operator=(const IcecastSink&) = delete;

  void carry(const SinkSound& sound) override {
    send(encoder_.encode(*sound.samples));
    if (!title_.empty() && monotonic_s() - told_s_ >= title_every_s) send_title();
  }
  void tell(const std::string& title) override {
    if (mount_.codec == MountCodec::mp3) title_ = title;
  }
  void finish() override {
    send(encoder_.finish());
    const double until_s = monotonic_s() + 0.3;
    while (unsent_bytes() > 0 && monotonic_s() < until_s) {
      std::this_thread::sleep_for(poll);
      send({});
    }
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error(shout_get_error(shout_.get())); }

  void connect(const std::stop_token& stop) {
    const double until_s = monotonic_s() + connect_s;
    int status = shout_open(shout_.get());
    while (status == SHOUTERR_BUSY || status == SHOUTERR_RETRY) {
      if (stop.stop_requested()) throw std::runtime_error("stopped");
      if (monotonic_s() > until_s) throw std::runtime_error("no answer");
      std::this_thread::sleep_for(poll);
      status = shout_get_connected(shout_.get());
    }
    if (status != SHOUTERR_SUCCESS && status != SHOUTERR_CONNECTED) fail();
  }

  // libshout loses what it still has to send when it is closed, so that it is given little at once.
  void send(const std::string& bytes) {
    waiting_ += bytes;
    if (shout_queuelen(shout_.get()) > 0) hand_over({});
    if (shout_queuelen(shout_.get()) == 0 && !waiting_.empty()) hand_over(std::exchange(waiting_, {}));
    const double most = takes_nothing_s * bits_per_second(mount_.codec) / 8;
    if (static_cast<double>(unsent_bytes()) > most) throw std::runtime_error("it takes no sound any more");
  }

  void hand_over(const std::string& bytes) {
    const int status =
        shout_send(shout_.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    if (status != SHOUTERR_SUCCESS && status != SHOUTERR_BUSY) fail();
  }

  size_t unsent_bytes() const {
    return waiting_.size() + static_cast<size_t>(std::max<ssize_t>(0, shout_queuelen(shout_.get())));
  }

  // On a connection of libshout's own, which blocks: in a thread, so that the sound does not wait. The titles are no
  // reason to fail.
  void send_title() {
    told_s_ = monotonic_s();
    if (telling_->exchange(true)) return;
    std::thread([telling = telling_, mount = mount_, format = format_, title = std::exchange(title_, {})] {
      try {
        const ShoutPtr shout = new_shout(mount, format);
        shout_metadata_t* metadata = shout_metadata_new();
        if (metadata != nullptr && shout_metadata_add(metadata, "song", title.c_str()) == SHOUTERR_SUCCESS) {
          [[maybe_unused]] const int told = shout_set_metadata_utf8(shout.get(), metadata);
        }
        if (metadata != nullptr) shout_metadata_free(metadata);
      } catch (const std::exception&) {  // the next one may arrive
      }
      *telling = false;
    }).detach();
  }

  Mount mount_;
  SinkFormat format_;
  ShoutPtr shout_;
  MountEncoder encoder_;
  std::string waiting_;
  std::string title_;  // not told yet
  double told_s_ = 0.0;
  std::shared_ptr<std::atomic<bool>> telling_;
};

std::string check(const SinkPlace& place) { return shown_mount(parse_mount(place.address, place.password)); }

std::unique_ptr<Sink> open(const SinkPlace& place, const SinkFormat& format, const std::stop_token& stop) {
  return std::make_unique<IcecastSink>(parse_mount(place.address, place.password), format, stop);
}

}  // namespace
}  // namespace auralis

extern "C" const auralis::SinkPlugin* auralis_icecast_sink() {
  static const auralis::SinkPlugin plugin{AURALIS_VERSION, auralis::check, auralis::open};
  return &plugin;
}
