#include "tests/chaos/final_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fechatter_core/postgres/connection.hpp"
#include "tests/support/http_client.hpp"

namespace fechatter::chaos {
namespace {

using nlohmann::json;

std::string text_in(const json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

StoredMessage message_of(const json& body) {
  return {body.at("id"),
          body.at("chat_id"),
          body.at("seq"),
          body.at("sender_id"),
          text_in(body, "idempotency_key"),
          text_in(body, "content"),
          !body.at("deleted_at").is_null(),
          body.at("files")};
}

// What REST answers to a person.
json read(const Person& person, std::uint16_t port, const std::string& target) {
  const test::Headers bearer{{"Authorization", "Bearer " + person.token}};
  const auto reply = test::request(port, "GET", target, {}, bearer);
  if (reply.status != 200) throw std::runtime_error{target + ": " + reply.body};
  return reply.json();
}

void read_messages(const Person& reader, const Chat& chat, std::uint16_t port,
                   std::vector<StoredMessage>& messages) {
  std::vector<StoredMessage> newest_first;
  while (true) {
    auto target = fmt::format("/api/chat/{}/messages?limit=100", chat.id);
    if (!newest_first.empty()) target += fmt::format("&before={}", newest_first.back().id);
    const auto page = read(reader, port, target);
    if (page.empty()) break;
    for (const auto& body : page) newest_first.push_back(message_of(body));
  }
  messages.insert(messages.end(), newest_first.rbegin(), newest_first.rend());
}

// One page holds all that may wait.
void read_scheduled(const Person& person, std::uint16_t port,
                    std::vector<StoredScheduled>& scheduled) {
  for (const auto& body : read(person, port, "/api/scheduled?limit=100")) {
    const auto& failure = body.at("failure");
    scheduled.push_back({body.at("id"), person.id, body.at("chat_id"),
                         text_in(body, "idempotency_key"), text_in(body, "content"),
                         failure.is_null() ? "" : text_in(failure, "code")});
  }
}

StoredDraft read_draft(const Person& person, const Chat& chat, std::uint16_t port) {
  const auto body = read(person, port, fmt::format("/api/chat/{}/draft", chat.id));
  return {person.id, chat.id, body.at("version"), text_in(body, "content")};
}

std::vector<std::int64_t> ids_in(const pqxx::field& field, const char* name) {
  if (field.is_null()) return {};
  const auto body = json::parse(field.c_str());
  return body.is_object() ? body.value(name, std::vector<std::int64_t>{})
                          : std::vector<std::int64_t>{};
}

StoredEvent event_of(const pqxx::row& row) {
  StoredEvent event;
  event.id = row["id"].as<std::int64_t>();
  event.created = row["created"].as<std::int64_t>();
  event.workspace = row["workspace_id"].as<std::int64_t>();
  event.chat = row["chat_id"].as<std::int64_t>();
  event.type = row["type"].c_str();
  event.seq = row["seq"].as<std::int64_t>();
  event.message = row["message"].as<std::int64_t>();
  event.content = row["content"].c_str();
  event.erased = row["erased"].as<bool>();
  event.to_chat = std::string_view{row["audience"].c_str()} == "\"chat\"";
  event.users = ids_in(row["audience"], "users");
  event.added = ids_in(row["members"], "added");
  event.removed = ids_in(row["members"], "removed");
  event.position = {row["epoch"].as<std::int64_t>(), row["stream_seq"].as<std::int64_t>()};
  return event;
}

}  // namespace

FinalState read_final_state(const Population& population, std::uint16_t server_port,
                            const std::string& owner_url) {
  FinalState state;
  for (const auto& chat : population.chats()) {
    const auto& reader = population.person(chat.permanent_members.back());
    read_messages(reader, chat, server_port, state.messages);
    const auto body = read(reader, server_port, fmt::format("/api/chat/{}", chat.id));
    if (!body.at("archived_at").is_null()) state.archived.push_back(chat.id);
    for (const auto member : chat.permanent_members) {
      state.drafts.push_back(read_draft(population.person(member), chat, server_port));
    }
  }
  for (const auto& person : population.people()) {
    read_scheduled(person, server_port, state.scheduled);
  }
  postgres::Connection database{owner_url};
  const auto events = database.run_script(
      "SELECT o.id, unix_micros(o.created_at) AS created, o.workspace_id, o.chat_id, o.type,"
      " coalesce(o.seq, 0) AS seq, coalesce((data->>'id')::bigint, m.id, 0) AS message,"
      " o.erased_at IS NOT NULL AS erased,"
      " coalesce(data->>'content', '') AS content, audience::text AS audience,"
      " members::text AS members, coalesce(epoch, 0) AS epoch,"
      " coalesce(stream_seq, 0) AS stream_seq FROM outbox o"
      " LEFT JOIN messages m ON m.chat_id = o.chat_id AND m.seq = o.seq"
      " WHERE o.chat_id <> 0 ORDER BY o.id");
  for (const auto& row : events) state.events.push_back(event_of(row));
  const auto members = database.run_script("SELECT chat_id, user_id FROM chat_members");
  for (const auto& row : members) {
    state.members.emplace_back(row[0].as<std::int64_t>(), row[1].as<std::int64_t>());
  }
  return state;
}

}  // namespace fechatter::chaos
