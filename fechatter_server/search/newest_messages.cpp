#include "fechatter_server/search/newest_messages.hpp"

namespace fechatter::server {

NewestMessages newest_of(const std::vector<IndexedMessage>& messages) {
  NewestMessages newest;
  for (const auto& message : messages) {
    auto*& kept = newest[message.id];
    if (kept == nullptr || kept->version <= message.version) kept = &message;
  }
  return newest;
}

bool has_link(std::string_view content) {
  return content.find("http://") != std::string_view::npos ||
         content.find("https://") != std::string_view::npos;
}

}  // namespace fechatter::server
