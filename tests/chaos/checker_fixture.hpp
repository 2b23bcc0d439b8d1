#pragma once

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/chaos/checker.hpp"

namespace fechatter::chaos {

inline constexpr std::int64_t alice = 1;
inline constexpr std::int64_t bob = 2;
inline constexpr std::int64_t carol = 3;
inline constexpr std::int64_t mallory = 4;
inline constexpr std::int64_t chat = 10;
inline constexpr std::int64_t elsewhere = 20;

// Shows that each invariant can fail: a test makes one thing wrong in a correct history. alice and
// bob are members of the chat; carol joins with event 4 and leaves with event 7. Event n happens at
// moment 100 n. bob and carol have a stream all the time.
class ChaosChecker : public testing::Test {
 protected:
  ChaosChecker() {
    add_event({1, 100, 1, chat, "NewChat", 0, chat, "", false, {alice, bob}, {alice, bob}, {}});
    post("first");   // 2, seq 1
    post("second");  // 3, seq 2
    add_event({4, 400, 1, chat, "NewChat", 0, chat, "", false, {carol}, {carol}, {}});
    post("third");   // 5, seq 3
    post("fourth");  // 6, seq 4
    add_event({7, 700, 1, chat, "UserLeftChat", 0, 0, "", true, {}, {}, {carol}});
    post("fifth");  // 8, seq 5
    final_state.members = {{chat, alice}, {chat, bob}};
    add_subscriber(bob, {2, 3, 4, 5, 6, 7, 8});
    drop_event(bob, 4);  // addressed to carol alone
    add_subscriber(carol, {4, 5, 6, 7});
  }

  void add_event(StoredEvent event) {
    event.position = {1, event.id};
    final_state.events.push_back(std::move(event));
  }

  void post(const std::string& text) {
    const auto id = static_cast<std::int64_t>(final_state.events.size()) + 1;
    const auto seq = static_cast<std::int64_t>(final_state.messages.size()) + 1;
    add_event({id, 100 * id, 1, chat, "NewMessage", seq, 1000 + seq, text, true, {}, {}, {}});
    final_state.messages.push_back({1000 + seq, chat, seq, alice, "key " + text, text, false});
    Send send;
    send.person = alice;
    send.chat = chat;
    send.key = "key " + text;
    send.content = text;
    send.outcome = Outcome::ok;
    send.attempts = 1;
    send.answers = {{1000 + seq, seq}};
    histories.sends.push_back(send);
  }

  // alice edits a message, and bob gets the event.
  void edit(std::int64_t seq, const std::string& text) {
    const auto id = static_cast<std::int64_t>(final_state.events.size()) + 1;
    const auto message = 1000 + seq;
    add_event({id, 100 * id, 1, chat, "MessageUpdated", seq, message, text, true, {}, {}, {}});
    final_state.messages[static_cast<std::size_t>(seq) - 1].content = text;
    Change change;
    change.person = alice;
    change.chat = chat;
    change.subject = message;
    change.content = text;
    change.outcome = Outcome::ok;
    histories.changes.push_back(change);
    log_of(bob).push_back(entry_of(id));
  }

  StreamEntry entry_of(std::int64_t id) const {
    const auto& event = final_state.events[static_cast<std::size_t>(id) - 1];
    StreamEntry made;
    made.kind = StreamEntry::Kind::event;
    made.at = event.created + 1;
    made.position = {1, id};
    made.event_id = id;
    made.chat = event.chat;
    made.seq = event.seq;
    made.message = event.message;
    made.content_hash = std::hash<std::string>{}(event.content);
    made.canaries = {event.chat};
    made.text = event.type;
    return made;
  }

  static StreamEntry entry(StreamEntry::Kind kind, Micros at, std::int64_t cursor = 0) {
    StreamEntry made;
    made.kind = kind;
    made.at = at;
    made.position = {1, cursor};
    made.has_cursor = cursor > 0;
    return made;
  }

  // A subscriber connected from before event 2 on, which got these events.
  void add_subscriber(std::int64_t person, const std::vector<std::int64_t>& ids) {
    SubscriberLog log;
    log.subscriber = static_cast<std::int64_t>(histories.subscribers.size());
    log.person = person;
    log.entries = {entry(StreamEntry::Kind::connected, 149),
                   entry(StreamEntry::Kind::caught_up, 150)};
    for (const auto id : ids) log.entries.push_back(entry_of(id));
    histories.subscribers.push_back(std::move(log));
  }

  std::vector<StreamEntry>& log_of(std::int64_t person) {
    return histories.subscribers[person == bob ? 0 : 1].entries;
  }
  std::size_t index_of(std::int64_t person, std::int64_t event) {
    auto& log = log_of(person);
    const auto found = std::find_if(log.begin(), log.end(), [event](const StreamEntry& entry) {
      return entry.event_id == event;
    });
    return static_cast<std::size_t>(found - log.begin());
  }
  void insert(std::int64_t person, std::size_t at, StreamEntry added) {
    auto& log = log_of(person);
    log.insert(log.begin() + static_cast<std::ptrdiff_t>(at), std::move(added));
  }
  void drop_event(std::int64_t person, std::int64_t event) {
    std::erase_if(log_of(person),
                  [event](const StreamEntry& entry) { return entry.event_id == event; });
  }
  // The stream ends `later` microseconds after an event and is resumed from its cursor.
  void reconnect_after(std::int64_t person, std::int64_t event, Micros later = 5) {
    const auto at = index_of(person, event) + 1;
    const auto moment = 100 * event + later;
    insert(person, at, entry(StreamEntry::Kind::ended, moment));
    insert(person, at + 1, entry(StreamEntry::Kind::connected, moment, event));
    insert(person, at + 2, entry(StreamEntry::Kind::caught_up, moment));
  }

  auto violations() const { return check(histories, final_state); }
  static auto violates(const std::string& invariant) {
    return testing::Contains(testing::Field(&Violation::invariant, testing::HasSubstr(invariant)));
  }

  Histories histories;
  FinalState final_state;
};

}  // namespace fechatter::chaos
