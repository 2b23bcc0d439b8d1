#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/fault_proxy.hpp"
#include "tests/chaos/power_options.hpp"
#include "tests/chaos/small_disk.hpp"
#include "tests/power/mounted_volume.hpp"
#include "tests/support/balancer.hpp"
#include "tests/support/system.hpp"

namespace fechatter::chaos {

// One server process with its proxy links: one in front of it and one to each dependency.
struct Node {
  std::string name;  // fechatter_server 1
  test::Server server;
  std::size_t front;  // numbers of its links
  std::size_t database;
  std::size_t nats;
  bool should_run = true;      // restarted whenever it has exited
  bool exit_expected = false;  // the next exit was requested
  int unexpected_exits = 0;    // exits without a request
};

// The whole system: PostgreSQL, NATS, three instances of each server, nginx; every connection
// passes through the fault proxy. The destructor stops everything. Used from one thread, which must
// outlive it.
class Cluster {
 public:
  // Writes logs to `folder`. With `power`, PostgreSQL, NATS and the files are on a disk whose power
  // can be cut, in place of the small ones; throws where that cannot be had.
  explicit Cluster(std::string folder, const std::optional<PowerOptions>& power = {});
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  static constexpr std::size_t instances = 3;

  // The server processes: fechatter_server 0..2, then notify_server 0..2.
  std::vector<Node>& nodes() { return nodes_; }
  FaultProxy& proxy() { return proxy_; }
  test::NatsServer& nats() { return nats_; }
  test::PrivatePostgres& postgres() { return postgres_; }
  // The disk of PostgreSQL's data; null when the machine does not permit one.
  const SmallDisk* disk() const { return disk_.get(); }
  // That of the files, of all instances; null likewise.
  const SmallDisk* files_disk() const { return files_disk_.get(); }
  // The folder of the files.
  std::string files_folder() const;

  // Whether NATS keeps over a power cut what it acknowledged.
  bool stream_survives_power_cuts() const { return stream_survives_; }

  // Ports for clients: the balancer first, then each instance.
  std::vector<std::uint16_t> server_ports() const;
  std::vector<std::uint16_t> notify_ports() const;
  // A direct URL of PostgreSQL, as the owner.
  std::string owner_url() const { return postgres_.owner_url(); }
  // The same with the servers' role.
  std::string server_url() const { return postgres_.url(); }

  // Whatever was stored until now outlives the cuts.
  void sync_disk();
  // Cuts the power of all but the clients, the proxy and nginx: every process ends, and the disk
  // forgets what was not synced, but for what `seed` leaves; all of it without a seed.
  // REQUIRES: a disk whose power can be cut.
  void cut_power(std::optional<std::uint64_t> seed);
  // Restarts exited processes, as a service manager does.
  void restart_exited();

 private:
  void add_node(const std::string& kind, std::size_t number);

  const std::string folder_;
  test::ScratchFolder keys_;
  std::unique_ptr<power::MountedVolume> volume_;
  const bool stream_survives_;
  std::unique_ptr<SmallDisk> disk_;
  std::unique_ptr<SmallDisk> files_disk_;
  FaultProxy proxy_;
  test::PrivatePostgres postgres_;
  test::NatsServer nats_;
  std::vector<Node> nodes_;
  std::optional<test::Balancer> balancer_;
};

}  // namespace fechatter::chaos
