#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "fechatter_core/error.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_client.hpp"

// Messages for an index, and queries to it.
namespace fechatter::test {

// Sent in minute `id` of chat 7 in workspace 3, by user 5.
inline IndexedMessage message(std::int64_t id, const std::string& content) {
  IndexedMessage message;
  message.id = MessageId{id};
  message.workspace_id = WorkspaceId{3};
  message.chat_id = ChatId{7};
  message.sender_id = UserId{5};
  message.content = content;
  message.created_at = from_unix_micros(1'700'000'000'000'001) + std::chrono::minutes{id};
  message.version = message.created_at;
  return message;
}

inline IndexedMessage in_chat(std::int64_t chat, IndexedMessage message) {
  message.chat_id = ChatId{chat};
  return message;
}

inline IndexedMessage edited(IndexedMessage message, const std::string& content,
                             std::chrono::seconds later = std::chrono::seconds{1}) {
  message.content = content;
  message.version += later;
  return message;
}

inline IndexedMessage deleted(IndexedMessage message,
                              std::chrono::seconds later = std::chrono::seconds{2}) {
  message.deleted = true;
  message.version += later;
  return message;
}

inline SearchTerm word(const std::string& text) {
  return {SearchTerm::Kind::word, text, false};
}
inline SearchTerm prefix(const std::string& text) {
  return {SearchTerm::Kind::prefix, text, false};
}
inline SearchTerm phrase(const std::string& text) {
  return {SearchTerm::Kind::phrase, text, false};
}
inline SearchTerm without(SearchTerm term) {
  term.excluded = true;
  return term;
}

// In chat 7 of workspace 3.
inline IndexQuery query(std::vector<SearchTerm> terms) {
  IndexQuery query;
  query.workspace_id = WorkspaceId{3};
  query.caller = UserId{5};
  query.chats = {ChatId{7}};
  query.terms = std::move(terms);
  return query;
}

inline std::vector<std::int64_t> ids_of(const std::vector<IndexMatch>& matches) {
  std::vector<std::int64_t> ids;
  for (const auto& match : matches) ids.push_back(match.id.value);
  return ids;
}

// Whether it throws search_unavailable.
template <class F>
bool is_unavailable(F work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code() == ErrorCode::search_unavailable;
  }
  return false;
}

// The code of the MeilisearchRefusal that it throws, if it does.
template <class F>
std::string refusal_of(F work) {
  try {
    work();
  } catch (const server::MeilisearchRefusal& refusal) {
    return std::string{refusal.code()};
  }
  return "none";
}

}  // namespace fechatter::test
