#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"
#include "tests/model/device.hpp"
#include "tests/model/random_actions.hpp"

namespace fechatter::model {

// Where the servers are.
struct Instances {
  Ports servers;
  Ports notifies;
  std::string database_url;  // of the owner
};

// One workspace with four users and five devices, and a sequence of random actions from a seed. One
// thread; worlds on the same instances do not meet.
class World {
 public:
  World(const Instances& instances, std::uint64_t seed);

  // The whole sequence. Returns where a device's state differs from what REST says at rest, and
  // what was done; empty: nowhere. Throws std::runtime_error when no instance answers.
  std::string run();

 private:
  void let_devices_be();
  // Until no server has anything to do for these users.
  void await_rest();
  bool is_busy();
  std::string compare(RestClient& person, Device& device, const std::string& status);

  const std::uint64_t seed_;
  const std::string workspace_;
  Dice dice_;
  postgres::Connection database_;
  std::vector<std::unique_ptr<RestClient>> people_;
  std::vector<std::pair<RestClient*, Device>> devices_;
  std::vector<std::string> log_;
};

}  // namespace fechatter::model
