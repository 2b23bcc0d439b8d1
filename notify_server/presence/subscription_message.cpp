#include "notify_server/presence/subscription_message.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fechatter_core/whole_number.hpp"

namespace fechatter::notify {
namespace {

using nlohmann::json;

std::int64_t read_number(const json& value, std::int64_t min) {
  const auto number = find_whole_number(value);
  if (!number || *number < min) throw std::invalid_argument{"number"};
  return *number;
}

PresenceSubject read_subject(const json& fields, bool newer) {
  const auto size = fields.is_array() ? fields.size() : 0;
  if (size != 2 && !(newer && size > 2)) throw std::invalid_argument{"subject"};
  PresenceSubject subject{UserId{read_number(fields[0], 1)}};
  const auto micros = read_number(fields[1], 0);
  if (micros > 0) subject.last_seen = from_unix_micros(micros);
  return subject;
}

}  // namespace

std::string to_text(const SubscriptionMessage& message) {
  auto subjects = json::array();
  for (const auto& subject : message.subjects) {
    const auto micros = subject.last_seen ? to_unix_micros(*subject.last_seen) : 0;
    subjects.push_back(json::array({subject.user_id.value, micros}));
  }
  const json object{{"version", SubscriptionMessage::current_version},
                    {"instance", message.instance},
                    {"user", message.user.user_id.value},
                    {"workspace", message.user.workspace_id.value},
                    {"session", message.session_id.value},
                    {"subjects", std::move(subjects)}};
  return object.dump();
}

std::optional<SubscriptionMessage> parse_subscription(std::string_view text) {
  try {
    const auto object = json::parse(text);
    const bool newer = read_number(object.at("version"), 1) > SubscriptionMessage::current_version;
    SubscriptionMessage message;
    if (!object.at("instance").is_number_unsigned()) return std::nullopt;
    message.instance = object.at("instance").get<std::uint64_t>();
    message.user.user_id = UserId{read_number(object.at("user"), 1)};
    message.user.workspace_id = WorkspaceId{read_number(object.at("workspace"), 1)};
    message.session_id = SessionId{read_number(object.at("session"), 1)};
    const auto& subjects = object.at("subjects");
    if (!subjects.is_array() || subjects.size() > SubscriptionMessage::subjects_max) {
      return std::nullopt;
    }
    for (const auto& fields : subjects) message.subjects.push_back(read_subject(fields, newer));
    return message;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace fechatter::notify
