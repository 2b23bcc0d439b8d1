#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tests/chaos/expected_audience.hpp"
#include "tests/chaos/findings.hpp"
#include "tests/chaos/promises.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* in_history = "every 201 is in the final history";
constexpr const char* unique = "an idempotency key has one message";
constexpr const char* counted = "seq is 1..n";
constexpr const char* members_match = "the members are those that joined and did not leave";

using Key = std::tuple<std::int64_t, std::int64_t, std::string>;  // sender, chat, key

// One pass over each kind of record. Short-lived.
class MessageChecks {
 public:
  MessageChecks(const Histories& histories, const FinalState& final_state)
      : histories_{histories}, final_{final_state} {
    for (const auto& message : final_.messages) {
      by_key_[{message.sender, message.chat, message.key}].push_back(&message);
      by_id_[message.id] = &message;
    }
    for (const auto& change : histories_.changes) {
      if (change.kind == Change::Kind::edit) edits_[change.subject].insert(change.content);
      if (change.kind == Change::Kind::deletion) deleted_.insert(change.subject);
    }
    for (const auto& event : final_.events) {
      if (event.type == "NewMessage") new_messages_[event.message].push_back(&event);
      if (event.type == "MessageUpdated") updates_[event.message].push_back(&event);
      if (event.type == "MessageDeleted") deletions_.insert(event.message);
    }
  }

  std::vector<Violation> messages() {
    for (const auto& send : histories_.sends) check_send(send);
    check_numbers();
    for (const auto& message : final_.messages) check_stored(message);
    for (const auto& [message, events] : new_messages_) {
      if (!by_id_.contains(message)) {
        findings_.add(promise::only_sent, "event {} is of message {}, which does not exist",
                      events[0]->id, message);
      }
    }
    return findings_.take();
  }

  std::vector<Violation> changes() {
    const ExpectedAudience audience{final_};
    for (const auto& change : histories_.changes) {
      if (change.outcome == Outcome::ok) check_change(change, audience);
    }
    for (const auto& [message, events] : updates_) {
      for (const auto* event : events) {
        if (!event->erased && !edits_[message].contains(event->content)) {
          findings_.add(promise::only_sent, "event {} is an edit of message {} that was not sent",
                        event->id, message);
        }
      }
    }
    check_members(audience);
    return findings_.take();
  }

 private:
  void check_send(const Send& send) {
    const auto found = by_key_.find({send.person, send.chat, send.key});
    const auto count = found == by_key_.end() ? 0 : found->second.size();
    const auto label = fmt::format("person {} chat {} key {}", send.person, send.chat, send.key);
    if (count > 1) findings_.add(unique, "{}: {} messages", label, count);
    if (send.outcome == Outcome::fail && count > 0) {
      findings_.add(promise::only_sent, "{}: refused, but stored as message {}", label,
                    found->second[0]->id);
    }
    if (std::set(send.answers.begin(), send.answers.end()).size() > 1) {
      findings_.add(unique, "{}: answers name messages {} and {}", label,
                    send.answers.front().first, send.answers.back().first);
    }
    if (send.outcome != Outcome::ok) return;
    const auto [id, seq] = send.answers.front();
    if (count == 0) return findings_.add(in_history, "{}: message {} is missing", label, id);
    const auto& message = *found->second[0];
    if (message.id != id || message.seq != seq) {
      findings_.add(in_history, "{}: answered id {} seq {}, stored id {} seq {}", label, id, seq,
                    message.id, message.seq);
    }
  }

  void check_numbers() {
    std::map<std::int64_t, std::vector<std::int64_t>> numbers;
    for (const auto& message : final_.messages) numbers[message.chat].push_back(message.seq);
    for (auto& [chat, seqs] : numbers) {
      std::sort(seqs.begin(), seqs.end());
      for (std::size_t i = 0; i < seqs.size(); ++i) {
        if (seqs[i] == static_cast<std::int64_t>(i) + 1) continue;
        findings_.add(counted, "chat {}: seq {} in place of {}", chat, seqs[i], i + 1);
        break;
      }
    }
  }

