#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

// What a client knows, as the reference for other clients: docs/events.md, "Versions and
// positions".
namespace fechatter::model {

using nlohmann::json;

// The state of one client of one user, from what it has read by REST and the events since, in any
// overlap of the two. One thread.
class ClientModel {
 public:
  explicit ClientModel(std::int64_t user) : user_{user} {}

  // What REST has answered: a user, an entry of the list of chats, a message, a draft. An object
  // that is not newer than the known one changes nothing.
  void show_user(const json& user);
  void show_chat(const json& entry);
  void show_message(const json& message);
  void show_draft(const json& draft);
  // The chat is not the user's any more.
  void drop_chat(std::int64_t chat);

  // Applies an event. Returns a chat that the client does not know: it has to be read by REST.
  std::optional<std::int64_t> apply(const std::string& name, const json& data);

  // All that the user sees, in one form: messages without tombstones, people by their present
  // names, as long as they share a chat with the user, and what depends on the viewer.
  json visible() const;

 private:
  struct ChatState {
    json chat;  // of the list, without what is derived
    std::int64_t last_read_seq = 0;
    std::int64_t read_version = 0;
    // Own messages up to this number have moved last_read_seq already.
    std::int64_t read_through = 0;
    std::int64_t own_seq = 0;  // the newest own message that an event has moved it to
    json muted_until;
    std::map<std::int64_t, json> messages;  // by id, tombstones too
  };

  ChatState* find(const json& data);
  std::optional<std::int64_t> apply_message(const json& data);
  void apply_deletion(ChatState& chat, const json& data);
  // A message with a number beyond the chat's last one is new to it, whichever event shows it.
  void note_new(ChatState& chat, const json& message) const;
  void apply_annotation(const std::string& name, json& message, const json& data) const;
  std::optional<std::int64_t> apply_to_message(const std::string& name, const json& data);
  std::optional<std::int64_t> apply_chat(const json& data);
  bool ends_membership(const std::string& name, const json& data) const;
  void apply_membership(const std::string& name, const json& data);
  void apply_own(const std::string& name, const json& data);
  static void apply_read(ChatState& chat, const json& data);

  json visible_message(const json& message) const;
  json visible_chat(const ChatState& state) const;
  bool is_unread(const ChatState& state, const json& message) const;
  bool mentions_user(const json& message) const;

  std::int64_t user_;
  std::map<std::int64_t, json> users_;
  std::map<std::int64_t, ChatState> chats_;
  std::map<std::int64_t, std::int64_t> drafts_;  // the versions, by chat
};

}  // namespace fechatter::model
