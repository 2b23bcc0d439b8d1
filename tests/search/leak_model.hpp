#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/search/searching.hpp"

// Workspaces with random membership changes, and the messages that each user may find at each
// moment.
namespace fechatter::test {

struct LeakPerson {
  std::string name;
  std::size_t workspace;
  Person person;
};

struct LeakChat {
  std::int64_t id;
  std::string name;
  std::string type;
  std::size_t workspace;
  std::size_t owner;                             // of `people`
  std::set<std::size_t> members;                 // with the owner, who never leaves
  std::string canary;                            // in each of its messages, and in no other chat's
  std::map<std::int64_t, std::size_t> messages;  // the undeleted ones with their senders
  std::map<std::int64_t, std::size_t> ever;      // the deleted ones too
};

// Drives the server; the model changes when the server has answered. One thread.
class LeakModel {
 public:
  static constexpr const char* common_word = "commonplace";  // in every message

  explicit LeakModel(std::uint64_t seed);

  // Makes one random change; its name, or nothing when it was not possible.
  std::string step();

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(dice_() % bound); }
  const std::vector<LeakPerson>& people() const { return people_; }
  const std::vector<LeakChat>& chats() const { return chats_; }
  bool is_member(std::size_t person, const LeakChat& chat) const {
    return chat.members.contains(person);
  }
  // The messages that a user may find now in a chat, and in all chats.
  Ids visible(std::size_t person, const LeakChat& chat) const;
  Ids visible(std::size_t person) const;

 private:
  void add_workspace(std::size_t workspace);
  void add_chat(const std::string& type, std::size_t owner, const std::vector<std::size_t>& others);
  std::string new_canary();
  bool post(LeakChat& chat);
  bool delete_message(LeakChat& chat);
  bool join(LeakChat& chat);
  bool add(LeakChat& chat);
  bool leave(LeakChat& chat);
  bool remove(LeakChat& chat);
  // The members without the owner, and the non-members of the chat's workspace.
  std::vector<std::size_t> plain_members(const LeakChat& chat) const;
  std::vector<std::size_t> outsiders(const LeakChat& chat) const;
  std::size_t message_count() const;

  std::mt19937_64 dice_;
  std::vector<LeakPerson> people_;
  std::vector<LeakChat> chats_;
};

}  // namespace fechatter::test
