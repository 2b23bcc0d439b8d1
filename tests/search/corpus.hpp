#pragma once

#include <string>
#include <vector>

// The messages of the workspace that the conformance tests search.
namespace fechatter::test {

struct CorpusPerson {
  std::string key;
  std::string fullname;
  std::string email;
};

struct CorpusChat {
  std::string key;  // also its name, unless `name` is set; a Single has none
  std::string type;
  std::vector<std::string> members;  // the first one creates it
  std::string name = {};
};

struct CorpusMessage {
  std::string key;
  std::string chat;
  std::string sender;
  std::string content;
  std::string sent = {};                // RFC 3339, or "yesterday"; empty: now
  std::vector<std::string> files = {};  // names of uploads
};

const std::vector<CorpusPerson>& corpus_people();
const std::vector<CorpusChat>& corpus_chats();
// In the order of posting, which is that of their times.
const std::vector<CorpusMessage>& corpus_messages();

// The number of further messages in the chat "logs": log-01, log-02 …
inline constexpr int corpus_log_pages = 25;

}  // namespace fechatter::test
