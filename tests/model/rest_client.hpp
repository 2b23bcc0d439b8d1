#pragma once

#include <map>
#include <vector>

#include "tests/chaos/dice.hpp"
#include "tests/model/client_model.hpp"
#include "tests/model/visible_state.hpp"
#include "tests/support/http_client.hpp"

namespace fechatter::model {

using chaos::Dice;

// The ports of the instances of one kind. Any of them may be down for a while.
using Ports = std::vector<std::uint16_t>;

// What REST has answered to one user, in the order of reading.
struct RestState {
  std::string position;  // X-Event-Position of the list of chats, which was read first
  json chats;
  json users;
  json drafts;
  std::map<std::int64_t, json> messages;  // by chat: those of the list and those of its threads

  json visible() const { return visible_by_rest(chats, messages, drafts); }
};

// One signed-in user of fechatter_server, over whichever instance answers. One thread.
class RestClient {
 public:
  RestClient(Ports servers, std::uint64_t seed) : servers_{std::move(servers)}, dice_{seed} {}

  // Signs up in a workspace, which may be new. Throws std::runtime_error when no instance does it.
  void sign_up(const std::string& name, const std::string& workspace);
  std::int64_t user() const { return user_; }
  const test::Headers& bearer() const { return bearer_; }

  // One attempt at one instance; status 0: there is no answer, and the change may have been made.
  test::Reply tries(const std::string& method, const std::string& target,
                    const std::optional<json>& body = {});
  // Asks until an instance answers. Throws std::runtime_error when none does.
  test::Reply asks(const std::string& method, const std::string& target,
                   const std::optional<json>& body = {});

  RestState read_all();
  // The entry of the list of chats, the messages and the people; false when it is not in the list.
  bool read_chat(std::int64_t chat, ClientModel& into);

 private:
  json read_messages(std::int64_t chat);
  // Nothing of a chat of which the user is no member any more.
  void add_page(const std::string& target, const char* member, json& messages);

  const Ports servers_;
  Dice dice_;
  std::int64_t user_ = 0;
  test::Headers bearer_;
};

}  // namespace fechatter::model
