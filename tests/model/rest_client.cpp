#include "tests/model/rest_client.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <thread>

#include "tests/support/system.hpp"

namespace fechatter::model {
namespace {

using namespace std::chrono_literals;

constexpr int attempts_max = 200;
constexpr auto pause = 100ms;

bool is_answered(const test::Reply& reply) {
  return reply.status != 0 && reply.status != 429 && reply.status < 500;
}

}  // namespace

test::Reply RestClient::tries(const std::string& method, const std::string& target,
                              const std::optional<json>& body) {
  try {
    return test::request(dice_.of(servers_), method, target, body, bearer_);
  } catch (const std::runtime_error&) {
    return {};
  }
}

test::Reply RestClient::asks(const std::string& method, const std::string& target,
                             const std::optional<json>& body) {
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    auto reply = tries(method, target, body);
    if (is_answered(reply)) return reply;
    std::this_thread::sleep_for(pause);
  }
  throw std::runtime_error{fmt::format("{} {}: no instance answers", method, target)};
}

void RestClient::sign_up(const std::string& name, const std::string& workspace) {
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    // The answer of an earlier attempt may be lost, and its account made.
    const auto email = fmt::format("{}{}@{}.example", name, attempt, workspace);
    const auto reply = tries("POST", "/api/signup",
                             json{{"fullname", name},
                                  {"email", email},
                                  {"password", test::password_of(name)},
                                  {"workspace", workspace}});
    if (reply.status == 201) {
      const auto auth = reply.json();
      user_ = auth.at("user").at("id");
      bearer_ = {{"Authorization", "Bearer " + auth.at("access_token").get<std::string>()}};
      return;
    }
    std::this_thread::sleep_for(pause);
  }
  throw std::runtime_error{"sign-up: no instance answers"};
}

RestState RestClient::read_all() {
  RestState state;
  const auto list = asks("GET", "/api/chat");
  state.position = list.header("x-event-position");
  if (state.position.empty()) throw std::runtime_error{"a list of chats without a position"};
  state.chats = list.json();
  state.users = asks("GET", "/api/users?limit=100").json();
  state.drafts = asks("GET", "/api/drafts").json();
  for (const auto& chat : state.chats) {
    const auto id = chat.at("id").get<std::int64_t>();
    state.messages.emplace(id, read_messages(id));
  }
  return state;
}

bool RestClient::read_chat(std::int64_t chat, ClientModel& into) {
  for (const auto& entry : asks("GET", "/api/chat").json()) {
    if (entry.at("id") != chat) continue;
    into.show_chat(entry);
    for (const auto& user : asks("GET", "/api/users?limit=100").json()) into.show_user(user);
    for (const auto& message : read_messages(chat)) into.show_message(message);
    return true;
  }
  return false;
}

json RestClient::read_messages(std::int64_t chat) {
  auto messages = json::array();
  const auto list = fmt::format("/api/chat/{}/messages", chat);
  add_page(list + "?limit=100", nullptr, messages);
  std::vector<std::int64_t> roots;
  for (const auto& message : messages) {
    if (!message.at("thread").is_null()) roots.push_back(message.at("id"));
  }
  for (const auto root : roots) {
    add_page(fmt::format("{}/{}/thread?limit=100", list, root), "replies", messages);
  }
  return messages;
}

void RestClient::add_page(const std::string& target, const char* member, json& messages) {
  const auto reply = asks("GET", target);
  if (reply.status != 200) return;
  const auto page = member != nullptr ? reply.json().at(member) : reply.json();
  // Replies that are in the chat as well come twice.
  messages.insert(messages.end(), page.begin(), page.end());
}

}  // namespace fechatter::model
