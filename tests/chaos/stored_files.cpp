#include "tests/chaos/stored_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

namespace fechatter::chaos {
namespace {

const Chat& chat_of(const Population& population, const StoredMessage& message) {
  const auto& chats = population.chats();
  const auto found = std::find_if(chats.begin(), chats.end(),
                                  [&](const Chat& chat) { return chat.id == message.chat; });
  if (found == chats.end()) throw std::runtime_error{"a message of an unknown chat"};
  return *found;
}

// A server that was killed between two steps of a removal has left it to the others, which wait for
// ten minutes.
void age_removals(postgres::Connection& database) {
  database.run_script(
      "UPDATE files SET removing_since = removing_since - interval '11 minutes'"
      " WHERE removing_since BETWEEN now() - interval '10 minutes' AND now() - interval '5 "
      "seconds'");
}

}  // namespace

void age_unused_files(postgres::Connection& database) {
  database.run_script(
      "UPDATE files SET unused_since = unused_since - interval '2 hours'"
      " WHERE unused_since > now() - interval '1 hour' AND removing_since IS NULL");
}

std::int64_t collect_files(postgres::Connection& database, std::chrono::seconds within) {
  std::int64_t left = 0;
  const auto none_is_left = [&] {
    age_unused_files(database);
    age_removals(database);
    const auto rows =
        database.run_script("SELECT count(*) FROM files f WHERE NOT is_file_used(f, 1)");
    left = rows[0][0].as<std::int64_t>();
    return left == 0;
  };
  test::eventually(none_is_left, within);
  return left;
}

std::vector<StoredFile> download_files(const Population& population, std::uint16_t server_port,
                                       const std::vector<StoredMessage>& messages) {
  std::vector<StoredFile> files;
  std::set<std::string> asked;
  for (const auto& message : messages) {
    for (const auto& url : message.files) {
      if (!asked.insert(url).second) continue;
      const auto& reader = population.person(chat_of(population, message).permanent_members.back());
      const test::Headers bearer{{"Authorization", "Bearer " + reader.token}};
      const auto reply = test::request(server_port, "GET", url, {}, bearer);
      files.push_back({url, reply.status, auth::to_bytea(auth::sha256(reply.body)).substr(2)});
    }
  }
  return files;
}

std::vector<std::string> verify_files(const std::string& database_url, const std::string& folder) {
  const test::ScratchFolder scratch;
  test::Process process{{test::server_program(), "files", "verify"},
                        scratch.path("output"),
                        {{"DATABASE_URL", database_url}, {"FECHATTER_FILES__FOLDER", folder}}};
  const auto code = process.wait(std::chrono::seconds{60});
  std::vector<std::string> differences;
  std::istringstream output{test::read_file(scratch.path("output"))};
  for (std::string line; std::getline(output, line);) {
    if (line.starts_with("missing ") || line.starts_with("extra ")) differences.push_back(line);
  }
  if (code != 0 && differences.empty()) {
    differences.push_back(fmt::format("it ended with {}: {}", code, output.str()));
  }
  return differences;
}

}  // namespace fechatter::chaos
