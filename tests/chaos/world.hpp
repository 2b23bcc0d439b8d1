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

// A chat. Residents are in it from the beginning to the end; guests come and go.
struct Room {
  std::int64_t id = 0;
  std::int64_t workspace = 0;
  std::string type;
  std::string canary;  // in its name and in all that is said there, and nowhere else
  std::int64_t owner = 0;
  std::vector<std::int64_t> residents;
  std::vector<std::int64_t> guests;
};

// Who there is, and where they talk: two workspaces that are alike.
class World {
 public:
  // Signs all of them up, through a fechatter_server.
  explicit World(std::uint16_t server_port);

  const std::vector<Person>& people() const { return people_; }
  const std::vector<Room>& rooms() const { return rooms_; }
  const Person& person(std::int64_t id) const;
  // The chats whose canaries are in the text, each once.
  std::vector<std::int64_t> canaries_in(std::string_view text) const;

 private:
  void settle(std::uint16_t port, const std::string& workspace);
  void open_room(std::uint16_t port, const std::string& type,
                 const std::vector<std::int64_t>& residents,
                 const std::vector<std::int64_t>& guests);

  std::vector<Person> people_;
  std::vector<Room> rooms_;
};

}  // namespace fechatter::chaos
