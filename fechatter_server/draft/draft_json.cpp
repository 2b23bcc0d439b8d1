#include "fechatter_server/draft/draft_json.hpp"

#include "fechatter_server/json_values.hpp"
#include "fechatter_server/message/message_json.hpp"

namespace fechatter::server {
namespace {

// Names, punctuation, and numbers and times of the greatest length.
constexpr std::size_t draft_frame_size = 170;
constexpr std::size_t scheduled_frame_size = 410;

nlohmann::json failure_json(const std::optional<SendFailure>& failure) {
  if (!failure) return nullptr;
  return {{"code", failure->code}, {"detail", failure->detail}};
}

}  // namespace

nlohmann::json to_json(const Draft& draft) {
  return {{"chat_id", draft.chat_id.value}, {"content", draft.message.content},
          {"files", draft.message.files},   {"reply_to", or_null(draft.message.reply_to)},
          {"version", draft.version},       {"updated_at", or_null(draft.updated_at)}};
}

nlohmann::json to_json(const ScheduledMessage& scheduled) {
  const auto& message = scheduled.message;
  return {{"id", scheduled.id.value},
          {"chat_id", scheduled.chat_id.value},
          {"content", message.content},
          {"files", message.files},
          {"mentions", to_json(message.mentions)},
          {"reply_to", or_null(message.reply_to)},
          {"also_to_chat", message.also_to_chat},
          {"mention_ranges", json_tree(message.mention_ranges)},
          {"confirm_everyone", message.confirm_everyone},
          {"idempotency_key", or_null(message.idempotency_key)},
          {"send_at", to_rfc3339(scheduled.send_at)},
          {"created_at", to_rfc3339(scheduled.created_at)},
          {"failure", failure_json(scheduled.failure)}};
}

std::size_t json_size(const Draft& draft) {
  return draft_frame_size + size_of(draft.message).total();
}

std::size_t json_size(const ScheduledMessage& scheduled) {
  auto size = scheduled_frame_size + size_of(scheduled.message).total() +
              json_size(scheduled.message.mention_ranges);
  if (scheduled.failure) {
    size += fechatter::json_size(scheduled.failure->code) +
            fechatter::json_size(scheduled.failure->detail);
  }
  return size;
}

}  // namespace fechatter::server
