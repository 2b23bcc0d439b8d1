#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/model/message.hpp"
#include "fechatter_core/model/user.hpp"
#include "fechatter_core/text/name.hpp"

namespace fechatter {

enum class ChatType { single, group, private_channel, public_channel };
enum class ChatRole { owner, admin, member };
// All members, or the owner and the admins of the chat.
enum class WhoMay { all, admins };

struct Chat {
  ChatId id;
  WorkspaceId workspace_id;
  std::string name;
  ChatType type = ChatType::group;
  std::string description;
  UserId created_by;
  std::optional<UserId> owner_id;
  std::int64_t member_count = 0;
  std::vector<UserId> members;  // the first 200 by id
  std::int64_t last_seq = 0;
  Timestamp created_at;
  Timestamp updated_at;
  std::string topic;
  std::optional<Timestamp> archived_at;
  WhoMay who_may_write = WhoMay::all;
  WhoMay who_may_pin = WhoMay::all;
  bool everyone_mentions = true;  // whether @all and @here are mentions
  std::int64_t version = 0;       // the id of the newest event that changed it
};

// An entry of a member's list of chats.
struct ChatSummary {
  Chat chat;
  std::int64_t unread_count = 0;
  std::int64_t mention_count = 0;  // unread messages that mention the member
  std::int64_t last_read_seq = 0;
  std::int64_t read_version = 0;         // the id of the newest event that moved it
  std::optional<Timestamp> muted_until;  // nullopt: not muted
  std::optional<MessagePreview> last_message;
  std::optional<User> counterpart;  // of a Single: the other member
  Timestamp active_at;              // what the list is sorted by
};

// The end of a page of that list. A chat that becomes active moves to the front of the list.
struct ChatCursor {
  Timestamp active_at;
  ChatId chat;
};

struct ChatPage {
  std::optional<ChatCursor> after;  // nullopt: the first page
  std::size_t limit = 500;          // 500 at most
};

struct ChatList {
  std::vector<ChatSummary> summaries;
  std::optional<ChatCursor> next;  // nullopt: this is the last page
  std::size_t bytes = 0;           // of the summaries as JSON, at most
  std::string position;            // as a cursor of the stream: everything up to it is shown
};

struct ChatMember {
  ChatId chat_id;
  UserId user_id;
  std::string fullname;
  std::string email;
  UserStatus status = UserStatus::active;
  ChatRole role = ChatRole::member;
  Timestamp joined_at;
};

// A chat to create. `members` includes the creator and has no duplicates.
struct ChatDraft {
  ChatType type = ChatType::group;
  Name name;
  std::string description;
  std::vector<UserId> members;
};

// A change of a chat; an absent field stays as it is.
struct ChatPatch {
  std::optional<Name> name;
  std::optional<std::string> description;
};

// A change of what a chat is set to; an absent field stays as it is.
struct ChatSettings {
  std::optional<WhoMay> who_may_write;
  std::optional<WhoMay> who_may_pin;
  std::optional<bool> everyone_mentions;
  std::optional<std::string> topic;
};

// A public channel as every member of its workspace sees it.
struct PublicChannel {
  Chat chat;
  bool is_member = false;  // the caller
};

}  // namespace fechatter
