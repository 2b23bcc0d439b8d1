#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/search/searching.hpp"

namespace fechatter::test {

// The corpus on the system: people, chats and messages by their keys. Created once for all tests,
// which do not change it.
class World {
 public:
  // Creates it, and waits until all of it is searchable. Throws on a failure.
  static const World& instance();

  const Person& person(const std::string& key) const { return people_.at(key); }
  std::int64_t chat(const std::string& key) const { return chats_.at(key); }
  // The answer to its POST.
  const nlohmann::json& message(const std::string& key) const { return messages_.at(key); }
  std::int64_t id(const std::string& key) const { return message(key).at("id"); }
  // The key of a message; "#id" for a copy, which alice, bob and chloe may not see.
  std::string key(std::int64_t message) const;
  // Replaces {user:bob} and {chat:general} by their ids.
  std::string filled(std::string text) const;
  // Whether midnight has passed since the corpus was created: "today" is another day then.
  bool is_of_another_day() const;

 private:
  explicit World(System& system);

  void add_people();
  void add_chats();
  void join(const std::string& chat_key, const std::vector<std::string>& members) const;
  void add_messages();
  void add_copies();
  nlohmann::json post_as_of(const Person& sender, std::int64_t chat, const std::string& content,
                            const std::string& sent);
  void add_message(const std::string& key, nlohmann::json message);
  void await_index() const;
  std::string today() const;

  System& system_;
  std::map<std::string, Person> people_;
  std::map<std::string, std::int64_t> chats_;
  std::map<std::string, nlohmann::json> messages_;
  std::map<std::int64_t, std::string> keys_;
  std::map<std::string, std::int64_t> counts_;  // chat → its messages
  std::string made_on_;
};

}  // namespace fechatter::test
