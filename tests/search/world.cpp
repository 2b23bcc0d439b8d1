#include "tests/search/world.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "tests/search/corpus.hpp"
#include "tests/support/uploads.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

// The text of a message until its time is set: no case matches it.
constexpr const char* provisional = "provisional";

// The middle of yesterday, by UTC.
constexpr const char* yesterday =
    "(date_trunc('day', now() AT TIME ZONE 'UTC') - interval '12 hours') AT TIME ZONE 'UTC'";

std::string replaced(std::string text, const std::string& hole, const std::string& with) {
  const auto at = text.find(hole);
  if (at != std::string::npos) text.replace(at, hole.size(), with);
  return text;
}

}  // namespace

const World& World::instance() {
  static std::string failure;
  if (!failure.empty()) throw std::runtime_error{failure};
  try {
    static const World world{searched_system()};
    return world;
  } catch (const std::exception& error) {
    failure = error.what();  // a second attempt would find the data of the first
    throw;
  }
}

World::World(System& system) : system_{system} {
  made_on_ = today();
  add_people();
  add_chats();
  add_messages();
  add_copies();
  await_index();
}

void World::add_people() {
  for (const auto& person : corpus_people()) {
    people_.emplace(person.key, signs_up_as(person.fullname, person.email, "acme"));
  }
  people_.emplace("mallory", signs_up_as("Mallory Grey", "mallory@rivals.example", "rivals"));
}

void World::add_chats() {
  for (const auto& chat : corpus_chats()) {
    const auto& maker = person(chat.members.front());
    const bool is_joined = chat.type == "PublicChannel";
    std::vector<std::int64_t> others;
    for (const auto& member : chat.members) {
      if (member != chat.members.front()) others.push_back(person(member).id());
    }
    const auto& name = chat.name.empty() ? chat.key : chat.name;
    chats_[chat.key] = maker.makes_chat(chat.type, is_joined ? std::vector<std::int64_t>{} : others,
                                        chat.type == "Single" ? "" : name);
    if (is_joined) join(chat.key, chat.members);
  }
  // The name of a channel of acme in another workspace.
  chats_["rivals"] = person("mallory").makes_chat("PublicChannel", {}, "general");
}

void World::join(const std::string& chat_key, const std::vector<std::string>& members) const {
  const auto path = fmt::format("/api/chat/{}/join", chat(chat_key));
  for (const auto& member : members) {
    const auto reply = person(member).post(path, json::object());
    if (reply.status != 200) throw std::runtime_error{"join: " + reply.body};
  }
}

// The edit, after the time is set, brings the message with its time into the index.
json World::post_as_of(const Person& sender, std::int64_t chat, const std::string& content,
                       const std::string& sent) {
  const auto id = sender.posts(chat, provisional).at("id").get<std::int64_t>();
  const auto time = sent == "yesterday" ? yesterday : fmt::format("'{}'::timestamptz", sent);
  system_.database->query(
      fmt::format("UPDATE messages SET created_at = {} WHERE id = {}", time, id));
  const auto reply =
      sender.patch(fmt::format("/api/chat/{}/messages/{}", chat, id), {{"content", content}});
  if (reply.status != 200) throw std::runtime_error{"edit: " + reply.body};
  return reply.json();
}

void World::add_message(const std::string& key, json message) {
  keys_[message.at("id")] = key;
  messages_[key] = std::move(message);
}

void World::add_messages() {
  for (const auto& message : corpus_messages()) {
    const auto& sender = person(message.sender);
    const auto in = chat(message.chat);
    ++counts_[message.chat];
    if (!message.sent.empty()) {
      add_message(message.key, post_as_of(sender, in, message.content, message.sent));
      continue;
    }
    auto files = json::array();
    for (const auto& name : message.files) {
      files.push_back(test::upload(system_.database->owner_url(), sender.id(), name));
    }
    const auto reply = sender.tries_to_post(in, {{"content", message.content}, {"files", files}});
    if (reply.status != 201) throw std::runtime_error{"message: " + reply.body};
    add_message(message.key, reply.json());
  }
  for (int page = 1; page <= corpus_log_pages; ++page) {
    const auto text = fmt::format("Lighthouse log, page {:02}", page);
    add_message(fmt::format("log-{:02}", page), person("bob").posts(chat("logs"), text));
    ++counts_["logs"];
  }
}

// The same texts in chats of which the callers are no members.
void World::add_copies() {
  for (const auto& message : corpus_messages()) {
    if (message.content.empty()) continue;
    person("hanako").posts(chat("boardroom"), message.content);
    person("hanako").posts(chat("lounge"), message.content);
    person("mallory").posts(chat("rivals"), message.content);
  }
}

void World::await_index() const {
  const auto whole = [this](const std::string& key) {
    const auto& asker = people_.at("alice");
    const auto parameters = Parameters{{"chat_id", std::to_string(chat(key))}};
    return found(asker, parameters).at("total") == counts_.at(key) &&
           found(asker, {{"q", provisional}}).at("total") == 0;
  };
  for (const auto& [key, count] : counts_) {
    if (!eventually([&, &of = key] { return whole(of); })) {
      throw std::runtime_error{fmt::format("not all {} messages of {} are found", count, key)};
    }
  }
}

std::string World::key(std::int64_t message) const {
  const auto known = keys_.find(message);
  return known == keys_.end() ? fmt::format("#{}", message) : known->second;
}

std::string World::filled(std::string text) const {
  for (const auto& [key, person] : people_) {
    text = replaced(text, "{user:" + key + "}", std::to_string(person.id()));
  }
  for (const auto& [key, chat] : chats_) {
    text = replaced(text, "{chat:" + key + "}", std::to_string(chat));
  }
  return text;
}

std::string World::today() const {
  return system_.database->query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')")[0][0]
      .c_str();
}

bool World::is_of_another_day() const {
  return today() != made_on_;
}

}  // namespace fechatter::test
