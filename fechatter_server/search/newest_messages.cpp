#include "fechatter_server/search/newest_messages.hpp"

namespace fechatter::server {

NewestMessages newest_of(const std::vector<IndexedMessage>& messages) {
  NewestMessages newest;
  for (const auto& message : messages) {
    auto*& known = newest[message.id];
    if (known == nullptr || known->version <= message.version) known = &message;
  }
  return newest;
}

}  // namespace fechatter::server
