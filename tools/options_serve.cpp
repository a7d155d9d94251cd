// SPDX-License-Identifier: MIT
#include <array>

#include "audio/limits.h"
#include "options.h"

namespace auralis::cli {
namespace {

constexpr std::array<std::string_view, 3> ends{"exit", "hold", "loop"};
constexpr std::array<std::string_view, 5> sample_formats{"u8", "s16", "s24", "s32", "f32"};

constexpr const char* input = "What comes in";
constexpr const char* listeners = "Listeners";
constexpr const char* stations = "Many stations";
constexpr const char* radio = "Into the radio";
constexpr const char* access = "Who may do what";

std::vector<OptionInfo> input_options() {
  using enum ValueKind;
  return {{.names = "INPUT",
           .value = "INPUT",
           .kind = file,
           .help = "A sound file, or - for a WAV stream on stdin",
           .example = "tape.flac",
           .initial = "-"},
          {.names = "--on-end",
           .value = "ACTION",
           .kind = choice,
           .help = "When the input ends: end, keep the page up, or start the file again",
           .example = "loop",
           .initial = "exit",
           .choices = ends,
           .group = input},
          {.names = "--raw", .kind = flag, .help = "INPUT is PCM without a header", .group = input},
          {.names = "--rate",
           .value = "HZ",
           .kind = integer,
           .help = "Its sample rate",
           .example = "48000",
           .initial = "44100",
           .min = 8000,
           .max = limits::highest_rate,
           .needs = "--raw",
           .group = input},
          {.names = "--channels",
           .value = "N",
           .kind = integer,
           .help = "Its channels",
           .example = "1",
           .initial = "2",
           .min = 1,
           .max = limits::most_channels,
           .needs = "--raw",
           .group = input},
          {.names = "--bits",
           .value = "FORMAT",
           .kind = choice,
           .help = "Its samples",
           .example = "f32",
           .initial = "s16",
           .choices = sample_formats,
           .needs = "--raw",
           .group = input}};
}

std::vector<OptionInfo> listener_options() {
  using enum ValueKind;
  return {{.names = "--host",
           .value = "ADDRESS",
           .kind = text,
           .help = "Address to listen on",
           .example = "0.0.0.0",
           .initial = "127.0.0.1",
           .group = listeners},
          {.names = "--port",
           .value = "PORT",
           .kind = integer,
           .help = "Port; 0 for any free one",
           .example = "8080",
           .initial = "8000",
           .min = 0,
           .max = 65535,
           .group = listeners},
          {.names = "--client",
           .value = "DIR",
           .kind = folder,
           .help = "Folder of the web client",
           .example = "client",
           .group = listeners},
          {.names = "--max-clients",
           .value = "N",
           .kind = integer,
           .help = "Listeners at once",
           .example = "5000",
           .initial = "1000",
           .min = 1,
           .max = 1000000,
           .group = listeners},
          {.names = "--chunk-ms",
           .value = "MS",
           .kind = integer,
           .help = "Length of a chunk",
           .example = "40",
           .initial = "100",
           .min = 20,
           .max = 200,
           .group = listeners},
          {.names = "--record",
           .value = "FILE",
           .kind = file,
           .help = "Keep what is sent in this file (.flac, .wav)",
           .example = "night.flac",
           .written = true,
           .group = listeners},
          {.names = "--keep-recent",
           .value = "TIME",
           .kind = duration,
           .help = "Keep what was sent lately in memory, for /api/recent.flac: 10.6 MB a minute",
           .example = "10m",
           .group = listeners},
          {.names = "--name",
           .value = "NAME",
           .kind = text,
           .help = "What players call the station",
           .example = "Night Garden",
           .initial = "Auralis",
           .group = listeners},
          {.names = "--genre",
           .value = "GENRE",
           .kind = text,
           .help = "Its genre, for players",
           .example = "Drone",
           .initial = "Ambient",
           .group = listeners},
          {.names = "--description",
           .value = "TEXT",
           .kind = text,
           .help = "A line about it, for players",
           .example = "Music that never ends",
           .group = listeners},
          {.names = "--session",
           .value = "NAME",
           .kind = session,
           .help = "Session to find the composer by",
           .example = "evening",
           .initial = "default",
           .group = listeners}};
}

std::vector<OptionInfo> station_options() {
  using enum ValueKind;
  return {{.names = "--stations",
           .value = "FILE",
           .kind = file,
           .help = "Play the stations of this list (YAML), too; SIGHUP has it read again",
           .example = "stations.yaml",
           .group = stations},
          {.names = "--private-stations",
           .value = "N",
           .kind = integer,
           .help = "So many stations of their own at once for listeners who ask for one",
           .example = "20",
           .initial = "0",
           .min = 0,
           .max = 1000,
           .group = stations}};
}

std::vector<OptionInfo> radio_options() {
  using enum ValueKind;
  return {{.names = "--icecast",
           .value = "URL",
           .kind = text,
           .help = "Carry the sound to a mount of an Icecast server: Opus, or MP3 where it ends in .mp3; "
                   "password also from AURALIS_ICECAST_PASSWORD",
           .example = "http://source:PASSWORD@radio.example.org:8000/auralis.opus",
           .repeated = true,
           .group = radio},
          {.names = "--hls",
           .value = "DIR",
           .kind = folder,
           .help = "Keep the last seconds in this folder as HLS, and serve them at /listen.m3u8",
           .example = "hls",
           .group = radio},
          {.names = "--rtp",
           .value = "HOST:PORT",
           .kind = text,
           .help = "Send Opus over RTP there",
           .example = "239.1.2.3:5004",
           .group = radio},
          {.names = "--sdp",
           .value = "FILE",
           .kind = file,
           .help = "Describe that for receivers in this file",
           .example = "auralis.sdp",
           .written = true,
           .needs = "--rtp",
           .group = radio},
          {.names = "--webrtc",
           .kind = flag,
           .help = "Let listeners come over WebRTC, at /whep (WHEP)",
           .group = radio}};
}

std::vector<OptionInfo> access_options() {
  using enum ValueKind;
  return {
      {.names = "--turns",
       .kind = flag,
       .help = "Listeners change the music one after another, a minute each",
       .group = access},
      {.names = "--token",
       .value = "TOKEN",
       .kind = text,
       .help = "Controls need this token, which the list of processes shows at first; better: --token-file, "
               "AURALIS_TOKEN, or a systemd credential named token",
       .example = "xH2u8ZkvW4qPqG1s",
       .group = access},
      {.names = "--token-file",
       .value = "FILE",
       .kind = file,
       .help = "Controls need the token in this file",
       .example = "/etc/auralis/token",
       .excludes = "--token",
       .group = access},
      {.names = "--origin",
       .value = "URL",
       .kind = text,
       .help = "Let pages of this origin listen and control, too",
       .example = "https://example.org",
       .repeated = true,
       .group = access},
      {.names = "--public-url",
       .value = "URL",
       .kind = text,
       .help = "Where others find this server, as behind a proxy: scheme, name and path",
       .example = "https://radio.example.org/",
       .group = access},
      {.names = "--trusted-proxy",
       .value = "CIDR",
       .kind = text,
       .help = "Believe what proxies at these addresses say of their clients",
       .example = "127.0.0.1/32",
       .repeated = true,
       .group = access},
      {.names = "--max-per-address",
       .value = "N",
       .kind = integer,
       .help = "Connections of one address at once, in IPv6 of a /64; 0 for any number; default 100, and "
               "from this "
               "machine 64 more than --max-clients",
       .example = "500",
       .min = 0,
       .max = 1000000,
       .group = access},
      {.names = "--tls-cert",
       .value = "FILE",
       .kind = file,
       .help = "Certificate chain (PEM); with it the server speaks TLS",
       .example = "cert.pem",
       .needs = "--tls-key",
       .group = access},
      {.names = "--tls-key",
       .value = "FILE",
       .kind = file,
       .help = "Its private key (PEM)",
       .example = "key.pem",
       .needs = "--tls-cert",
       .group = access}};
}

}  // namespace

CommandInfo serve_command() {
  return {.name = "auralis-serve",
          .examples = {"auralis-compose --live | auralis-render | auralis-serve"},
          .summary = "Sends PCM to listeners: a web page, WebSocket, plain streams and controls on one port.",
          .options = joined(
              {input_options(), listener_options(), station_options(), radio_options(), access_options()})};
}

}  // namespace auralis::cli
