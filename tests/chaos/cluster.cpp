#include "tests/chaos/cluster.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "tests/support/places.hpp"

namespace fechatter::chaos {
namespace {

using test::Environment;

constexpr std::size_t postgres_mib = 512;
constexpr std::size_t files_mib = 96;

// Small enough that slow consumers are closed within a round.
const Environment small_queues{{"FECHATTER_EVENTS__CONNECTION_EVENTS_MAX", "256"},
                               {"FECHATTER_EVENTS__CONNECTION_BYTES_MAX", "131072"},
                               {"FECHATTER_EVENTS__CONNECTIONS_PER_USER", "1000"},
                               {"FECHATTER_EVENTS__PRESENCE_CHANGES_MAX", "500"},
                               {"FECHATTER_EVENTS__RETRY_MS", "200"},
                               {"FECHATTER_EVENTS__DRAIN_MS", "1000"}};
// An upload without a message is soon one that nothing names.
const Environment of_server{{"FECHATTER_AUTH__ACCESS_TOKEN_SECONDS", "1800"},
                            {"FECHATTER_FILES__GRACE_SECONDS", "1"}};

std::unique_ptr<power::MountedVolume> make_volume(const std::optional<PowerOptions>& power) {
  if (!power) return nullptr;
  auto volume = power::MountedVolume::make(power->seed);
  if (!volume) {
    throw std::runtime_error{"no disk whose power can be cut"};
  }
  return volume;
}

// The folder of PostgreSQL on a disk of its own, or empty.
std::string make_home(const power::MountedVolume* volume, const SmallDisk* disk) {
  if (volume == nullptr) return disk != nullptr ? disk->path() : std::string{};
  const auto* owner = getpwnam("postgres");
  auto home = volume->path() + "/postgres";
  std::filesystem::create_directory(home);
  if (owner == nullptr || chown(home.c_str(), owner->pw_uid, owner->pw_gid) != 0) {
    throw std::runtime_error{"no folder for the user postgres"};
  }
  return home;
}

test::PrivatePostgres::Durability durability_of(const std::optional<PowerOptions>& power) {
  const bool full = power && power->postgres_syncs;
  return full ? test::PrivatePostgres::Durability::full : test::PrivatePostgres::Durability::none;
}

test::NatsOptions nats_options(const std::optional<PowerOptions>& power,
                               const power::MountedVolume* volume) {
  if (!power) return {};
  return {power->nats_program, volume->path() + "/nats", power->nats_syncs_always};
}

}  // namespace

Cluster::Cluster(std::string folder, const std::optional<PowerOptions>& power)
    : folder_{std::move(folder)},
      volume_{make_volume(power)},
      stream_survives_{power && power->nats_syncs_always},
      disk_{volume_ ? nullptr : SmallDisk::make("postgres", postgres_mib)},
      files_disk_{volume_ ? nullptr : SmallDisk::make("root", files_mib)},
      postgres_{make_home(volume_.get(), disk_.get()), durability_of(power)},
      nats_{nats_options(power, volume_.get())} {
  test::make_keys(keys_.path());
  test::run(
      {test::server_program(), "migrate"},
      test::server_environment({postgres_.url(), nats_.server_url(), keys_.path()},
                               {{"FECHATTER_DATABASE__MIGRATION_URL", postgres_.owner_url()}}));
  for (const auto* kind : {"fechatter_server", "notify_server"}) {
    for (std::size_t i = 0; i < instances; ++i) add_node(kind, i);
  }
  for (auto& node : nodes_) node.server.start();
  auto servers = server_ports();
  auto notifies = notify_ports();
  balancer_.emplace(servers, notifies);
}

Cluster::~Cluster() {
  std::ofstream{folder_ + "/postgres.log"} << postgres_.log();
  std::ofstream{folder_ + "/nats.log"} << nats_.log();
}

void Cluster::add_node(const std::string& kind, std::size_t number) {
  const bool is_server = kind == "fechatter_server";
  const auto database_url = is_server ? postgres_.url() : postgres_.notify_url();
  const auto nats_url = is_server ? nats_.server_url() : nats_.notify_url();
  const auto database = proxy_.add_link(port_of(database_url));
  const auto nats = proxy_.add_link(port_of(nats_url));
  const test::Dependencies on{with_port(database_url, proxy_.port(database)),
                              with_port(nats_url, proxy_.port(nats)), keys_.path()};
  auto environment = is_server ? test::server_environment(on, of_server)
                               : test::notify_environment(on, small_queues);
  if (is_server) environment["FECHATTER_FILES__FOLDER"] = files_folder();
  test::Server server{is_server ? test::server_program() : test::notify_program(),
                      fmt::format("{}/{}_{}.log", folder_, kind, number), std::move(environment)};
  const auto front = proxy_.add_link(server.port());
  nodes_.push_back({fmt::format("{} {}", kind, number), std::move(server), front, database, nats});
}

// Beside what fills the disk.
std::string Cluster::files_folder() const {
  if (volume_) return volume_->path() + "/files";
  return (files_disk_ ? files_disk_->path() : keys_.path()) + "/files";
}

std::vector<std::uint16_t> Cluster::server_ports() const {
  std::vector<std::uint16_t> ports;
  if (balancer_) ports.push_back(balancer_->server_port());
  for (std::size_t i = 0; i < instances; ++i) ports.push_back(proxy_.port(nodes_[i].front));
  return ports;
}

std::vector<std::uint16_t> Cluster::notify_ports() const {
  std::vector<std::uint16_t> ports;
  if (balancer_) ports.push_back(balancer_->notify_port());
  for (std::size_t i = instances; i < nodes_.size(); ++i) {
    ports.push_back(proxy_.port(nodes_[i].front));
  }
  return ports;
}

void Cluster::sync_disk() {
  if (volume_) volume_->sync_all();
}

void Cluster::cut_power(std::optional<std::uint64_t> seed) {
  // At the same moment: what outlived the disk could still answer and deliver.
  for (auto& node : nodes_) {
    node.should_run = false;
    node.server.signal(SIGKILL);
  }
  volume_->cut_power();
  for (auto& node : nodes_) node.server.kill();
  nats_.kill();
  volume_->restore_power(seed);
}

void Cluster::restart_exited() {
  for (auto& node : nodes_) {
    if (!node.should_run || node.server.running()) continue;
    if (!std::exchange(node.exit_expected, false)) ++node.unexpected_exits;
    node.server.spawn();
  }
}

}  // namespace fechatter::chaos
