#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter::chaos {

struct Person {
  std::int64_t id = 0;
  std::int64_t workspace = 0;
  std::string token;
};

// A chat. Its permanent members stay for the whole run; temporary ones join and leave.
struct Chat {
  std::int64_t id = 0;
  std::int64_t workspace = 0;
  std::string type;
  std::string canary;  // in its name and in each of its messages, and nowhere else
  std::int64_t owner = 0;
  std::vector<std::int64_t> permanent_members;
  std::vector<std::int64_t> temporary_members;
};

// Of all of them.
inline constexpr const char* population_password = "a long password";

// The people and chats of a run: two workspaces of the same shape.
class Population {
 public:
  // Signs up all people and creates all chats, through a fechatter_server.
  explicit Population(std::uint16_t server_port);

  const std::vector<Person>& people() const { return people_; }
  const std::vector<Chat>& chats() const { return chats_; }
  const Person& person(std::int64_t id) const;
  // The chats of both workspaces that the person is never a member of.
  std::vector<std::int64_t> chats_without(std::int64_t id) const;
  // The chats whose canaries the text contains, each once.
  std::vector<std::int64_t> canaries_in(std::string_view text) const;

 private:
  void create_workspace(std::uint16_t port, const std::string& workspace);
  void create_chat(std::uint16_t port, const std::string& type,
                   const std::vector<std::int64_t>& permanent_members,
                   const std::vector<std::int64_t>& temporary_members);

  std::vector<Person> people_;
  std::vector<Chat> chats_;
};

}  // namespace fechatter::chaos
