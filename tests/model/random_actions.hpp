#pragma once

#include <string>
#include <vector>

#include "tests/model/rest_client.hpp"

namespace fechatter::model {

// Random actions of the users of one workspace: all that changes what clients see. What an action
// names was there once, so some are refused; that is as good. One thread.
class RandomActions {
 public:
  // `people` outlive it.
  RandomActions(std::vector<RestClient*> people, std::uint64_t seed)
      : people_{std::move(people)}, dice_{seed} {}

  // The chats to begin with: a Single, a group, a private and a public channel.
  void make_first_chats();
  // One action of one user. Returns it as a line for the log.
  std::string act();

 private:
  struct Target {
    std::int64_t chat = 0;
    std::int64_t message = 0;
  };
  using Action = void (RandomActions::*)();

  void make_chat(const std::string& type, const std::vector<std::size_t>& members);
  test::Reply send(const std::string& method, const std::string& target,
                   const std::optional<json>& body = {});
  void send_message(json body);

  void write();
  void mention();
  void reply();
  void edit();
  void remove();
  void react();
  void unreact();
  void pin();
  void unpin();
  void read();
  void mark_unread();
  void schedule();
  void draft();
  void rename();
  void settings();
  void archive();
  void add_member();
  void remove_member();
  void leave();
  void join();
  void mute();
  void change_profile();
  void delete_chat();

  std::string on_message(const char* suffix) const;
  std::string on_chat(const char* suffix) const;

  const std::vector<RestClient*> people_;
  Dice dice_;
  std::vector<std::int64_t> chats_;
  std::vector<Target> messages_;
  RestClient* actor_ = nullptr;
  Target target_;
  std::string log_;
  int number_ = 0;
};

}  // namespace fechatter::model
