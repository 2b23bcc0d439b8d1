#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/fault_proxy.hpp"
#include "tests/chaos/small_disk.hpp"
#include "tests/support/balancer.hpp"
#include "tests/support/system.hpp"

namespace fechatter::chaos {

// One of our processes, with a link of the proxy before it and one to each of what it depends on.
struct Node {
  std::string name;  // fechatter_server 1
  test::Server server;
  std::size_t front;  // links
  std::size_t database;
  std::size_t nats;
  bool wanted = true;          // started again whenever it is found ended
  bool ends_expected = false;  // the next end is no accident
  int accidents = 0;           // how often it ended by itself
};

// The whole system: PostgreSQL, NATS, three of each of our servers, nginx; every connection passes
// through the fault proxy. Everything ends with it. One thread, which must live as long.
class Cluster {
 public:
  // Logs go to `folder`.
  explicit Cluster(std::string folder);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  static constexpr std::size_t instances = 3;

  // The processes of ours: fechatter_server 0..2, then notify_server 0..2.
  std::vector<Node>& nodes() { return nodes_; }
  FaultProxy& proxy() { return proxy_; }
  test::NatsServer& nats() { return nats_; }
  test::PrivatePostgres& postgres() { return postgres_; }
  // Where PostgreSQL's data is; null when no such disk can be made here.
  const SmallDisk* disk() const { return disk_.get(); }

  // Ports where a client may ask: the balancer first, then each instance.
  std::vector<std::uint16_t> server_ports() const;
  std::vector<std::uint16_t> notify_ports() const;
  // Of PostgreSQL itself, as its owner.
  std::string owner_url() const { return postgres_.owner_url(); }

  // Starts again what has ended by itself, as a service manager would.
  void tend();

 private:
  void add_node(const std::string& kind, std::size_t number);

  const std::string folder_;
  test::ScratchFolder keys_;
  std::unique_ptr<SmallDisk> disk_;
  FaultProxy proxy_;
  test::PrivatePostgres postgres_;
  test::NatsServer nats_;
  std::vector<Node> nodes_;
  std::optional<test::Balancer> balancer_;
};

}  // namespace fechatter::chaos
