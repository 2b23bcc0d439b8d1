#include "notify_server/presence/presence_message.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace fechatter::notify {
namespace {

using nlohmann::json;
using Kind = PresenceMessage::Kind;

constexpr std::size_t parts_max = 10'000;
constexpr std::array<std::pair<const char*, Kind>, 4> kinds{
    {{"digest", Kind::digest}, {"delta", Kind::delta}, {"ask", Kind::ask}, {"gone", Kind::gone}}};

json pairs_of(const std::vector<OnlineUser>& users) {
  auto pairs = json::array();
  for (const auto& user : users) {
    pairs.push_back(json::array({user.user_id.value, user.workspace_id.value}));
  }
  return pairs;
}

std::uint64_t number_of(const json& object, const char* name) {
  const auto& value = object.at(name);
  if (!value.is_number_unsigned()) throw std::invalid_argument{name};
  return value.get<std::uint64_t>();
}

std::int64_t id_of(const json& value) {
  if (!value.is_number_integer()) throw std::invalid_argument{"id"};
  const auto id = value.get<std::int64_t>();
  if (id <= 0) throw std::invalid_argument{"id"};
  return id;
}

std::vector<OnlineUser> users_of(const json& object, const char* name) {
  std::vector<OnlineUser> users;
  const auto found = object.find(name);
  if (found == object.end()) return users;
  if (!found->is_array() || found->size() > PresenceMessage::users_max) {
    throw std::invalid_argument{name};
  }
  for (const auto& pair : *found) {
    if (!pair.is_array() || pair.size() != 2) throw std::invalid_argument{name};
    users.push_back({UserId{id_of(pair[0])}, WorkspaceId{id_of(pair[1])}});
  }
  return users;
}

Kind kind_of(const json& object) {
  for (const auto& [name, kind] : kinds) {
    if (object.at("kind") == name) return kind;
  }
  throw std::invalid_argument{"kind"};
}

}  // namespace

std::string to_text(const PresenceMessage& message) {
  json object{{"instance", message.instance}};
  for (const auto& [name, kind] : kinds) {
    if (kind == message.kind) object["kind"] = name;
  }
  if (message.kind == Kind::digest) {
    object["part"] = message.part;
    object["parts"] = message.parts;
  }
  if (!message.online.empty()) object["online"] = pairs_of(message.online);
  if (!message.offline.empty()) object["offline"] = pairs_of(message.offline);
  return object.dump();
}

std::optional<PresenceMessage> parse_presence(std::string_view text) {
  try {
    const auto object = json::parse(text);
    PresenceMessage message;
    message.instance = number_of(object, "instance");
    message.kind = kind_of(object);
    if (message.kind == Kind::digest) {
      message.part = number_of(object, "part");
      message.parts = number_of(object, "parts");
      if (message.part >= message.parts || message.parts > parts_max) return std::nullopt;
    }
    message.online = users_of(object, "online");
    message.offline = users_of(object, "offline");
    return message;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace fechatter::notify
