// SPDX-License-Identifier: MIT
// auralis-serve: PCM → listeners.
#include "serve/server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/plugin.h"
#include "base/session.h"
#include "base/text.h"
#include "cli.h"
#include "compose/preset/preset_files.h"
#include "compose/tuning/tuning_files.h"
#include "icecast_password.h"
#include "live_pair.h"
#include "serve/private_session.h"
#include "serve_access.h"
#include "serve_radio.h"
#include "stations_file.h"
#include "token.h"

namespace {

using auralis::Error;
using auralis::Exit;

// Where `install` put it, or beside the build tree that the binary lies in; empty where there is none.
std::filesystem::path find_client() {
  std::error_code error;
  const std::filesystem::path folder = auralis::program_folder();
  const bool is_built = std::filesystem::exists(folder / "../CMakeCache.txt", error);
  const std::filesystem::path client = folder / (is_built ? "../../client" : "../share/auralis/client");
  return std::filesystem::is_regular_file(client / "index.html", error) ? client.lexically_normal()
                                                                        : std::filesystem::path();
}

// In memory: 635 MB of it at 44.1 kHz in stereo.
constexpr double longest_recent_s = 3600.0;

// What the build made of lib/engine for the page; empty where it was built without emscripten.
std::filesystem::path find_engine() {
  return auralis::find_installed("../share/auralis/engine", "auralis.bin").parent_path();
}

void check_client(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  const std::string is = std::filesystem::exists(folder, error) ? "is no folder" : "is not there";
  throw Error(Exit::usage, "--client " + folder.string() + " " + is +
                               ", expected the folder of the web client; without --client it is " +
                               (find_client().empty() ? "not found either" : find_client().string()));
}

// The library that reads them says less of what is wrong.
void check_readable(std::string_view option, const std::optional<std::string>& file) {
  if (!file || ::access(file->c_str(), R_OK) == 0) return;
  throw Error(Exit::environment, std::string(option) + ": cannot read " + *file + ": " +
                                     std::strerror(errno) + ", expected a PEM file that this user may read");
}

struct Options {
  auralis::ServeSettings settings;
  std::string input;
  std::string session;
  std::string on_end;
  int max_clients = 0;
  std::optional<std::string> client;
  std::optional<std::string> token;
  std::optional<std::string> token_file;
  std::optional<std::string> public_url;
  std::vector<std::string> trusted_proxies;
  std::optional<int> most_of_address;
  std::optional<std::string> tls_cert;
  std::optional<std::string> tls_key;
  std::optional<std::string> record;
  std::optional<double> keep_recent_s;
  auralis::RadioOptions radio;
  bool webrtc = false;
  std::optional<std::string> stations;
  int private_stations = 0;
  bool input_given = false;
  bool verbose = false;
  bool raw = false;
  auralis::PcmFormat raw_format;
  std::string raw_sample;
};

void bind(auralis::cli::Command& command, Options& options) {
  auralis::ServeSettings& settings = options.settings;
  command.bind("INPUT", options.input);
  command.bind("--on-end", options.on_end);
  command.bind("--raw", options.raw);
  command.bind("--rate", options.raw_format.rate);
  command.bind("--channels", options.raw_format.channels);
  command.bind("--bits", options.raw_sample);
  command.bind("--host", settings.host);
  command.bind("--port", settings.port);
  command.bind("--client", options.client);
  command.bind("--max-clients", options.max_clients);
  command.bind("--chunk-ms", settings.station.broadcast.chunk_ms);
  command.bind("--record", options.record);
  command.bind("--keep-recent", options.keep_recent_s);
  command.bind("--name", settings.station.broadcast.tags.name);
  command.bind("--genre", settings.station.broadcast.tags.genre);
  command.bind("--description", settings.station.broadcast.tags.description);
  command.bind("--icecast", options.radio.icecast);
  command.bind("--hls", options.radio.hls);
  command.bind("--rtp", options.radio.rtp);
  command.bind("--sdp", options.radio.sdp);
  command.bind("--webrtc", options.webrtc);
  command.bind("--session", options.session);
  command.bind("--stations", options.stations);
  command.bind("--private-stations", options.private_stations);
  command.bind("--turns", settings.station.controls.turns);
  command.bind("--token", options.token);
  command.bind("--token-file", options.token_file);
  command.bind("--origin", settings.origins);
  command.bind("--public-url", options.public_url);
  command.bind("--trusted-proxy", options.trusted_proxies);
  command.bind("--max-per-address", options.most_of_address);
  command.bind("--tls-cert", options.tls_cert);
  command.bind("--tls-key", options.tls_key);
}

// Checked now: a night's recording does not fail when the first listener comes.
void check_record(const std::filesystem::path& record) {
  auralis::file_kind(record);
  std::error_code unknown;
  if (record.has_parent_path() && !std::filesystem::is_directory(record.parent_path(), unknown))
    throw Error(Exit::environment, "cannot record to " + record.string() + ": there is no folder " +
                                       record.parent_path().string());
}

// They stand in headers of HTTP.
void check_tags(const auralis::StationTags& tags) {
  for (const auto& [option, text] :
       {std::pair("--name ", tags.name), {"--genre ", tags.genre}, {"--description ", tags.description}})
    if (auralis::printable(text) != text)
      throw Error(Exit::usage, option + auralis::printable(text) + ", expected one line of text in UTF-8");
}

auralis::BroadcastSettings broadcast_settings(const Options& options) {
  auralis::BroadcastSettings broadcast = options.settings.station.broadcast;
  const bool is_stdin = options.input == "-";
  check_tags(broadcast.tags);
  if (options.record) check_record(*options.record);
  broadcast.outlets = auralis::outlets_of(options.radio);
  broadcast.record = options.record.value_or("");
  if (options.keep_recent_s.value_or(0.0) > longest_recent_s)
    throw Error(Exit::usage, "--keep-recent is too long, expected at most 1h");
  broadcast.recent_s = options.keep_recent_s.value_or(0.0);
  broadcast.feed.loop = options.on_end == "loop";
  if (broadcast.feed.loop && is_stdin && ::lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
    throw Error(Exit::usage, "--on-end loop needs a file, and stdin is a pipe");
  // A file waits for us; only what keeps its own time can fall behind.
  std::error_code error;
  broadcast.skip_backlog = !std::filesystem::is_regular_file(is_stdin ? "/dev/stdin" : options.input, error);
  return broadcast;
}

// One that cannot be used costs the figures and the way to the composer, and not the sound.
std::filesystem::path session_folder(const std::string& name) {
  if (name.starts_with(auralis::private_prefix))
    throw Error(Exit::usage, "--session is " + name + ", expected a name without " +
                                 std::string(auralis::private_prefix) + ", which private stations have");
  try {
    return auralis::open_session(name);
  } catch (const Error& error) {
    auralis::log_warning(std::string("no composer is sought, and no figures of others: ") + error.what());
    return {};
  }
}

bool knows_tuning(const std::string& name) {
  try {
    auralis::find_tuning_by_name(name);
  } catch (const Error&) {
    return false;
  }
  return true;
}

// With a list of stations standard input may be absent: a terminal, /dev/null, or closed.
bool has_input(const Options& options) {
  if (!options.stations || options.input_given) return true;
  struct stat input {};
  return ::fstat(STDIN_FILENO, &input) == 0 && !S_ISCHR(input.st_mode);
}

auralis::OwnStations own_stations(const Options& options, const auralis::BroadcastSettings& broadcast) {
  auralis::OwnStations own;
  own.compose = auralis::live_launch("auralis-compose");
  own.render = auralis::live_launch("auralis-render");
  if (options.settings.station.broadcast.chunk_ms < auralis::short_chunk_ms)
    own.compose.arguments.emplace_back(auralis::short_lookahead);
  // Each would have a line of figures every ten seconds.
  for (auralis::Launch* launch : {&own.compose, &own.render})
    launch->arguments.emplace_back(options.verbose ? "--verbose" : "--quiet");
  own.knows_tuning = knows_tuning;
  own.most_private = static_cast<size_t>(options.private_stations);
  if (!options.stations) return own;
  std::optional<auralis::StationPlan> input;
  if (has_input(options)) {
    input.emplace();
    input->name = options.session;
    input->record = broadcast.record;
    input->outlets = broadcast.outlets;
  }
  own.read = [file = *options.stations, input] { return auralis::read_stations(file, input); };
  return own;
}

auralis::ServeSettings settings_of(const Options& options) {
  auralis::ServeSettings settings = options.settings;
  settings.token = auralis::find_token(options.token, options.token_file);
  for (const std::string& origin : settings.origins) auralis::check_origin(origin);
  if (options.public_url) settings.public_url = auralis::read_public_url(*options.public_url);
  for (const std::string& proxy : options.trusted_proxies)
    settings.trusted_proxies.push_back(auralis::read_trusted_proxy(proxy));
  if (options.most_of_address) settings.most_of_address = static_cast<size_t>(*options.most_of_address);
  check_readable("--tls-cert", options.tls_cert);
  check_readable("--tls-key", options.tls_key);
  settings.tls_cert = options.tls_cert.value_or("");
  settings.tls_key = options.tls_key.value_or("");
  if (options.client) check_client(*options.client);
  settings.client = options.client ? std::filesystem::path(*options.client) : find_client();
  settings.engine = find_engine();
  settings.hold = options.on_end == "hold";
  settings.max_clients = static_cast<size_t>(options.max_clients);
  settings.station.broadcast = broadcast_settings(options);
  settings.station.name = options.session;
  settings.station.session = session_folder(options.session);
  settings.own = own_stations(options, settings.station.broadcast);
  if (options.webrtc) settings.webrtc = auralis::webrtc_plugin();
  return settings;
}

// "" where it is none of ours.
std::string maker_of(const std::string& file) {
  std::array<char, 4> head{};
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const std::string_view begin(head.data(),
                               static_cast<size_t>(std::max<ssize_t>(0, ::read(fd, head.data(), 4))));
  ::close(fd);
  const bool is_ours = begin.starts_with('{') || begin == "MThd";
  return is_ours ? "; type: auralis-render " + file + " | auralis-serve" : std::string();
}

// Before the port is taken and told: a file that is no sound would be found out only then.
void check_input(const std::string& input, const std::optional<auralis::PcmFormat>& format) {
  std::error_code error;
  if (input == "-" ||
      (std::filesystem::exists(input, error) && !std::filesystem::is_regular_file(input, error)))
    return;
  try {
    auralis::open_pcm_source(input, format);
  } catch (const Error& refused) {
    throw Error(refused.exit, refused.what() + maker_of(input));
  }
}

// Without one the stations of the list have the sound, and it says all of them. What was typed is meant; a file of settings
// may be for other starts, too.
void check_has_use(const auralis::cli::Command& command) {
  const std::string why =
      " is for the sound of INPUT, and there is none; in the list of --stations each has a title, genre, "
      "description, record, icecast, hls and rtp of its own";
  for (const char* option : {"--icecast", "--hls", "--rtp", "--sdp", "--record", "--name", "--genre",
                             "--description", "--on-end", "--raw"}) {
    if (command.given(option)) throw Error(Exit::usage, option + why);
    if (command.is_set(option)) auralis::log_warning(option + why);
  }
}

void serve(const Options& options, const auralis::cli::Command& command) {
  const bool reads = has_input(options);
  if (!reads) check_has_use(command);
  if (reads && options.input == "-" && ::isatty(STDIN_FILENO) == 1) {
    throw Error(
        Exit::usage,
        "stdin is a terminal, expected sound: auralis-compose --live | auralis-render | auralis-serve");
  }
  std::optional<auralis::PcmFormat> format;
  if (options.raw) {
    format = options.raw_format;
    format->sample = *auralis::find_sample_format(options.raw_sample);
  }
  if (reads) check_input(options.input, format);
  const auto open = [&] { return auralis::open_pcm_source(options.input, format); };
  auralis::serve(settings_of(options), reads ? auralis::Feed::Open(open) : nullptr,
                 auralis::preset_list_json);
}

}  // namespace

int main(int argc, char** argv) {
  auralis::cli::Command command(auralis::cli::serve_command());
  Options options;
  bind(command, options);
  command.on_run([&] {
    if (options.token) auralis::hide_token(argc, argv);
    auralis::hide_icecast_passwords(argc, argv);
    options.input_given = command.given("INPUT");
    options.verbose = command.is_set("--verbose");
    serve(options, command);
  });
  return command.run(argc, argv);
}
