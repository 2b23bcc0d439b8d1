#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {

Error no_such_chat() {
  return Error{ErrorCode::chat_not_found, "There is no such chat."};
}

Error chat_busy() {
  return Error{ErrorCode::chat_busy, "This chat is busy; try again shortly."};
}

Error not_in_workspace(const std::vector<UserId>& offenders) {
  std::string ids;
  for (const auto id : offenders) {
    if (!ids.empty()) ids += ", ";
    ids += std::to_string(id.value);
  }
  return invalid_field("members", "no active users of this workspace: " + ids);
}

void require_done(ChatOutcome outcome) {
  switch (outcome) {
    case ChatOutcome::done: return;
    case ChatOutcome::not_found: throw no_such_chat();
    case ChatOutcome::forbidden:
      throw Error{ErrorCode::forbidden, "Your role in this chat does not allow this."};
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
      throw invalid_field("members", "must be active users of this workspace");
  }
}

}  // namespace fechatter::server
