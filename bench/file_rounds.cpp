#include "bench/file_rounds.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "bench/archive.hpp"
#include "bench/bare_files.hpp"
#include "bench/message_sender.hpp"
#include "bench/report.hpp"

namespace fechatter::bench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::uint64_t bytes_per_mib = 1024 * 1024;
constexpr std::uint64_t load_mib = 50;  // of each file beside sending
constexpr std::uint64_t spare_mib = 1024;
constexpr double kib_per_mib = 1024;
constexpr double warm_up = 1;
constexpr std::size_t people = 6;
constexpr useconds_t sample_pause_us = 10'000;
constexpr useconds_t settle_pause_us = 100'000;
constexpr std::chrono::seconds settle_time{1};
constexpr std::chrono::seconds settle_time_max{15};

// The limits of users are out of the way; how the server works is left at its defaults.
StageOptions options_of_stage(const FileOptions& options) {
  const auto largest = std::max({options.mib, options.at_once_mib, options.large_mib, load_mib});
  return {{{"FECHATTER_FILES__BYTES_MAX", std::to_string(largest * bytes_per_mib)},
           {"FECHATTER_FILES__UPLOADS_MAX", "1000"},
           {"FECHATTER_FILES__UPLOADS_OF_USER_MAX", "1000"},
           {"FECHATTER_QUOTAS__USER_MIB", "0"},
           {"FECHATTER_QUOTAS__WORKSPACE_MIB", "0"},
           {"FECHATTER_LIMITS__DOWNLOAD_KIB_PER_SECOND", "10000000"},
           {"FECHATTER_LIMITS__DOWNLOAD_KIB_BURST", "10000000"},
           {"FECHATTER_AUTH__ACCESS_TOKEN_SECONDS", "1800"}},
          {},
          false};
}

void require_room(const FileOptions& options) {
  const auto uploads = std::max(
      {options.at_once * options.at_once_mib, options.large_mib, 2 * options.uploads * load_mib});
  const auto needed = 3 * options.mib + uploads + spare_mib;
  const auto folder = std::filesystem::temp_directory_path();
  const auto free = std::filesystem::space(folder).available / bytes_per_mib;
  if (free >= needed) return;
  throw std::runtime_error{fmt::format("{} has {} MiB free, and {} are needed: set TMPDIR",
                                       folder.string(), free, needed)};
}

// Before anything is started.
const FileOptions& checked(const FileOptions& options) {
  require_room(options);
  return options;
}

double speed_of(const Transfer& transfer, std::uint64_t size) {
  if (transfer.status != 200 || transfer.size != size) {
    throw std::runtime_error{fmt::format("a download of {} bytes got {} and {} bytes", size,
                                         transfer.status, transfer.size)};
  }
  return transfer.mebibytes_per_second();
}

void measure_downloads(std::uint16_t port, const std::string& token, const std::string& path,
                       const std::string& stored, const std::optional<BareFileServer>& nginx,
                       std::uint64_t size, SpeedRound& round) {
  round.download = speed_of(download(port, path, token), size);
  if (nginx) round.nginx = speed_of(download(nginx->port(), path, token), size);
  evict_from_memory(stored);
  round.download_from_disk = speed_of(download(port, path, token), size);
  if (!nginx) return;
  evict_from_memory(stored);
  round.nginx_from_disk = speed_of(download(nginx->port(), path, token), size);
}

SendingRound measure_round(const FileOptions& options, MessageSender& sender,
                           const UploadLoad* load) {
  sender.send_for(warm_up);
  sender.take_latencies();
  const auto bytes_before = load ? load->bytes() : 0;
  const auto began = Clock::now();
  sender.send_for(options.seconds);
  const Seconds took = Clock::now() - began;
  const auto bytes = load ? load->bytes() - bytes_before : 0;
  const auto latency = spread_of(sender.take_latencies());
  return {latency.p50, latency.p99, static_cast<double>(bytes) / mebibyte / took.count()};
}

}  // namespace

FileBench::FileBench(const FileOptions& options)
    : options_{checked(options)},
      stage_{people, options_of_stage(options)},
      source_{scratch_.path("source"), options.mib * bytes_per_mib} {}

