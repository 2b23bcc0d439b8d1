#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter {

struct MessageSender {
  UserId id;
  std::string fullname;
  std::optional<std::string> avatar_url;
};

// The reactions to a message with one emoji.
struct Reaction {
  std::string emoji;
  std::int64_t count = 0;
  std::vector<UserId> user_ids;  // the first 50, in the order of reacting
  bool mine = false;             // the viewer's is among all of them
};

// A place of a text that names a member, or all members.
struct MentionRange {
  UserId user;              // 0: all members
  std::string everyone;     // "all" or "here"
  std::int64_t offset = 0;  // code points, of the "@"
  std::int64_t length = 0;  // likewise, with the "@"

  friend bool operator==(const MentionRange&, const MentionRange&) = default;
};

// A file that a message carries, as its sender has named it.
struct Attachment {
  std::string url;
  std::string name;
  std::string media_type;
  std::int64_t size = 0;               // bytes
  std::optional<std::int64_t> width;   // of a picture, in pixels
  std::optional<std::int64_t> height;  // likewise
  std::optional<std::string> thumbnail_url = {};
  std::optional<std::string> blurhash = {};
  std::string status = "ready";  // of the thumbnails: ready, also without any; pending, failed

  friend bool operator==(const Attachment&, const Attachment&) = default;
};

// The replies of a message that has had some; deleted ones do not count.
struct ThreadSummary {
  std::int64_t reply_count = 0;
  std::optional<Timestamp> last_reply_at;
  std::vector<UserId> repliers;  // ten at most, the latest first
};

struct Message {
  MessageId id;
  ChatId chat_id;
  MessageSender sender;
  std::int64_t seq = 0;  // 1, 2, 3 … within the chat: the order of its messages
  std::string content;
  std::vector<std::string> files;
  std::vector<UserId> mentions;
  std::optional<MessageId> reply_to;
  std::optional<std::string> idempotency_key;
  Timestamp created_at;
  std::optional<Timestamp> edited_at;
  std::optional<Timestamp> deleted_at;
  std::vector<Reaction> reactions;  // in the order of each kind's first one
  bool pinned = false;
  std::optional<MessageId> thread_root;  // of a reply: the message that its thread began with
  bool also_to_chat = true;              // false: a reply that is in its thread alone
  std::vector<MentionRange> mention_ranges;
  std::optional<ThreadSummary> thread;  // of a root
  std::int64_t version = 0;             // the id of the newest event that changed what it shows
  // Of `files`; none of a message from before files were uploaded here.
  std::vector<Attachment> attachments;
};

// A text of a message that an edit has replaced.
struct FormerText {
  std::int64_t version = 0;  // of the message when it had this text
  std::string content;
  Timestamp edited_at;  // of that edit
};

// A message as a list of chats shows it: the first characters of its text, and one file.
struct MessagePreview {
  Message message;
  bool truncated = false;  // the message has more text, or more files
};

// A message to send.
struct MessageDraft {
  std::string content;
  std::vector<std::string> files;
  std::vector<UserId> mentions;
  std::optional<MessageId> reply_to;
  std::optional<std::string> idempotency_key;  // a UUID in lower case
  bool also_to_chat = true;
  std::vector<MentionRange> mention_ranges;  // as the sender says
  bool confirm_everyone = false;             // @all and @here are meant
  // Sent by a server at its time: it does not mean that its sender has read the chat. Not a part of
  // the request.
  bool is_scheduled = false;
};

// An edit of a message.
struct MessageEdit {
  std::string content;
  std::optional<std::vector<UserId>> mentions;  // nullopt: as before
  std::vector<MentionRange> mention_ranges;
  bool confirm_everyone = false;
};

// A part of a chat's messages: the newest, those next to the anchor (without it), or those around
// it (with it in the middle).
struct MessagePage {
  enum class Range { newest, before, after, around, around_seq };
  Range range = Range::newest;
  MessageId anchor;             // of before, after, around
  std::int64_t anchor_seq = 0;  // of around_seq; the chat need not show a message of that number
  std::int64_t limit = 50;
};

// The messages of a page, newest first.
struct MessageList {
  std::vector<Message> messages;
  // Set when the bytes of the page ended it before its limit: the message from which the next page
  // goes on, in the same direction (older ones for a page around an anchor).
  std::optional<MessageId> next;
  std::size_t bytes = 0;  // of the messages as JSON, at most
  std::string position;   // as a cursor of the stream: everything up to it is in the messages
};

}  // namespace fechatter
