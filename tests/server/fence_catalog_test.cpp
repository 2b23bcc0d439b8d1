#include <gmock/gmock.h>

#include "tests/support/services.hpp"

// The rules for every table, future ones included: read from the catalog.
namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FenceOfEveryTable : public testing::Test {
 protected:
  std::vector<std::string> list(const std::string& sql) {
    std::vector<std::string> names;
    for (const auto& row : database.query(sql)) names.emplace_back(row[0].c_str());
    return names;
  }
  // Each foreign key: whether the referencing table (`from_scoped`) and the referenced table
  // (`to_scoped`) belong to a workspace, and whether the key carries the workspace. The workspace
  // of a row in `workspaces` is its id.
  static inline const std::string keys = R"(
WITH scoped AS (
  SELECT a.attrelid AS oid, a.attnum FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND a.attname = CASE WHEN c.relname = 'workspaces' THEN 'id' ELSE 'workspace_id' END
), keys AS (
  SELECT k.conrelid::regclass || '.' || k.conname AS name, k.conrelid, k.convalidated,
         f.oid IS NOT NULL AS from_scoped, t.oid IS NOT NULL AS to_scoped,
         EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS p (here, there)
                 WHERE p.here = f.attnum AND p.there = t.attnum) AS carries
  FROM pg_constraint k
  LEFT JOIN scoped f ON f.oid = k.conrelid LEFT JOIN scoped t ON t.oid = k.confrelid
  WHERE k.contype = 'f' AND k.conparentid = 0
) )";

  test::TestDatabase database;
};

TEST_F(FenceOfEveryTable, AForeignKeyBetweenTablesOfAWorkspaceCarriesIt) {
  EXPECT_THAT(list(keys + "SELECT name FROM keys WHERE from_scoped AND to_scoped AND NOT carries"),
              IsEmpty());
  EXPECT_THAT(list(keys + "SELECT name FROM keys WHERE NOT convalidated"), IsEmpty());
  EXPECT_FALSE(list(keys + "SELECT name FROM keys WHERE from_scoped AND to_scoped").empty());
}

TEST_F(FenceOfEveryTable, AKeyThatDoesNotCarryItIsFound) {
  database.query(
      "CREATE TABLE badges (id bigint PRIMARY KEY, workspace_id bigint NOT NULL,"
      " message_id bigint NOT NULL CONSTRAINT bare REFERENCES messages (id))");
  EXPECT_THAT(list(keys + "SELECT name FROM keys WHERE from_scoped AND to_scoped AND NOT carries"),
              ElementsAre("badges.bare"));
}

// Two referenced rows could be of two workspaces.
TEST_F(FenceOfEveryTable, ATableWithoutAWorkspaceRefersToOneThingAtMost) {
  EXPECT_THAT(list(keys + "SELECT conrelid::regclass FROM keys WHERE NOT from_scoped AND to_scoped"
                          " GROUP BY conrelid HAVING count(*) > 1"),
              IsEmpty());
}

// By the columns' names: a new column that refers to a row without a foreign key is found, too.
TEST_F(FenceOfEveryTable, AColumnNamedLikeAReferenceIsAForeignKey) {
  EXPECT_THAT(list("SELECT c.relname || '.' || a.attname FROM pg_attribute a"
                   " JOIN pg_class c ON c.oid = a.attrelid"
                   " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
                   " AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped"
                   " AND a.atttypid = 'bigint'::regtype AND a.attname ~ '_(id|by|to|low|high)$'"
                   " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f'"
                   "                 AND k.conrelid = c.oid AND a.attnum = ANY (k.conkey))"
                   " ORDER BY 1"),
              // Events and the audit log outlive the rows that they describe; the search index may
              // lag, and its hits are checked against the messages; the others are ids of events,
              // and the message from which a build resumes.
              ElementsAre("audit_log.workspace_id", "chat_members.read_event_id", "chats.event_id",
                          "chats.member_event_id", "erasure_requests.chat_id",
                          "message_annotations.event_id", "messages.event_id", "outbox.chat_id",
                          "outbox.workspace_id", "relay_state.last_event_id",
                          "relay_workspaces.workspace_id", "search_documents.chat_id",
                          "search_documents.message_id", "search_documents.sender_id",
                          "search_documents.workspace_id", "search_state.built_up_to",
                          "stream_erasures.event_id", "stream_texts.chat_id",
                          "stream_texts.event_id", "threads.event_id"));
}

TEST_F(FenceOfEveryTable, TheApplicationOwnsNothingAndHasNoPrivilege) {
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_shdepend WHERE deptype = 'o'"
                            " AND refobjid = 'fechatter_app'::regrole"),
            0);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_roles WHERE rolname = 'fechatter_app'"
                            " AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls"
                            " OR rolreplication)"),
            0);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_auth_members"
                            " WHERE member = 'fechatter_app'::regrole"),
            0);
}

TEST_F(FenceOfEveryTable, TheApplicationHasNoRightOfAnOwner) {
  EXPECT_THAT(list("SELECT c.relname FROM pg_class c"
                   " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
                   " AND has_table_privilege('fechatter_app', c.oid, 'TRUNCATE, REFERENCES,"
                   " TRIGGER')"),
              IsEmpty());
}

TEST_F(FenceOfEveryTable, TheApplicationMayReadEveryTableOfTheSchema) {
  EXPECT_THAT(list("SELECT c.relname FROM pg_class c"
                   " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
                   " AND NOT c.relispartition"
                   " AND NOT has_table_privilege('fechatter_app', c.oid, 'SELECT')"),
              IsEmpty());
}

TEST_F(FenceOfEveryTable, FunctionsAreNotPublicAndSecurityDefinersSetTheirSearchPath) {
  EXPECT_THAT(list("SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl,"
                   " acldefault('f', p.proowner))) a"
                   " WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0"
                   // The functions of an extension are exempt.
                   " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid"
                   "                 AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')"),
              IsEmpty());
  EXPECT_THAT(list("SELECT p.proname FROM pg_proc p"
                   " WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
                   " AND NOT coalesce('search_path=public, pg_temp' = ANY (p.proconfig), false)"),
              IsEmpty());
}

}  // namespace
}  // namespace fechatter::server
