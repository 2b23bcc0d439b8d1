#pragma once

#include <cstdint>
#include <string>

namespace fechatter::test {

// An upload of the user, as if its bytes had come by HTTP; the store has none. Another name, up to
// its dot, is another content, the same for all users. Returns the URL that a message may name.
// Connects as the owner of the database.
std::string upload(const std::string& owner_url, std::int64_t user,
                   const std::string& name = "picture.png", std::int64_t size = 1000);

}  // namespace fechatter::test