  void check_stored(const StoredMessage& message) {
    const auto new_messages = new_messages_.find(message.id);
    const auto count = new_messages == new_messages_.end() ? 0 : new_messages->second.size();
    if (count != 1) {
      findings_.add(promise::has_event, "message {} of chat {} has {} NewMessage events",
                    message.id, message.chat, count);
      return;
    }
    const auto& new_message = *new_messages->second[0];
    const auto* original = find_content(message);
    if (!original)
      return findings_.add(promise::only_sent, "message {} (key {})", message.id, message.key);
    if (new_message.seq != message.seq || new_message.chat != message.chat ||
        (!new_message.erased && new_message.content != *original)) {
      findings_.add(promise::has_event, "event {} differs from message {} as it was sent",
                    new_message.id, message.id);
    }
    if (message.deleted) {
      if (!deleted_.contains(message.id)) {
        findings_.add(promise::only_sent, "a deletion of message {} that was not sent", message.id);
      }
      if (!deletions_.contains(message.id)) {
        findings_.add(promise::has_event, "message {} is deleted without an event", message.id);
      }
      return;
    }
    const auto updates = updates_.find(message.id);
    const auto& last = updates == updates_.end() ? *original : updates->second.back()->content;
    if (message.content != last) {
      findings_.add(promise::has_event, "message {} differs from its last event", message.id);
    }
  }

  // Of the request. That of a scheduled message is checked by check_scheduled; none edits it.
  const std::string* find_content(const StoredMessage& message) {
    if (is_scheduled_key(message.key)) return &message.content;
    const auto* send = find_send(message);
    return send ? &send->content : nullptr;
  }

  const Send* find_send(const StoredMessage& message) {
    if (sends_.empty()) {
      for (const auto& send : histories_.sends) sends_[{send.person, send.chat, send.key}] = &send;
    }
    const auto found = sends_.find({message.sender, message.chat, message.key});
    return found == sends_.end() ? nullptr : found->second;
  }

  void check_change(const Change& change, const ExpectedAudience& audience) {
    switch (change.kind) {
      case Change::Kind::edit: return check_edit(change);
      case Change::Kind::deletion:
        if (!deletions_.contains(change.subject)) {
          findings_.add(promise::has_event, "the deletion of message {} has no event",
                        change.subject);
        }
        return;
      case Change::Kind::join:
      case Change::Kind::add: {
        const auto& periods = audience.memberships(change.subject, change.chat);
        const bool was_member =
            std::any_of(periods.begin(), periods.end(), [&](const Membership& period) {
              return period.overlaps(change.invoked, change.completed);
            });
        if (!was_member) {
          findings_.add(members_match, "person {} joined chat {} without an event", change.subject,
                        change.chat);
        }
        return;
      }
      case Change::Kind::leave:
      case Change::Kind::removal:
        for (const auto& period : audience.memberships(change.subject, change.chat)) {
          if (period.from_at < change.invoked && period.until_at > change.completed) {
            findings_.add(members_match, "person {} left chat {} without an event", change.subject,
                          change.chat);
          }
        }
        return;
      case Change::Kind::archive:
      case Change::Kind::restore: return;  // check_archives
    }
  }

  void check_edit(const Change& change) {
    const auto found = updates_.find(change.subject);
    const bool has_event =
        found != updates_.end() &&
        std::any_of(found->second.begin(), found->second.end(), [&](const auto* event) {
          return event->erased || event->content == change.content;
        });
    if (!has_event)
      findings_.add(promise::has_event, "an edit of message {} has no event", change.subject);
  }

  void check_members(const ExpectedAudience& audience) {
    const std::set<std::pair<std::int64_t, std::int64_t>> members{final_.members.begin(),
                                                                  final_.members.end()};
    std::set<std::pair<std::int64_t, std::int64_t>> people = members;
    for (const auto& event : final_.events) {
      for (const auto person : event.added) people.emplace(event.chat, person);
    }
    for (const auto& [chat, person] : people) {
      const auto& periods = audience.memberships(person, chat);
      const bool is_member = !periods.empty() && !periods.back().over();
      if (is_member != members.contains({chat, person})) {
        findings_.add(members_match, "person {} and chat {}: events and members disagree", person,
                      chat);
      }
    }
  }

  const Histories& histories_;
  const FinalState& final_;
  std::map<Key, std::vector<const StoredMessage*>> by_key_;
  std::map<Key, const Send*> sends_;
  std::map<std::int64_t, const StoredMessage*> by_id_;
  std::map<std::int64_t, std::set<std::string>> edits_;
  std::set<std::int64_t> deleted_;
  std::map<std::int64_t, std::vector<const StoredEvent*>> new_messages_;
  std::map<std::int64_t, std::vector<const StoredEvent*>> updates_;
  std::set<std::int64_t> deletions_;
  Findings findings_;
};

}  // namespace

std::vector<Violation> check_messages(const Histories& histories, const FinalState& final_state) {
  return MessageChecks{histories, final_state}.messages();
}

std::vector<Violation> check_changes(const Histories& histories, const FinalState& final_state) {
  return MessageChecks{histories, final_state}.changes();
}

}  // namespace fechatter::chaos