UploadLoadOptions FileBench::load_of(std::size_t clients, std::uint64_t mib, double pace_mib,
                                     bool repeats) const {
  return {stage_.server_port(),
          stage_.people().back().token(),
          store_parent(),
          clients,
          mib * bytes_per_mib,
          pace_mib * mebibyte,
          repeats};
}

std::string FileBench::store_parent() const {
  return std::filesystem::path{stage_.private_key()}.parent_path();
}

std::int64_t FileBench::settled_size(pid_t server) const {
  const auto end = Clock::now() + settle_time_max;
  auto since = Clock::now();
  auto size = resident_kib(server);
  while (Clock::now() < end && Clock::now() - since < settle_time) {
    usleep(settle_pause_us);
    check_not_stopped();
    const auto now = resident_kib(server);
    if (now != size) since = Clock::now();
    size = now;
  }
  return size;
}

MemoryFigures FileBench::measure_memory(std::size_t clients, std::uint64_t mib, double pace_mib) {
  auto& server = stage_.system().server;
  server.stop();
  server.start();
  const auto idle = settled_size(server.pid());
  auto highest = idle;
  const auto began = Clock::now();
  const UploadLoad load{load_of(clients, mib, pace_mib, false), source_};
  while (!load.ended()) {
    highest = std::max(highest, resident_kib(server.pid()));
    usleep(sample_pause_us);
    check_not_stopped();
  }
  MemoryFigures figures;
  figures.seconds = Seconds{Clock::now() - began}.count();
  figures.idle_mib = static_cast<double>(idle) / kib_per_mib;
  figures.highest_mib = static_cast<double>(highest) / kib_per_mib;
  figures.stored = load.stored();
  figures.refused = load.refused();
  sync_file_system(scratch_.path());
  return figures;
}

std::vector<SpeedRound> FileBench::measure_speed() {
  std::optional<BareFileServer> nginx;
  if (BareFileServer::is_installed()) {
    nginx.emplace(store_parent());
  } else {
    fmt::print(stderr, "note: SKIPPED: nginx is not installed, so downloads have no baseline\n");
  }
  const auto token = stage_.people().back().token();
  UploadOrder order;
  order.port = stage_.server_port();
  order.token = token;
  order.size = source_.size();
  const auto mib = static_cast<double>(source_.size()) / mebibyte;
  std::vector<SpeedRound> rounds;
  for (std::size_t i = 0; i < options_.rounds; ++i) {
    check_not_stopped();
    SpeedRound round;
    const auto uploaded = upload(order, source_);
    const auto path = path_in(uploaded);
    const auto stored = store_parent() + path;
    round.upload = uploaded.mebibytes_per_second();
    sync_file_system(scratch_.path());
    const auto times = copy_and_sum(source_, scratch_.path("copy"));
    round.copy = mib / (times.copy + times.sum);
    round.durable_copy = mib / (times.copy + times.sync + times.sum);
    measure_downloads(order.port, token, path, stored, nginx, uploaded.size, round);
    std::filesystem::remove(stored);
    rounds.push_back(round);
  }
  return rounds;
}

SendingFigures FileBench::measure_sending() {
  EventLoop loop;
  Archive archive{stage_, 20, 0};
  MessageSender sender{loop, stage_, archive, options_.rate, options_.seed};
  SendingFigures figures;
  const auto beside = [&](double pace_mib) {
    UploadLoad load{load_of(options_.uploads, load_mib, pace_mib, true), source_};
    const auto round = measure_round(options_, sender, &load);
    load.stop();
    figures.refused += load.refused();
    // What is yet to be written belongs to this round, not to the next.
    sync_file_system(scratch_.path());
    return round;
  };
  for (std::size_t i = 0; i < options_.rounds; ++i) {
    figures.alone.push_back(measure_round(options_, sender, nullptr));
    figures.paced.push_back(beside(options_.pace_mib));
    figures.fast.push_back(beside(0));
  }
  figures.refused += sender.refused();
  return figures;
}

}  // namespace fechatter::bench
