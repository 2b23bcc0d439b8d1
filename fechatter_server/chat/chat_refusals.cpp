#include "fechatter_server/chat/chat_refusals.hpp"

#include "fechatter_core/clock.hpp"

namespace fechatter::server {
namespace {

Error refused_members(const char* reason, const std::vector<UserId>& offenders) {
  std::string detail{reason};
  for (std::size_t i = 0; i < offenders.size(); ++i) {
    detail += (i == 0 ? ": " : ", ") + std::to_string(offenders[i].value);
  }
  return invalid_field("members", detail);
}

// The days are those of UTC, as in lock_daily_usage.
Error limit_of_today(const char* detail) {
  const auto moment = now();
  const auto tomorrow = std::chrono::floor<std::chrono::days>(moment) + std::chrono::days{1};
  Error error{ErrorCode::daily_limit, detail};
  error.come_again_after(std::chrono::ceil<std::chrono::seconds>(tomorrow - moment));
  return error;
}

}  // namespace

Error no_such_chat() {
  return Error{ErrorCode::chat_not_found, "There is no such chat."};
}

Error chat_busy() {
  return Error{ErrorCode::chat_busy, "This chat is busy; try again shortly."};
}

Error chat_archived() {
  return Error{ErrorCode::chat_archived, "This chat is archived: restore it to write in it."};
}

Error chat_read_only() {
  return Error{ErrorCode::chat_read_only, "Only the owner and the admins write in this chat."};
}

void require_done(ChatOutcome outcome, const std::vector<UserId>& offenders) {
  switch (outcome) {
    case ChatOutcome::done: return;
    case ChatOutcome::not_found: throw no_such_chat();
    case ChatOutcome::forbidden:
      throw Error{ErrorCode::forbidden, "Your role does not allow this."};
    case ChatOutcome::single:
      throw invalid_field("members", "the two members of a Single never change");
    case ChatOutcome::owner:
      throw Error{ErrorCode::owner_must_hand_over,
                  "The owner of a chat hands it over first, or deletes it."};
    case ChatOutcome::group_minimum:
      throw invalid_field("members", "a Group keeps at least three members");
    case ChatOutcome::full: throw invalid_field("members", "the chat is full");
    case ChatOutcome::not_public:
      throw invalid_field("chat_type", "only a PublicChannel can be joined");
    case ChatOutcome::no_such_member:
      throw Error{ErrorCode::no_such_member, "There is no such member in this chat."};
    case ChatOutcome::suspended:
      throw invalid_field("member_id", "a suspended user cannot own a chat");
    case ChatOutcome::unknown_members:
      throw refused_members("no active users of this workspace", offenders);
    case ChatOutcome::blocked: throw refused_members("cannot be added by you", offenders);
    case ChatOutcome::name_taken:
      throw Error{ErrorCode::chat_name_taken,
                  "name: a public channel of this name exists already in the workspace."};
    case ChatOutcome::chats_of_today:
      throw limit_of_today("You have made as many chats today as one person may.");
    case ChatOutcome::people_of_today:
      throw limit_of_today("You have added as many people today as one person may.");
    case ChatOutcome::active:
      throw invalid_field("id", "is an active user, who can hand the chats over");
  }
}

}  // namespace fechatter::server
