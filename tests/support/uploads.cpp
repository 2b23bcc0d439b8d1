#include "tests/support/uploads.hpp"

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::test {
namespace {

const postgres::Statement reserve_for_test{"reserve_for_test", R"(
SELECT u.workspace_id, file_url(u.workspace_id, k.hash, k.extension) AS url, (
  reserve_file(u.workspace_id, u.id, k.hash, k.extension, CASE k.extension
                 WHEN 'png' THEN 'image/png' ELSE 'application/octet-stream' END,
               $3, NULL, NULL)).file_id
FROM users u CROSS JOIN LATERAL (
  SELECT encode(sha256(convert_to(split_part($2, '.', 1), 'UTF8')), 'hex') AS hash,
         reverse(split_part(reverse($2), '.', 1)) AS extension) k
WHERE u.id = $1)"};

const postgres::Statement record_for_test{
    "record_for_test", "SELECT outcome FROM record_upload($1, $2, $3, $4, NULL, NULL, NULL)"};

const postgres::Statement without_thumbnails{
    "without_thumbnails",
    "UPDATE files SET thumbnail_state = 'none', thumbnails_due_at = NULL WHERE id = $1"};

}  // namespace

std::string upload(const std::string& owner_url, std::int64_t user, const std::string& name,
                   std::int64_t size) {
  postgres::Connection owner{owner_url};
  const auto reserved = owner.run(reserve_for_test, user, name, size)[0];
  const auto recorded = owner.run(record_for_test, reserved["workspace_id"].as<std::int64_t>(),
                                  user, reserved["file_id"].as<std::int64_t>(), name);
  if (recorded[0][0].c_str() != std::string_view{"done"}) {
    throw std::runtime_error{"not uploaded: " + name};
  }
  // The store has no bytes of which thumbnails could be made.
  owner.run(without_thumbnails, reserved["file_id"].as<std::int64_t>());
  return reserved["url"].as<std::string>();
}

}  // namespace fechatter::test
