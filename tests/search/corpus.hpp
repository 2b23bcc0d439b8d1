#pragma once

#include <string>
#include <vector>

// What is said in the workspace whose messages the conformance tests look for.
namespace fechatter::test {

struct CorpusPerson {
  std::string key;
  std::string fullname;
  std::string email;
};

struct CorpusChat {
  std::string key;  // also its name, unless `name` says otherwise; a Single has none
  std::string type;
  std::vector<std::string> members;  // the first one makes it
  std::string name = {};
};

struct CorpusMessage {
  std::string key;
  std::string chat;
  std::string sender;
  std::string content;
  std::string sent = {};  // RFC 3339, or "yesterday"; empty: now
  std::vector<std::string> files = {};
};

const std::vector<CorpusPerson>& corpus_people();
const std::vector<CorpusChat>& corpus_chats();
// In the order in which they are posted, which is that of their times.
const std::vector<CorpusMessage>& corpus_messages();

// How many messages the chat "logs" has beside those above: log-01, log-02 …
inline constexpr int corpus_log_pages = 25;

}  // namespace fechatter::test
