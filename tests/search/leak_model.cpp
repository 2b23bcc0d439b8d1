#include "tests/search/leak_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr std::size_t workspaces = 2;
constexpr std::size_t people_of_each = 4;
constexpr std::size_t messages_max = 90;  // all of them fit on a page
constexpr std::size_t canary_syllables = 7;
constexpr std::size_t canary_distance = 6;  // letters: no typing error makes one of another

void require(const Reply& reply, int status) {
  if (reply.status == status) return;
  throw std::runtime_error{fmt::format("{} instead of {}: {}", reply.status, status, reply.body)};
}

std::string chat_path(const LeakChat& chat, const std::string& rest) {
  return fmt::format("/api/chat/{}{}", chat.id, rest);
}

std::size_t different_letters(const std::string& left, const std::string& right) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < left.size(); ++i) count += left[i] != right[i] ? 1 : 0;
  return count;
}

}  // namespace

LeakModel::LeakModel(std::uint64_t seed) : dice_{seed} {
  for (std::size_t workspace = 0; workspace < workspaces; ++workspace) add_workspace(workspace);
  for (auto& chat : chats_) {
    post(chat);
    post(chat);
  }
}

void LeakModel::add_workspace(std::size_t workspace) {
  const auto first = people_.size();
  for (std::size_t i = 0; i < people_of_each; ++i) {
    const auto name = fmt::format("person{}", first + i);
    const auto company = fmt::format("company-{}", workspace);
    people_.push_back({name, workspace, searched_system().signs_up(name, company)});
  }
  add_chat("PublicChannel", first, {});
  add_chat("PublicChannel", first + 1, {});
  add_chat("PrivateChannel", first, {first + 1});
  add_chat("PrivateChannel", first + 2, {});
  add_chat("Group", first + 1, {first + 2, first + 3});
  add_chat("Single", first, {first + 3});
}

void LeakModel::add_chat(const std::string& type, std::size_t owner,
                         const std::vector<std::size_t>& others) {
  std::vector<std::int64_t> ids;
  std::set<std::size_t> members{owner};
  for (const auto other : others) {
    ids.push_back(people_.at(other).person.id());
    members.insert(other);
  }
  const auto name = type == "Single" ? "" : fmt::format("chat{}", chats_.size());
  const auto& maker = people_.at(owner);
  chats_.push_back({maker.person.makes_chat(type, ids, name),
                    name,
                    type,
                    maker.workspace,
                    owner,
                    std::move(members),
                    new_canary(),
                    {},
                    {}});
}

std::string LeakModel::new_canary() {
  const std::string consonants = "bdfgklmnprstvz";
  const std::string vowels = "aeiou";
  while (true) {
    std::string canary;
    for (std::size_t i = 0; i < canary_syllables; ++i) {
      canary += consonants[below(consonants.size())];
      canary += vowels[below(vowels.size())];
    }
    const bool alone = std::all_of(chats_.begin(), chats_.end(), [&](const LeakChat& chat) {
      return different_letters(chat.canary.substr(0, 6), canary.substr(0, 6)) >= 3 &&
             different_letters(chat.canary, canary) >= canary_distance;
    });
    if (alone) return canary;
  }
}

Ids LeakModel::visible(std::size_t person, const LeakChat& chat) const {
  Ids ids;
  if (!is_member(person, chat)) return ids;
  for (const auto& [id, sender] : chat.messages) ids.insert(id);
  return ids;
}

Ids LeakModel::visible(std::size_t person) const {
  Ids ids;
  for (const auto& chat : chats_) ids.merge(visible(person, chat));
  return ids;
}

std::vector<std::size_t> LeakModel::plain_members(const LeakChat& chat) const {
  std::vector<std::size_t> plain;
  std::copy_if(chat.members.begin(), chat.members.end(), std::back_inserter(plain),
               [&](std::size_t person) { return person != chat.owner; });
  return plain;
}

std::vector<std::size_t> LeakModel::outsiders(const LeakChat& chat) const {
  std::vector<std::size_t> others;
  for (std::size_t person = 0; person < people_.size(); ++person) {
    const bool of_its_workspace = people_[person].workspace == chat.workspace;
    if (of_its_workspace && !is_member(person, chat)) others.push_back(person);
  }
  return others;
}

std::size_t LeakModel::message_count() const {
  std::size_t count = 0;
  for (const auto& chat : chats_) count += chat.messages.size();
  return count;
}

bool LeakModel::post(LeakChat& chat) {
  if (message_count() >= messages_max) return false;
  auto sender = chat.members.begin();
  std::advance(sender, static_cast<std::ptrdiff_t>(below(chat.members.size())));
  const auto text = fmt::format("{} {}", common_word, chat.canary);
  const auto message = people_.at(*sender).person.posts(chat.id, text);
  chat.messages[message.at("id")] = *sender;
  chat.ever[message.at("id")] = *sender;
  return true;
}

bool LeakModel::delete_message(LeakChat& chat) {
  if (chat.messages.size() < 2) return false;
  auto message = chat.messages.begin();
  std::advance(message, static_cast<std::ptrdiff_t>(below(chat.messages.size())));
  const auto by = is_member(message->second, chat) ? message->second : chat.owner;
  const auto path = chat_path(chat, fmt::format("/messages/{}", message->first));
  require(people_.at(by).person.remove(path), 204);
  chat.messages.erase(message);
  return true;
}

bool LeakModel::join(LeakChat& chat) {
  const auto others = outsiders(chat);
  if (chat.type != "PublicChannel" || others.empty()) return false;
  const auto person = others[below(others.size())];
  require(people_.at(person).person.post(chat_path(chat, "/join"), json::object()), 200);
  chat.members.insert(person);
  return true;
}

bool LeakModel::add(LeakChat& chat) {
  const auto others = outsiders(chat);
  if (chat.type == "Single" || others.empty()) return false;
  const auto person = others[below(others.size())];
  const json added{people_.at(person).person.id()};
  require(people_.at(chat.owner).person.post(chat_path(chat, "/members"), added), 201);
  chat.members.insert(person);
  return true;
}

bool LeakModel::leave(LeakChat& chat) {
  const auto plain = plain_members(chat);
  if (chat.type == "Single" || plain.empty()) return false;
  const auto person = plain[below(plain.size())];
  require(people_.at(person).person.post(chat_path(chat, "/leave"), json::object()), 204);
  chat.members.erase(person);
  return true;
}

bool LeakModel::remove(LeakChat& chat) {
  const auto plain = plain_members(chat);
  // A group keeps three members at least.
  const bool is_fixed = chat.type == "Single" || (chat.type == "Group" && plain.size() < 3);
  if (is_fixed || plain.empty()) return false;
  const auto person = plain[below(plain.size())];
  const json removed{people_.at(person).person.id()};
  require(people_.at(chat.owner).person.remove(chat_path(chat, "/members"), removed), 204);
  chat.members.erase(person);
  return true;
}

std::string LeakModel::step() {
  struct Action {
    const char* name;
    bool (LeakModel::*act)(LeakChat&);
  };
  static constexpr std::array<Action, 6> actions{{{"post", &LeakModel::post},
                                                  {"delete", &LeakModel::delete_message},
                                                  {"join", &LeakModel::join},
                                                  {"add", &LeakModel::add},
                                                  {"leave", &LeakModel::leave},
                                                  {"remove", &LeakModel::remove}}};
  const auto& action = actions.at(below(actions.size()));
  auto& chat = chats_[below(chats_.size())];
  return (this->*action.act)(chat) ? fmt::format("{} in {}", action.name, chat.id) : "";
}

}  // namespace fechatter::test
