#include "tests/simulator/world.hpp"

#include <fmt/format.h>

#include <utility>

namespace fechatter::simulator {
namespace {

constexpr milliseconds time_of_faults{25'000};
constexpr milliseconds time_to_heal{20'000};
constexpr milliseconds look_interval{500};
constexpr std::int64_t chats = 3;

std::int64_t chat_in(std::string_view text) {
  return number_in(text, "\"chat_id\":");
}

}  // namespace

World::World(std::uint64_t seed, bool verbose)
    : simulation_{seed},
      database_{simulation_, {}},
      relay_rules_{std::chrono::seconds{simulation_.random().one_in(3) ? 5 : 3600},
                   1 + simulation_.random().below(12), 200 + simulation_.random().below(2000), 2} {
  simulation_.verbose = verbose;
  if (simulation_.random().one_in(4)) faults_.restore_often();
  nats_.on_store = [this](const auto& stream, const auto& message) {
    check_stored(stream, message);
  };
  nats_.on_observation = [this](const event::StreamObservation& seen) {
    for (auto& relay : relays_) relay->seen = seen;
  };
  database_.on_mark = [this](auto epoch, auto id, auto seq) { check_mark(epoch, id, seq); };
  database_.on_epoch = [this](auto epoch) { check_epoch(epoch); };
  for (int i = 0; i < 3; ++i) {
    auto& host = *relays_.emplace_back(std::make_unique<RelayHost>());
    host.actor = &simulation_.add(fmt::format("relay {}", i), [this, &host] { run_relay(host); });
    faults_.add(host);
  }
  for (int i = 0; i < 2; ++i) {
    auto& host = *consumers_.emplace_back(std::make_unique<Consumer>());
    host.actor =
        &simulation_.add(fmt::format("consumer {}", i), [this, &host] { run_consumer(host); });
    faults_.add(host);
  }
  for (int i = 0; i < 2; ++i)
    simulation_.add(fmt::format("writer {}", i), [this] { run_writer(); });
  for (int i = 0; i < 2; ++i) {
    auto& host = *erasers_.emplace_back(std::make_unique<Host>());
    host.actor = &simulation_.add(fmt::format("eraser {}", i), [this, &host] { run_eraser(host); });
    faults_.add(host);
  }
  simulation_.add("replays", [this] { replays_.run(); });
  simulation_.add("network", [this] { run_network(); });
  simulation_.add("nemesis", [this] { faults_.run(); });
}

std::string World::run() {
  const auto begin = simulation_.now();
  simulation_.run_until(begin + time_of_faults);
  writing_ = false;
  faults_.end();
  const auto end = simulation_.now() + time_to_heal;
  auto left = unfinished();
  while (simulation_.failure().empty() && simulation_.now() < end && !left.empty()) {
    simulation_.run_until(simulation_.now() + look_interval);
    left = unfinished();
  }
  if (!simulation_.failure().empty()) return simulation_.failure();
  if (!left.empty()) simulation_.trace("LEFT: " + left);
  return left;
}

// As OutboxRelay::run does.
void World::run_relay(RelayHost& host) {
  SimulatedRelayStore store{simulation_, database_, host.off_database};
  server::Relay relay{relay_rules_, store, host.actor->name()};
  while (true) {
    try {
      SimulatedStream stream{simulation_, nats_, host.off_nats};
      while (true) {
        const auto pause = relay.step(stream);
        if (pause.count() > 0) simulation_.sleep(simulation_.random().up_to(pause));
        if (auto seen = std::exchange(host.seen, std::nullopt); seen && relay.holding()) {
          relay.verify(std::move(*seen));
        }
      }
    } catch (const std::runtime_error& error) {
      simulation_.trace(error.what());
    }
    try {
      relay.give_up();
    } catch (const std::runtime_error& error) {
      simulation_.trace(error.what());
    }
    simulation_.sleep(milliseconds{200});
  }
}

// As EventConsumer::run does.
void World::run_consumer(Consumer& host) {
  const Host links = static_cast<const Host&>(host);
  host = Consumer{};
  static_cast<Host&>(host) = links;
  notify::FollowRules rules;
  rules.dedup_window = 64 * 256;
  SimulatedErasures erasures{simulation_, database_, host.off_database};
  notify::EventFollower follower{rules, erasures};
  const auto observe_all = [&] {
    for (const auto& update : follower.take_updates()) observe(host, update);
  };
  while (true) {
    try {
      SimulatedStream stream{simulation_, nats_, host.off_nats};
      while (true) {
        const auto pause = follower.step(stream);
        observe_all();
        if (pause.count() > 0) simulation_.sleep(pause);
      }
    } catch (const std::runtime_error& error) {
      simulation_.trace(error.what());
      observe_all();
    }
    follower.give_up();
    simulation_.sleep(simulation_.random().up_to(milliseconds{500}));
  }
}

void World::observe(Consumer& host, const notify::StreamUpdate& update) {
  using Kind = notify::StreamUpdate::Kind;
  host.position = update.position.stream_seq;
  if (update.kind == Kind::lost || update.kind == Kind::warmed_up) {
    host.answers_since_ns = simulation_.now_ns();
    host.warmed_up = host.warmed_up || update.kind == Kind::warmed_up;
    simulation_.trace(update.kind == Kind::lost ? "LOSS" : "warmed up");
    if (update.kind == Kind::lost) host.in_chat.clear();  // clients are reset
  }
  if (!update.event) return;
  const auto uid = uid_in(update.event->frame);
  host.known.insert(uid);
  if (update.kind != Kind::event) return;
  simulation_.trace(fmt::format("delivered {}", uid));
  if (!host.delivered.insert(uid).second) {
    simulation_.fail(fmt::format("{} delivered {} twice", host.actor->name(), uid));
  }
  auto& last = host.in_chat[update.event->chat_id.value];
  if (uid < last && host.warmed_up) {
    simulation_.fail(fmt::format("{} delivered {} after {}", host.actor->name(), uid, last));
  }
  last = std::max(last, uid);
}

// Within an epoch the stream holds each event once, and a chat's events in order.
void World::check_stored(const StoredStream& stream, const event::StreamMessage& message) {
  const auto uid = uid_in(message.data);
  const auto chat = chat_in(message.data);
  replays_.add(message);
  stored_.emplace(message.message_id, message.stream_seq);
  if (uid == 0) return;  // its text was erased
  first_stored_ns_.try_emplace(uid, simulation_.now_ns());
  for (auto next = stream.messages.rbegin(); next != stream.messages.rend(); ++next) {
    const auto& earlier = next->second;
    if (earlier.epoch.number > message.epoch.number) {
      simulation_.fail(fmt::format("{} was stored in a newer epoch", message.message_id));
    }
    if (earlier.epoch.number != message.epoch.number) break;
    if (chat_in(earlier.data) == chat && uid_in(earlier.data) > 0 && uid_in(earlier.data) >= uid) {
      simulation_.fail(fmt::format("{} was stored after {}", uid, uid_in(earlier.data)));
    }
  }
}

void World::check_mark(std::int64_t epoch, std::int64_t id, std::uint64_t stream_seq) {
  if (stored_.contains({event::message_id_of(epoch, EventId{id}), stream_seq})) return;
  simulation_.fail(
      fmt::format("event {} was marked as {}-{}, which it never had", id, epoch, stream_seq));
}

void World::check_epoch(std::int64_t epoch) {
  if (epoch > 1 && !nats_.has_lost() && !faults_.restored())
    simulation_.fail("an epoch was raised without a loss");
}

std::string World::unfinished() const {
  const auto& lease = database_.state().lease;
  for (const auto& [id, row] : database_.state().rows) {
    if (row.epoch == 0) return fmt::format("event {} is not published", id);
    if (row.epoch != lease.epoch) continue;
    if (!nats_.stream()) return "there is no stream";
    const auto found = nats_.stream()->messages.find(row.stream_seq);
    if (database_.was_erased(row.event.uid)) continue;
    // A loss behind erased messages at the beginning looks like age; a client's cursor expires.
    if (row.stream_seq < nats_.stream()->first_seq()) continue;
    const auto message_id = event::message_id_of(row.epoch, EventId{id});
    if (found == nats_.stream()->messages.end() || found->second.message_id != message_id) {
      return fmt::format("event {} is not at its marked sequence {}", id, row.stream_seq);
    }
  }
  for (const auto& host : consumers_) {
    if (auto left = unfinished(*host); !left.empty()) return left;
  }
  return left_text();
}

std::string World::left_text() const {
  const auto& state = database_.state();
  if (!state.to_erase.empty()) return "a text is to be erased";
  for (const auto& [at, record] : state.erasures) {
    if (!record.done) return fmt::format("{}-{} is not erased", at.epoch, at.stream_seq);
  }
  if (faults_.restored() || !nats_.stream()) return {};
  for (const auto& [seq, message] : nats_.stream()->messages) {
    const auto uid = uid_in(message.data);
    if (database_.was_erased(uid))
      return fmt::format("the stream holds the text {} at {}", uid, seq);
  }
  return {};
}

std::string World::unfinished(const Consumer& host) const {
  const auto name = host.actor->name();
  if (!host.warmed_up) return name + " is not warmed up";
  for (const auto& [id, row] : database_.state().rows) {
    const auto& [uid, chat] = row.event;
    if (database_.was_erased(uid)) continue;
    const auto stored = first_stored_ns_.find(uid);
    const bool young = row.created_micros * 1000 > host.answers_since_ns ||
                       stored == first_stored_ns_.end() || stored->second > host.answers_since_ns;
    if (young && !host.known.contains(uid)) return fmt::format("{} misses {}", name, uid);
  }
  return {};
}

void World::run_writer() {
  while (true) {
    simulation_.sleep(simulation_.random().up_to(milliseconds{writing_ ? 900 : 100'000}));
    const auto chat = 1 + static_cast<std::int64_t>(simulation_.random().below(chats));
    if (writing_ && simulation_.random().one_in(5)) database_.supersede();
    if (!writing_ || !database_.write(chat)) continue;
    // Most of the time the relay is woken.
    for (auto& relay : relays_) {
      if (!simulation_.random().one_in(4)) relay->actor->wake();
    }
  }
}

// As the chore of the cleanup and StreamEraser do.
void World::run_eraser(Host& host) {
  SimulatedErasures store{simulation_, database_, host.off_database};
  server::Eraser eraser{store};
  while (true) {
    try {
      SimulatedStream stream{simulation_, nats_, host.off_nats};
      while (true) {
        database_.find_texts();
        if (stream.find_state()) eraser.step(stream);
        // Often at the same time as the other, as after an outage that has stopped both.
        const auto now = std::chrono::floor<milliseconds>(simulation_.now().time_since_epoch());
        const milliseconds next{1000 - now.count() % 1000};
        simulation_.sleep(simulation_.random().one_in(2) ? next : simulation_.random().up_to(next));
      }
    } catch (const std::runtime_error& error) {
      simulation_.trace(error.what());
    }
    simulation_.sleep(milliseconds{500});
  }
}

void World::run_network() {
  while (true) {
    simulation_.sleep(simulation_.random().up_to(milliseconds{250}));
    for (int i = 0; i < 8; ++i) nats_.deliver_one();
  }
}

}  // namespace fechatter::simulator
