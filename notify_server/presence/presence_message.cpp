#include "notify_server/presence/presence_message.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace fechatter::notify {
namespace {

using nlohmann::json;
using Kind = PresenceMessage::Kind;

constexpr std::size_t parts_max = 10'000;
constexpr std::uint64_t idle_max = 366 * 24 * 3600;  // seconds
constexpr std::array<std::pair<const char*, Kind>, 4> kinds{{{"digest", Kind::digest},
                                                             {"delta", Kind::delta},
                                                             {"request", Kind::request},
                                                             {"gone", Kind::gone}}};

json users_to_json(const std::vector<PresenceMessage::Entry>& users) {
  auto by_status = json::object();
  for (const auto& entry : users) {
    by_status[std::string{to_text(entry.status)}].push_back(
        json::array({entry.user.user_id.value, entry.user.workspace_id.value, entry.idle.count(),
                     entry.platform, entry.platform_idle.count()}));
  }
  return by_status;
}

std::uint64_t unsigned_of(const json& object, const char* name) {
  const auto& value = object.at(name);
  if (!value.is_number_unsigned()) throw std::invalid_argument{name};
  return value.get<std::uint64_t>();
}

std::int64_t read_id(const json& value) {
  if (!value.is_number_integer()) throw std::invalid_argument{"id"};
  const auto id = value.get<std::int64_t>();
  if (id <= 0) throw std::invalid_argument{"id"};
  return id;
}

std::chrono::seconds read_idle(const json& value) {
  const auto seconds = value.is_number_unsigned() ? value.get<std::uint64_t>() : idle_max + 1;
  if (seconds > idle_max) throw std::invalid_argument{"idle"};
  return std::chrono::seconds{seconds};
}

PresenceMessage::Entry read_user(const json& fields, PresenceStatus status, bool newer) {
  const auto size = fields.is_array() ? fields.size() : 0;
  if (size != 2 && size != 5 && !(newer && size > 5)) throw std::invalid_argument{"user"};
  PresenceMessage::Entry entry;
  entry.user = {UserId{read_id(fields[0])}, WorkspaceId{read_id(fields[1])}};
  entry.status = status;
  if (size == 2) return entry;
  entry.idle = read_idle(fields[2]);
  entry.platform = fields[3].get<std::string>();
  entry.platform_idle = read_idle(fields[4]);
  if (!entry.platform.empty() && !is_platform(entry.platform)) {
    throw std::invalid_argument{"platform"};
  }
  return entry;
}

std::vector<PresenceMessage::Entry> read_users(const json& object, bool newer) {
  std::vector<PresenceMessage::Entry> users;
  const auto by_status = object.find("users");
  if (by_status == object.end()) return users;
  if (!by_status->is_object()) throw std::invalid_argument{"users"};
  for (const auto& [name, list] : by_status->items()) {
    auto status = parse_presence_status(name);
    if (!status && newer) status = PresenceStatus::online;
    if (!status || !list.is_array()) throw std::invalid_argument{"users"};
    if (users.size() + list.size() > PresenceMessage::users_max) {
      throw std::invalid_argument{"users"};
    }
    for (const auto& fields : list) users.push_back(read_user(fields, *status, newer));
  }
  return users;
}

Kind read_kind(const json& object, bool newer) {
  const auto text = object.at("kind").get<std::string>();
  for (const auto& [name, kind] : kinds) {
    if (text == name) return kind;
  }
  if (!newer) throw std::invalid_argument{"kind"};
  return Kind::unknown;
}

}  // namespace

std::string to_text(const PresenceMessage& message) {
  json object{{"version", PresenceMessage::current_version}, {"instance", message.instance}};
  for (const auto& [name, kind] : kinds) {
    if (kind == message.kind) object["kind"] = name;
  }
  if (message.kind == Kind::digest) {
    object["part"] = message.part;
    object["parts"] = message.parts;
  }
  if (!message.users.empty()) object["users"] = users_to_json(message.users);
  return object.dump();
}

std::optional<PresenceMessage> parse_presence(std::string_view text) {
  try {
    const auto object = json::parse(text);
    const auto version = unsigned_of(object, "version");
    if (version == 0) return std::nullopt;
    const bool newer = version > PresenceMessage::current_version;
    PresenceMessage message;
    message.instance = unsigned_of(object, "instance");
    message.kind = read_kind(object, newer);
    if (message.kind == Kind::unknown) return message;
    if (message.kind == Kind::digest) {
      message.part = unsigned_of(object, "part");
      message.parts = unsigned_of(object, "parts");
      if (message.part >= message.parts || message.parts > parts_max) return std::nullopt;
    }
    message.users = read_users(object, newer);
    return message;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace fechatter::notify
