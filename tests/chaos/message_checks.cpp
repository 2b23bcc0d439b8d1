#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tests/chaos/audience.hpp"
#include "tests/chaos/findings.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* kept = "every 201 is in the final history";
constexpr const char* sent = "nothing is there that nobody sent";
constexpr const char* one = "a key gives one message";
constexpr const char* counted = "seq is 1..n";
constexpr const char* told = "every message has its event, and every change";
constexpr const char* seated = "the members are those that joined and did not leave";

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
      if (change.kind == Change::Kind::erase) erased_.insert(change.subject);
    }
    for (const auto& event : final_.events) {
      if (event.type == "NewMessage") births_[event.message].push_back(&event);
      if (event.type == "MessageUpdated") updates_[event.message].push_back(&event);
      if (event.type == "MessageDeleted") deletions_.insert(event.message);
    }
  }

  std::vector<Violation> messages() {
    for (const auto& send : histories_.sends) check_send(send);
    check_numbers();
    for (const auto& message : final_.messages) check_stored(message);
    for (const auto& [message, events] : births_) {
      if (!by_id_.contains(message)) {
        findings_.add(sent, "event {} tells of message {}, which is not there", events[0]->id,
                      message);
      }
    }
    return findings_.take();
  }

  std::vector<Violation> changes() {
    const Audience audience{final_};
    for (const auto& change : histories_.changes) {
      if (change.outcome == Outcome::ok) check_change(change, audience);
    }
    for (const auto& [message, events] : updates_) {
      for (const auto* event : events) {
        if (!edits_[message].contains(event->content)) {
          findings_.add(sent, "event {} edits message {} as nobody did", event->id, message);
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
    const auto who = fmt::format("person {} chat {} key {}", send.person, send.chat, send.key);
    if (count > 1) findings_.add(one, "{}: {} messages", who, count);
    if (send.outcome == Outcome::fail && count > 0) {
      findings_.add(sent, "{}: refused, and there it is as message {}", who, found->second[0]->id);
    }
    if (std::set(send.answers.begin(), send.answers.end()).size() > 1) {
      findings_.add(one, "{}: answers name messages {} and {}", who, send.answers.front().first,
                    send.answers.back().first);
    }
    if (send.outcome != Outcome::ok) return;
    const auto [id, seq] = send.answers.front();
    if (count == 0) return findings_.add(kept, "{}: message {} is not there", who, id);
    const auto& message = *found->second[0];
    if (message.id != id || message.seq != seq) {
      findings_.add(kept, "{}: answered id {} seq {}, stored id {} seq {}", who, id, seq,
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
        findings_.add(counted, "chat {}: {} stands where {} should", chat, seqs[i], i + 1);
        break;
      }
    }
  }

  void check_stored(const StoredMessage& message) {
    const auto births = births_.find(message.id);
    const auto count = births == births_.end() ? 0 : births->second.size();
    if (count != 1) {
      findings_.add(told, "message {} of chat {} has {} NewMessage events", message.id,
                    message.chat, count);
      return;
    }
    const auto& birth = *births->second[0];
    const auto sends = sends_of(message);
    if (!sends) return findings_.add(sent, "message {} (key {})", message.id, message.key);
    if (birth.seq != message.seq || birth.chat != message.chat || birth.content != sends->content) {
      findings_.add(told, "event {} tells of message {} otherwise than it was sent", birth.id,
                    message.id);
    }
    if (message.deleted) {
      if (!erased_.contains(message.id)) findings_.add(sent, "deletion of {}", message.id);
      if (!deletions_.contains(message.id)) {
        findings_.add(told, "message {} is deleted, and no event says so", message.id);
      }
      return;
    }
    const auto updates = updates_.find(message.id);
    const auto& last = updates == updates_.end() ? sends->content : updates->second.back()->content;
    if (message.content != last) {
      findings_.add(told, "message {} is not as the last event about it says", message.id);
    }
  }

  const Send* sends_of(const StoredMessage& message) {
    if (sends_.empty()) {
      for (const auto& send : histories_.sends) sends_[{send.person, send.chat, send.key}] = &send;
    }
    const auto found = sends_.find({message.sender, message.chat, message.key});
    return found == sends_.end() ? nullptr : found->second;
  }

  void check_change(const Change& change, const Audience& audience) {
    switch (change.kind) {
      case Change::Kind::edit: return check_edit(change);
      case Change::Kind::erase:
        if (!deletions_.contains(change.subject)) {
          findings_.add(told, "message {} was deleted, and no event says so", change.subject);
        }
        return;
      case Change::Kind::join:
      case Change::Kind::add: {
        const auto& stays = audience.stays(change.subject, change.chat);
        const bool seated_then = std::any_of(stays.begin(), stays.end(), [&](const Stay& stay) {
          return stay.from_at <= change.completed && stay.until_at >= change.invoked;
        });
        if (!seated_then) {
          findings_.add(seated, "person {} came into chat {}, and no event says so", change.subject,
                        change.chat);
        }
        return;
      }
      case Change::Kind::leave:
      case Change::Kind::expel:
        for (const auto& stay : audience.stays(change.subject, change.chat)) {
          if (stay.from_at < change.invoked && stay.until_at > change.completed) {
            findings_.add(seated, "person {} left chat {}, and no event says so", change.subject,
                          change.chat);
          }
        }
    }
  }

  void check_edit(const Change& change) {
    const auto found = updates_.find(change.subject);
    const bool is_told =
        found != updates_.end() &&
        std::any_of(found->second.begin(), found->second.end(),
                    [&](const auto* event) { return event->content == change.content; });
    if (!is_told) findings_.add(told, "an edit of message {} is lost", change.subject);
  }

  void check_members(const Audience& audience) {
    const std::set<std::pair<std::int64_t, std::int64_t>> members{final_.members.begin(),
                                                                  final_.members.end()};
    std::set<std::pair<std::int64_t, std::int64_t>> people = members;
    for (const auto& event : final_.events) {
      for (const auto person : event.added) people.emplace(event.chat, person);
    }
    for (const auto& [chat, person] : people) {
      const auto& stays = audience.stays(person, chat);
      const bool stayed = !stays.empty() && !stays.back().over();
      if (stayed != members.contains({chat, person})) {
        findings_.add(seated, "person {} and chat {}: events and members disagree", person, chat);
      }
    }
  }

  const Histories& histories_;
  const FinalState& final_;
  std::map<Key, std::vector<const StoredMessage*>> by_key_;
  std::map<Key, const Send*> sends_;
  std::map<std::int64_t, const StoredMessage*> by_id_;
  std::map<std::int64_t, std::set<std::string>> edits_;
  std::set<std::int64_t> erased_;
  std::map<std::int64_t, std::vector<const StoredEvent*>> births_;
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
