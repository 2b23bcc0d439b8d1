#include "tests/model/world.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace fechatter::model {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t people_count = 4;
constexpr std::size_t device_owners[] = {0, 0, 1, 1, 2};  // the last one only acts
constexpr std::size_t actions_min = 12;
constexpr std::size_t actions_more = 24;

}  // namespace

World::World(const Instances& instances, std::uint64_t seed)
    : seed_{seed},
      workspace_{fmt::format("w{}-{}", getpid(), seed)},
      dice_{seed},
      database_{instances.database_url} {
  for (std::size_t i = 0; i < people_count; ++i) {
    people_.push_back(std::make_unique<RestClient>(instances.servers, seed * 10 + i));
    people_.back()->sign_up(fmt::format("user{}", i), workspace_);
  }
  for (const auto owner : device_owners) {
    auto& person = *people_[owner];
    const auto device_seed = seed * 100 + devices_.size();
    devices_.emplace_back(&person, Device{person, instances.notifies, device_seed});
  }
}

std::string World::run() {
  std::vector<RestClient*> people;
  for (const auto& person : people_) people.push_back(person.get());
  RandomActions actions{people, seed_};
  actions.make_first_chats();
  const auto count = actions_min + dice_.below(actions_more);
  for (std::size_t i = 0; i < count; ++i) {
    log_.push_back(actions.act());
    let_devices_be();
  }
  await_rest();
  // A device that begins after the last event, with the lists of that moment, would not receive it.
  for (auto& [person, device] : devices_) device.glances();
  const auto status = fmt::format("at rest {}", seed_);
  for (const auto& person : people_) {
    person->asks("PUT", "/api/users/preferences", json{{"custom_status", status}});
  }
  std::string differences;
  for (auto& [person, device] : devices_) differences += compare(*person, device, status);
  if (differences.empty()) return {};
  return fmt::format("seed {}\n{}{}\n", seed_, differences, fmt::join(log_, "\n"));
}

// Some look, some lose their stream, some forget all.
void World::let_devices_be() {
  for (auto& [person, device] : devices_) {
    if (dice_.chance(0.2)) device.glances();
    if (dice_.chance(0.03)) device.goes_away();
    if (dice_.chance(0.02)) device.begins_anew();
  }
}

void World::await_rest() {
  const auto end = Clock::now() + 60s;
  while (is_busy()) {
    if (Clock::now() > end) throw std::runtime_error{"reads or scheduled messages wait for ever"};
    std::this_thread::sleep_for(100ms);
  }
}

bool World::is_busy() {
  const auto rows = database_.run_script(
      fmt::format("SELECT EXISTS (SELECT FROM due_read_events d JOIN users u ON u.id = d.user_id"
                  " WHERE u.workspace_id = w.id)"
                  " OR EXISTS (SELECT FROM scheduled_messages s"
                  " WHERE s.workspace_id = w.id AND s.failure_code IS NULL)"
                  " FROM workspaces w WHERE w.name = '{}'",
                  workspace_));
  return rows[0][0].as<bool>();
}

std::string World::compare(RestClient& person, Device& device, const std::string& status) {
  const auto whose = fmt::format("a device of user {}: ", person.user());
  if (!device.reads_until(status)) return whose + "the last event does not come\n";
  const auto differences = difference(device.model().visible(), person.read_all().visible());
  return differences.empty() ? std::string{} : whose + "\n" + differences;
}

}  // namespace fechatter::model
