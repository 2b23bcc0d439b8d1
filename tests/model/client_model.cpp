#include "tests/model/client_model.hpp"

#include <algorithm>

#include "tests/model/visible_state.hpp"

namespace fechatter::model {
namespace {

// Of a scheduled message: its sender may not have been there.
bool is_scheduled(const json& message) {
  const auto& key = message.at("idempotency_key");
  return key.is_string() && key.get<std::string>().starts_with("5c4ed01e-");
}

bool is_deleted(const json& message) {
  return !message.at("deleted_at").is_null();
}

// The fields of the API's Chat that an event about a chat has.
constexpr const char* chat_fields[] = {
    "id",       "workspace_id", "chat_type",     "description", "created_by",
    "owner_id", "member_count", "chat_members",  "created_at",  "updated_at",
    "topic",    "archived_at",  "who_may_write", "who_may_pin", "everyone_mentions",
    "version"};
// Likewise of the API's Message; the sender is kept by its id.
constexpr const char* message_fields[] = {
    "id",           "chat_id",        "sender_id",      "seq",
    "content",      "files",          "mentions",       "reply_to",
    "created_at",   "edited_at",      "deleted_at",     "idempotency_key",
    "reactions",    "pinned",         "thread",         "version",
    "also_to_chat", "mention_ranges", "thread_root_id", "attachments"};

template <std::size_t count>
json only(const json& object, const char* const (&names)[count]) {
  auto copy = json::object();
  for (const auto* name : names) copy[name] = object.at(name);
  return copy;
}

void add_reaction(json& reactions, const json& emoji, const json& user) {
  for (auto& kind : reactions) {
    if (kind.at("emoji") != emoji) continue;
    auto& users = kind.at("user_ids");
    if (std::find(users.begin(), users.end(), user) != users.end()) return;
    users.push_back(user);
    kind["count"] = number(kind, "count") + 1;
    return;
  }
  reactions.push_back({{"emoji", emoji}, {"count", 1}, {"user_ids", json::array({user})}});
}

void remove_reaction(json& reactions, const json& emoji, const json& user) {
  for (std::size_t i = 0; i < reactions.size(); ++i) {
    auto& kind = reactions[i];
    if (kind.at("emoji") != emoji) continue;
    auto& users = kind.at("user_ids");
    const auto found = std::find(users.begin(), users.end(), user);
    if (found == users.end()) return;
    users.erase(found);
    kind["count"] = number(kind, "count") - 1;
    if (users.empty()) reactions.erase(i);
    return;
  }
}

}  // namespace

void ClientModel::show_user(const json& user) {
  users_[number(user, "id")] = {{"fullname", user.at("fullname")},
                                {"avatar_url", user.at("avatar_url")}};
}

void ClientModel::show_chat(const json& entry) {
  auto& known = chats_[number(entry, "id")];
  if (!known.chat.is_null() && number(known.chat, "version") > number(entry, "version")) return;
  known.chat = only(entry, chat_fields);
  known.chat["name"] = entry.at("name");
  known.chat["last_seq"] = entry.at("last_seq");
  known.last_read_seq = number(entry, "last_read_seq");
  known.read_version = number(entry, "read_version");
  known.read_through = number(entry, "last_seq");
  known.own_seq = 0;
  known.muted_until = entry.at("muted_until");
}

void ClientModel::show_message(const json& message) {
  const auto chat = chats_.find(number(message, "chat_id"));
  if (chat == chats_.end()) return;
  auto& known = chat->second.messages[number(message, "id")];
  if (!known.is_null() && number(known, "version") >= number(message, "version")) return;
  known = only(message, message_fields);
}

void ClientModel::show_draft(const json& draft) {
  auto& version = drafts_[number(draft, "chat_id")];
  version = std::max(version, number(draft, "version"));
}

void ClientModel::drop_chat(std::int64_t chat) {
  chats_.erase(chat);
  drafts_.erase(chat);
}

ClientModel::ChatState* ClientModel::find(const json& data) {
  const auto found = chats_.find(number(data, "chat_id"));
  return found == chats_.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> ClientModel::apply(const std::string& name, const json& data) {
  if (name == "UserUpdated") {
    show_user(data);
  } else if (name == "NewMessage" || name == "MessageUpdated") {
    return apply_message(data);
  } else if (name == "MessageDeleted" || name == "ThreadUpdated" || name.starts_with("Reaction") ||
             name == "MessagePinned" || name == "MessageUnpinned") {
    return apply_to_message(name, data);
  } else if (name == "NewChat" || name == "ChatUpdated" || name == "ChatArchived" ||
             name == "ChatRestored") {
    return apply_chat(data);
  } else if (name == "UserJoinedChat" || name == "UserLeftChat" || name == "ChatDeleted") {
    apply_membership(name, data);
  } else {
    apply_own(name, data);
  }
  return std::nullopt;
}

std::optional<std::int64_t> ClientModel::apply_message(const json& data) {
  auto* chat = find(data);
  if (chat == nullptr) return number(data, "chat_id");
  note_new(*chat, data);
  show_message(data);
  chat->chat["version"] = std::max(number(chat->chat, "version"),
                                   data.at("event") == "NewMessage" ? number(data, "event_id") : 0);
  return std::nullopt;
}

void ClientModel::note_new(ChatState& chat, const json& message) const {
  const auto seq = number(message, "seq");
  chat.chat["last_seq"] = std::max(seq, number(chat.chat, "last_seq"));
  const bool own = number(message, "sender_id") == user_;
  if (!own || message.at("also_to_chat") != true || is_scheduled(message)) return;
  if (seq <= chat.read_through) return;
  chat.read_through = seq;
  chat.own_seq = seq;
  chat.last_read_seq = seq;
}

// Of an event that was emitted before an own message, which has come first, only the id counts.
void ClientModel::apply_read(ChatState& chat, const json& data) {
  if (chat.read_version >= number(data, "event_id")) return;
  chat.read_version = number(data, "event_id");
  if (chat.own_seq > number(data, "last_seq")) return;
  chat.last_read_seq = number(data, "seq");
  chat.read_through = std::max(chat.read_through, number(data, "last_seq"));
}

std::optional<std::int64_t> ClientModel::apply_to_message(const std::string& name,
                                                          const json& data) {
  auto* chat = find(data);
  if (chat == nullptr) return number(data, "chat_id");
  if (name == "MessageDeleted") {
    apply_deletion(*chat, data);
    return std::nullopt;
  }
  const auto message = chat->messages.find(number(data, "message_id"));
  // A later event shows a message that the client does not know.
  if (message == chat->messages.end()) return std::nullopt;
  if (number(message->second, "version") >= number(data, "event_id")) return std::nullopt;
  if (!is_deleted(message->second)) apply_annotation(name, message->second, data);
  message->second["version"] = data.at("event_id");
  return std::nullopt;
}

void ClientModel::apply_deletion(ChatState& chat, const json& data) {
  note_new(chat, data);
  auto& known = chat.messages[number(data, "id")];
  if (!known.is_null() && number(known, "version") >= number(data, "event_id")) return;
  known = data;
}

void ClientModel::apply_annotation(const std::string& name, json& message, const json& data) const {
  auto& reactions = message.at("reactions");
  if (name == "ReactionAdded") {
    add_reaction(reactions, data.at("emoji"), data.at("user_id"));
  } else if (name == "ReactionRemoved") {
    remove_reaction(reactions, data.at("emoji"), data.at("user_id"));
  } else if (name == "ReactionsCounted") {
    // Whose they are is to be read by REST.
    reactions = data.at("reactions");
    for (auto& kind : reactions) kind["user_ids"] = json::array();
  } else if (name == "ThreadUpdated") {
    message["thread"] = {{"reply_count", data.at("reply_count")},
                         {"last_reply_at", data.at("last_reply_at")},
                         {"repliers", data.at("repliers")}};
  } else {
    message["pinned"] = name == "MessagePinned";
  }
}

std::optional<std::int64_t> ClientModel::apply_chat(const json& data) {
  auto* known = find(data);
  if (known == nullptr) return number(data, "chat_id");
  if (number(known->chat, "version") >= number(data, "event_id")) return std::nullopt;
  const auto last_seq = std::max(number(known->chat, "last_seq"), number(data, "last_seq"));
  known->chat = only(data, chat_fields);
  known->chat["version"] = std::max(number(data, "version"), number(data, "event_id"));
  known->chat["name"] = data.at("name");
  known->chat["last_seq"] = last_seq;
  return std::nullopt;
}

bool ClientModel::ends_membership(const std::string& name, const json& data) const {
  if (name == "ChatDeleted" || !data.contains("users")) return true;
  const auto& people = data.at("users");
  return name == "UserLeftChat" &&
         std::any_of(people.begin(), people.end(),
                     [this](const json& person) { return person.at("user_id") == user_; });
}

// A chat that the list did not show any more, since the user had left, may have a draft of events
// before that.
void ClientModel::apply_membership(const std::string& name, const json& data) {
  auto* known = find(data);
  if (known == nullptr) {
    if (ends_membership(name, data)) drop_chat(number(data, "chat_id"));
    return;
  }
  if (number(known->chat, "version") >= number(data, "event_id")) return;
  if (ends_membership(name, data)) return drop_chat(number(data, "chat_id"));
  auto& members = known->chat.at("chat_members");
  for (const auto& person : data.value("users", json::array())) {
    const auto& user = person.at("user_id");
    if (name == "UserJoinedChat")
      users_[user.get<std::int64_t>()]["fullname"] = person.at("fullname");
    const auto place = std::lower_bound(members.begin(), members.end(), user);
    const bool is_member = place != members.end() && *place == user;
    if (name == "UserJoinedChat" && !is_member) members.insert(place, user);
    if (name == "UserLeftChat" && is_member) members.erase(place);
  }
  // These chats are small: the list is whole.
  known->chat["member_count"] = members.size();
  known->chat["version"] = data.at("event_id");
}

void ClientModel::apply_own(const std::string& name, const json& data) {
  if (!data.contains("chat_id")) return;
  auto* chat = find(data);
  if (name == "MessageRead" && chat != nullptr && number(data, "user_id") == user_) {
    apply_read(*chat, data);
  } else if (name == "PreferencesUpdated" && chat != nullptr) {
    chat->muted_until = data.at("muted_until");
  } else if (name == "DraftUpdated" && data.at("deleted") == true) {
    drafts_.erase(number(data, "chat_id"));
  } else if (name == "DraftUpdated") {
    drafts_[number(data, "chat_id")] = number(data, "event_id");
  }
}

bool ClientModel::mentions_user(const json& message) const {
  const auto& named = message.at("mentions");
  const auto& ranges = message.at("mention_ranges");
  return std::find(named.begin(), named.end(), user_) != named.end() ||
         std::any_of(ranges.begin(), ranges.end(),
                     [](const json& range) { return range.at("user_id").is_string(); });
}

bool ClientModel::is_unread(const ChatState& state, const json& message) const {
  return !is_deleted(message) && message.at("also_to_chat") == true &&
         number(message, "sender_id") != user_ && number(message, "seq") > state.last_read_seq;
}

json ClientModel::visible_message(const json& message) const {
  auto shown = message;
  auto sender = users_.at(number(message, "sender_id"));
  sender["id"] = message.at("sender_id");
  shown["sender"] = std::move(sender);
  for (auto& kind : shown.at("reactions")) {
    const auto& users = kind.at("user_ids");
    kind["me"] = std::find(users.begin(), users.end(), user_) != users.end();
  }
  return shown;
}

json ClientModel::visible_chat(const ChatState& state) const {
  auto shown = state.chat;
  shown.erase("version");
  std::int64_t unread = 0;
  std::int64_t mentions = 0;
  auto messages = json::object();
  for (const auto& [id, message] : state.messages) {
    if (is_deleted(message)) continue;
    messages[std::to_string(id)] = visible_message(message);
    if (!is_unread(state, message)) continue;
    ++unread;
    if (mentions_user(message)) ++mentions;
  }
  if (shown.at("chat_type") == "Single") {
    for (const auto& member : shown.at("chat_members")) {
      if (member != user_) shown["name"] = users_.at(member.get<std::int64_t>()).at("fullname");
    }
  }
  shown["unread_count"] = unread;
  shown["mention_count"] = mentions;
  shown["last_read_seq"] = state.last_read_seq;
  shown["muted_until"] = state.muted_until;
  shown["messages"] = std::move(messages);
  return shown;
}

json ClientModel::visible() const {
  json shown{{"chats", json::object()}, {"drafts", json::object()}};
  for (const auto& [id, state] : chats_) shown["chats"][std::to_string(id)] = visible_chat(state);
  for (const auto& [chat, version] : drafts_) shown["drafts"][std::to_string(chat)] = version;
  forget_strangers(shown["chats"]);
  return shown;
}

}  // namespace fechatter::model
