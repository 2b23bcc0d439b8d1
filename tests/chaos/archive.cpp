#include "tests/chaos/archive.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace fechatter::chaos {
namespace {

using nlohmann::json;

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::fail: return "fail";
    case Outcome::unknown: break;
  }
  return "unknown";
}

const char* name_of(Change::Kind kind) {
  static constexpr const char* names[] = {"edit", "delete", "join",    "leave",
                                          "add",  "remove", "archive", "restore"};
  return names[static_cast<int>(kind)];
}

const char* name_of(StreamEntry::Kind kind) {
  static constexpr const char* names[] = {"connected", "event", "caught_up", "reset", "ended"};
  return names[static_cast<int>(kind)];
}

json line_of(const Send& send) {
  return {{"person", send.person},
          {"chat", send.chat},
          {"key", send.key},
          {"content", send.content},
          {"invoked", send.invoked},
          {"completed", send.completed},
          {"outcome", name_of(send.outcome)},
          {"refusal", send.refusal},
          {"attempts", send.attempts},
          {"answers", send.answers},
          {"files", send.files}};
}

json line_of(const FileUpload& upload) {
  return {{"person", upload.person},       {"size", upload.size},
          {"hash", upload.hash},           {"invoked", upload.invoked},
          {"completed", upload.completed}, {"outcome", name_of(upload.outcome)},
          {"attempts", upload.attempts},   {"url", upload.url},
          {"refusal", upload.refusal}};
}

json line_of(const Change& change) {
  return {{"kind", name_of(change.kind)},  {"person", change.person},
          {"chat", change.chat},           {"subject", change.subject},
          {"content", change.content},     {"invoked", change.invoked},
          {"completed", change.completed}, {"outcome", name_of(change.outcome)},
          {"status", change.status}};
}

json line_of(const Revision& revision) {
  return {{"cancels", revision.cancels},     {"content", revision.content},
          {"send_at", revision.send_at},     {"invoked", revision.invoked},
          {"completed", revision.completed}, {"outcome", name_of(revision.outcome)},
          {"status", revision.status}};
}

json line_of(const Scheduled& scheduled) {
  auto revisions = json::array();
  for (const auto& revision : scheduled.revisions) revisions.push_back(line_of(revision));
  return {{"person", scheduled.person},
          {"chat", scheduled.chat},
          {"content", scheduled.content},
          {"send_at", scheduled.send_at},
          {"invoked", scheduled.invoked},
          {"completed", scheduled.completed},
          {"outcome", name_of(scheduled.outcome)},
          {"refusal", scheduled.refusal},
          {"id", scheduled.id},
          {"revisions", revisions}};
}

json line_of(const StoredScheduled& scheduled) {
  return {{"id", scheduled.id},   {"person", scheduled.person},   {"chat", scheduled.chat},
          {"key", scheduled.key}, {"content", scheduled.content}, {"failure", scheduled.failure}};
}

json line_of(const DraftChange& change) {
  return {{"person", change.person},
          {"chat", change.chat},
          {"content", change.content},
          {"known", change.known},
          {"invoked", change.invoked},
          {"completed", change.completed},
          {"outcome", name_of(change.outcome)},
          {"status", change.status},
          {"version", change.version}};
}

json line_of(const StoredDraft& draft) {
  return {{"person", draft.person},
          {"chat", draft.chat},
          {"version", draft.version},
          {"content", draft.content}};
}

json line_of(const Activity& activity) {
  return {{"person", activity.person},   {"chat", activity.chat},
          {"invoked", activity.invoked}, {"completed", activity.completed},
          {"status", activity.status},   {"refusal", activity.refusal}};
}

json line_of(const Ephemeral& event) {
  return {{"reader", event.reader},
          {"type", event.type},
          {"person", event.person},
          {"chat", event.chat},
          {"at", event.at}};
}

json line_of(const Fault& fault) {
  return {{"kind", fault.kind},
          {"target", fault.target},
          {"began", fault.began},
          {"ended", fault.ended}};
}

json line_of(const StoredMessage& message) {
  return {{"id", message.id},           {"chat", message.chat},  {"seq", message.seq},
          {"sender", message.sender},   {"key", message.key},    {"content", message.content},
          {"deleted", message.deleted}, {"files", message.files}};
}

json line_of(const StoredFile& file) {
  return {{"url", file.url}, {"status", file.status}, {"hash", file.hash}};
}

json line_of(const StoredEvent& event) {
  return {{"id", event.id},
          {"created", event.created},
          {"chat", event.chat},
          {"type", event.type},
          {"seq", event.seq},
          {"message", event.message},
          {"content", event.content},
          {"to_chat", event.to_chat},
          {"users", event.users},
          {"added", event.added},
          {"removed", event.removed},
          {"position", fmt::format("{}-{}", event.position.epoch, event.position.stream_seq)}};
}

json line_of(const SubscriberLog& log, std::size_t index) {
  const auto& entry = log.entries[index];
  return {{"subscriber", log.subscriber},
          {"person", log.person},
          {"entry", index},
          {"kind", name_of(entry.kind)},
          {"at", entry.at},
          {"position", fmt::format("{}-{}", entry.position.epoch, entry.position.stream_seq)},
          {"event_id", entry.event_id},
          {"chat", entry.chat},
          {"seq", entry.seq},
          {"message", entry.message},
          {"text", entry.text}};
}

template <class Records>
void write(const std::string& path, const Records& records) {
  std::ofstream file{path};
  for (const auto& record : records) file << line_of(record).dump() << "\n";
}

}  // namespace

void archive(const Result& result, const std::string& folder) {
  write(folder + "/sends.jsonl", result.histories.sends);
  write(folder + "/uploads.jsonl", result.histories.uploads);
  write(folder + "/files.jsonl", result.final_state.files);
  write(folder + "/changes.jsonl", result.histories.changes);
  write(folder + "/scheduled.jsonl", result.histories.scheduled);
  write(folder + "/unsent.jsonl", result.final_state.scheduled);
  write(folder + "/draft_changes.jsonl", result.histories.drafts);
  write(folder + "/drafts.jsonl", result.final_state.drafts);
  write(folder + "/activities.jsonl", result.histories.activities);
  write(folder + "/ephemerals.jsonl", result.histories.ephemerals);
  write(folder + "/faults.jsonl", result.histories.faults);
  write(folder + "/messages.jsonl", result.final_state.messages);
  write(folder + "/events.jsonl", result.final_state.events);
  std::ofstream file{folder + "/subscribers.jsonl"};
  for (const auto& log : result.histories.subscribers) {
    for (std::size_t i = 0; i < log.entries.size(); ++i) {
      file << line_of(log, i).dump() << "\n";
    }
  }
  std::ofstream violations{folder + "/violations.txt"};
  for (const auto& violation : result.violations) {
    violations << violation.invariant << ": " << violation.detail << "\n";
  }
}

}  // namespace fechatter::chaos
