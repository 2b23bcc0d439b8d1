#pragma once

#include <optional>
#include <vector>

#include "fechatter_core/model/message.hpp"

namespace fechatter {

// A part of a thread's replies: the newest, or those next to the anchor, without it.
struct ThreadPage {
  enum class Range { newest, before, after };
  Range range = Range::newest;
  MessageId anchor;  // unless newest
  std::int64_t limit = 50;
};

struct Thread {
  Message root;
  std::vector<Message> replies;  // the newest first
  // Set when the bytes of the page ended it before its limit: the reply from which the next page
  // goes on, in the same direction.
  std::optional<MessageId> next;
  std::size_t bytes = 0;  // of all messages as JSON, at most
};

// How far a user has read a thread.
struct ThreadRead {
  MessageId root;
  std::int64_t last_read_seq = 0;
  std::int64_t unread_count = 0;  // 1,000 at most
};

// What a user wants to have read of a thread.
struct ThreadReadMove {
  std::optional<MessageId> message;      // up to this one
  std::optional<std::int64_t> seq;       // up to this number of the chat; neither: all
  std::optional<MessageId> unread_from;  // back to before this one
};

// A thread that a user follows.
struct FollowedThread {
  Message root;
  ThreadRead read;
  Timestamp last_reply_at;
};

// Of a list of followed threads: the one that ended the page before.
struct ThreadCursor {
  Timestamp last_reply_at;
  MessageId root;
};

struct FollowedThreads {
  std::vector<FollowedThread> threads;  // that with the newest reply first
  std::optional<ThreadCursor> next;
  std::size_t bytes = 0;
};

// A message that mentions a user, by name or with all others.
struct Mention {
  Message message;
  bool read = false;
};

struct MentionPage {
  std::optional<MessageId> before;
  bool unread = false;  // those alone
  std::int64_t limit = 50;
};

struct MentionList {
  std::vector<Mention> mentions;  // the newest first
  std::optional<MessageId> next;
  std::size_t bytes = 0;
};

}  // namespace fechatter
