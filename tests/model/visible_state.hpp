#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

// What a user sees, in one form: {"chats": {<id>: {…, "messages": {<id>: {…}}}}, "drafts":
// {<chat>: <version>}}, without tombstones.
namespace fechatter::model {

using nlohmann::json;

inline std::int64_t number(const json& object, const char* name) {
  return object.at(name).get<std::int64_t>();
}

// Of what REST has answered: entries of the list of chats, the messages of each by its id, and
// drafts. What a client derives is taken from the answers here.
json visible_by_rest(const json& entries, const std::map<std::int64_t, json>& messages,
                     const json& drafts);

// Removes the names of people that share no chat with the user any more: no event tells how they
// are called now. Of "chats".
void forget_strangers(json& chats);

// Where two such states differ, as lines; empty: they are equal.
std::string difference(const json& by_events, const json& by_rest);

}  // namespace fechatter::model
