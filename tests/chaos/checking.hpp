#pragma once

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/chaos/checker.hpp"

namespace fechatter::chaos {

inline constexpr std::int64_t alice = 1;
inline constexpr std::int64_t bob = 2;
inline constexpr std::int64_t guest = 3;
inline constexpr std::int64_t mallory = 4;
inline constexpr std::int64_t chat = 10;
inline constexpr std::int64_t elsewhere = 20;

// Each invariant is seen to fail: from a history in which all is well, one thing is made wrong.
// alice and bob are in the chat; the guest comes at event 4 and is gone at event 7. Event n happens
// at moment 100 n. bob and the guest listen all the time.
class Checking : public testing::Test {
 protected:
  Checking() {
    add_event({1, 100, 1, chat, "NewChat", 0, chat, "", false, {alice, bob}, {alice, bob}, {}});
    says("first");   // 2, seq 1
    says("second");  // 3, seq 2
    add_event({4, 400, 1, chat, "NewChat", 0, chat, "", false, {guest}, {guest}, {}});
    says("third");   // 5, seq 3
    says("fourth");  // 6, seq 4
    add_event({7, 700, 1, chat, "UserLeftChat", 0, 0, "", true, {}, {}, {guest}});
    says("fifth");  // 8, seq 5
    final_state.members = {{chat, alice}, {chat, bob}};
    listens(bob, {2, 3, 4, 5, 6, 7, 8});
    hide(bob, 4);  // told to the guest alone
    listens(guest, {4, 5, 6, 7});
  }

  void add_event(StoredEvent event) {
    event.position = {1, event.id};
    final_state.events.push_back(std::move(event));
  }

  void says(const std::string& text) {
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

  Seen sight_of(std::int64_t id) const {
    const auto& event = final_state.events[static_cast<std::size_t>(id) - 1];
    Seen seen;
    seen.kind = Seen::Kind::event;
    seen.at = event.created + 1;
    seen.position = {1, id};
    seen.event_id = id;
    seen.chat = event.chat;
    seen.seq = event.seq;
    seen.message = event.message;
    seen.content_hash = std::hash<std::string>{}(event.content);
    seen.canaries = {event.chat};
    seen.text = event.type;
    return seen;
  }

  static Seen entry(Seen::Kind kind, Micros at, std::int64_t cursor = 0) {
    Seen seen;
    seen.kind = kind;
    seen.at = at;
    seen.position = {1, cursor};
    seen.has_cursor = cursor > 0;
    return seen;
  }

  // A listener from before event 2 on, which saw these.
  void listens(std::int64_t person, const std::vector<std::int64_t>& ids) {
    Listening listening;
    listening.listener = static_cast<std::int64_t>(histories.listeners.size());
    listening.person = person;
    listening.seen = {entry(Seen::Kind::connected, 149), entry(Seen::Kind::caught_up, 150)};
    for (const auto id : ids) listening.seen.push_back(sight_of(id));
    histories.listeners.push_back(std::move(listening));
  }

  std::vector<Seen>& log_of(std::int64_t person) {
    return histories.listeners[person == bob ? 0 : 1].seen;
  }
  std::size_t index_of(std::int64_t person, std::int64_t event) {
    auto& log = log_of(person);
    const auto found = std::find_if(log.begin(), log.end(),
                                    [event](const Seen& seen) { return seen.event_id == event; });
    return static_cast<std::size_t>(found - log.begin());
  }
  void insert(std::int64_t person, std::size_t at, Seen seen) {
    auto& log = log_of(person);
    log.insert(log.begin() + static_cast<std::ptrdiff_t>(at), std::move(seen));
  }
  void hide(std::int64_t person, std::int64_t event) {
    std::erase_if(log_of(person), [event](const Seen& seen) { return seen.event_id == event; });
  }
  // The stream ends after an event, and is resumed where it was, `later` after it.
  void comes_back_after(std::int64_t person, std::int64_t event, Micros later = 5) {
    const auto at = index_of(person, event) + 1;
    const auto moment = 100 * event + later;
    insert(person, at, entry(Seen::Kind::ended, moment));
    insert(person, at + 1, entry(Seen::Kind::connected, moment, event));
    insert(person, at + 2, entry(Seen::Kind::caught_up, moment));
  }

  auto found() const { return check(histories, final_state); }
  static auto violates(const std::string& invariant) {
    return testing::Contains(testing::Field(&Violation::invariant, testing::HasSubstr(invariant)));
  }

  Histories histories;
  FinalState final_state;
};

}  // namespace fechatter::chaos
