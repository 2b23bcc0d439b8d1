#include "tests/chaos/population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "tests/support/http_client.hpp"

namespace fechatter::chaos {
namespace {

using nlohmann::json;

constexpr std::string_view canary_begin = "canary-";
constexpr int people_of_a_workspace = 8;

json created(const test::Reply& reply, const std::string& what) {
  if (reply.status == 201) return reply.json();
  throw std::runtime_error{fmt::format("{}: {} {}", what, reply.status, reply.body)};
}

std::vector<std::int64_t> slice(const std::vector<std::int64_t>& all, std::size_t from,
                                std::size_t to) {
  return {all.begin() + static_cast<std::ptrdiff_t>(from),
          all.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

Population::Population(std::uint16_t server_port) {
  for (const auto* workspace : {"acme", "globex"}) create_workspace(server_port, workspace);
}

void Population::create_workspace(std::uint16_t port, const std::string& workspace) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < people_of_a_workspace; ++i) {
    const json body{{"fullname", fmt::format("{} {}", workspace, i)},
                    {"email", fmt::format("{}@{}.example", i, workspace)},
                    {"password", population_password},
                    {"workspace", workspace}};
    const auto signed_up = created(test::request(port, "POST", "/api/signup", body), "sign-up");
    const auto& user = signed_up.at("user");
    people_.push_back({user.at("id"), user.at("workspace_id"), signed_up.at("access_token")});
    ids.push_back(people_.back().id);
  }
  create_chat(port, "Single", slice(ids, 0, 2), {});
  create_chat(port, "Group", slice(ids, 0, 8), {});
  create_chat(port, "Group", slice(ids, 2, 6), {});
  create_chat(port, "PrivateChannel", slice(ids, 0, 4), slice(ids, 5, 7));
  create_chat(port, "PublicChannel", slice(ids, 3, 5), slice(ids, 6, 8));
}

void Population::create_chat(std::uint16_t port, const std::string& type,
                             const std::vector<std::int64_t>& permanent_members,
                             const std::vector<std::int64_t>& temporary_members) {
  const auto& owner = person(permanent_members.front());
  const auto canary = fmt::format("{}{}-", canary_begin, chats_.size());
  const auto others = slice(permanent_members, 1, permanent_members.size());
  const test::Headers bearer{{"Authorization", "Bearer " + owner.token}};
  json body{{"name", canary}, {"chat_type", type}};
  if (type != "PublicChannel") body["members"] = others;
  const auto chat = created(test::request(port, "POST", "/api/chat", body, bearer), "chat");
  const std::int64_t id = chat.at("id");
  if (type == "PublicChannel") {
    const auto target = fmt::format("/api/chat/{}/members", id);
    created(test::request(port, "POST", target, json(others), bearer), "members");
  }
  chats_.push_back(
      {id, owner.workspace, type, canary, owner.id, permanent_members, temporary_members});
}

const Person& Population::person(std::int64_t id) const {
  const auto found = std::find_if(people_.begin(), people_.end(),
                                  [id](const Person& person) { return person.id == id; });
  if (found == people_.end()) throw std::runtime_error{"no person has this id"};
  return *found;
}

std::vector<std::int64_t> Population::chats_without(std::int64_t id) const {
  std::vector<std::int64_t> found;
  for (const auto& chat : chats_) {
    const auto has = [id](const auto& ids) {
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    if (!has(chat.permanent_members) && !has(chat.temporary_members)) found.push_back(chat.id);
  }
  return found;
}

std::vector<std::int64_t> Population::canaries_in(std::string_view text) const {
  std::vector<std::int64_t> found;
  for (auto at = text.find(canary_begin); at != std::string_view::npos;
       at = text.find(canary_begin, at)) {
    at += canary_begin.size();
    std::size_t number = chats_.size();
    std::from_chars(text.data() + at, text.data() + text.size(), number);
    const auto chat = number < chats_.size() ? chats_[number].id : 0;
    if (std::find(found.begin(), found.end(), chat) == found.end()) found.push_back(chat);
  }
  return found;
}

}  // namespace fechatter::chaos
