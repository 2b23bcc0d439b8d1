#include "fechatter_server/search/message_traits.hpp"

namespace fechatter::server {

bool has_link(std::string_view content) {
  return content.find("http://") != std::string_view::npos ||
         content.find("https://") != std::string_view::npos;
}

}  // namespace fechatter::server
