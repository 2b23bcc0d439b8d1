#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "fechatter_core/clock.hpp"
#include "tests/isolation/matrix.hpp"
#include "tests/support/multipart.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

bool is_of_notify(const MatrixLine& line) {
  const auto routes = all_routes();
  const auto count = [&](bool of_notify) {
    return std::count_if(routes.begin(), routes.end(), [&](const MatrixRoute& route) {
      return route.text() == line.route() && route.of_notify == of_notify;
    });
  };
  return count(true) > 0 && count(false) == 0;
}

// Two workspaces. Each name and text contains a canary that states its permitted readers:
// `canary-secret` the members of the chat, `canary-unseen` gina alone, `canary-ours` the workspace,
// `canary-theirs` the other workspace, `canary-own` the owner alone.
class Isolation : public testing::TestWithParam<std::size_t> {
 protected:
  Isolation() {
    for (const auto* name :
         {"owner", "admin", "member", "former", "colleague", "suspended", "gina", "hank"}) {
      add_person(name, "canary-ours");
    }
    add_person("stranger", "canary-theirs");
    add_person("their_colleague", "canary-theirs");
    names["their_user"] = names["stranger"];
    names["file"] = "page.js";
    names["emoji"] = "%F0%9F%91%8D";
    names["tomorrow"] = to_rfc3339(now() + std::chrono::hours{24});
    names["their_workspace"] =
        std::to_string(database.number("SELECT id FROM workspaces WHERE name = 'canary-theirs'"));
    database.query("UPDATE users SET role = 'admin' WHERE fullname = 'admin of canary-ours'");
    names["their_invitation_token"] =
        tokens.at("stranger").post("/api/workspace/invitations", json::object()).json().at("token");
    names["their_invitation"] = std::to_string(database.number("SELECT max(id) FROM invitations"));
    tokens.at("owner").patch("/api/workspace/members/" + names.at("suspended"),
                             {{"status", "Suspended"}});
    add_file("", "owner", "canary-secret bytes");
    add_file("other_", "gina", "canary-unseen bytes");
    add_file("their_", "stranger", "canary-theirs bytes");
  }

  // An upload, which each of the messages of make_targets carries.
  void add_file(const std::string& prefix, const std::string& uploader,
                const std::string& content) {
    const auto record =
        upload_as(tokens.at(uploader), system, {{"file.txt", content}}, "/api/files/single").json();
    const std::string url = record.at("url");
    names[prefix + "upload"] = record.at("id").dump();
    names[prefix + "file_url"] = url;
    std::istringstream segments{url};
    for (const auto* part : {"", "", "file_workspace", "file_aaa", "file_bbb", "file_name"}) {
      std::getline(segments, names[prefix + part], '/');
    }
    names.erase(prefix);
  }

  void add_person(const std::string& name, const std::string& workspace) {
    const auto reply = system.post("/api/signup", {{"fullname", name + " of " + workspace},
                                                   {"email", name + "@" + workspace + ".example"},
                                                   {"password", password_of(name)},
                                                   {"workspace", workspace}});
    tokens.emplace(name, Person{system, reply.json()});
    names[name] = std::to_string(tokens.at(name).id());
  }

  std::int64_t chat(const std::string& owner, const std::string& type, const std::string& title,
                    const std::vector<std::string>& members) {
    std::string ids = names.at(owner);
    for (const auto& member : members) ids += "," + names.at(member);
    return database.number(fmt::format(
        "SELECT made FROM create_chat((SELECT workspace_id FROM users WHERE id = {0}), {0}, '{1}',"
        " '{2} {3}', '', ARRAY[{4}]::bigint[])",
        names.at(owner), type, title, ++targets_made, ids));
  }
  std::int64_t message(std::int64_t in, const std::string& sender, const std::string& text,
                       const std::string& file) {
    return database.number(fmt::format(
        "SELECT (message).id FROM append_messages(json_build_array(json_build_object('ord', 0,"
        " 'workspace_id', (SELECT workspace_id FROM chats WHERE id = {0}), 'chat_id', {0},"
        " 'sender_id', {1}, 'content', '{2}', 'files', ARRAY['{3}'],"
        " 'mentions', '{{}}'::bigint[])), true)",
        in, names.at(sender), text, names.at(file)));
  }

  std::int64_t scheduled(std::int64_t in, const std::string& sender, const std::string& text) {
    return database.number(fmt::format(
        "SELECT (scheduled).id FROM schedule_message((SELECT workspace_id FROM chats WHERE id = "
        "{0}),"
        " {1}, {0}, json_build_object('content', '{2}', 'files', '{{}}'::text[], 'mentions',"
        " '{{}}'::bigint[])::jsonb, unix_micros(now() + interval '1 day'), 100)",
        in, names.at(sender), text));
  }
  // The id of an upload of five bytes of which none has come.
  std::string resumable(const std::string& uploader) {
    auto id = fmt::format("{:0>32}", ++targets_made);
    database.query(fmt::format(
        "INSERT INTO resumable_uploads (id, workspace_id, user_id, metadata, size, expires_at)"
        " SELECT '{}', u.workspace_id, u.id, '', 5, now() + interval '1 day' FROM users u"
        " WHERE u.id = {}",
        id, names.at(uploader)));
    return id;
  }
  std::int64_t deleted_chat(const std::string& owner, const std::string& title) {
    const auto made = chat(owner, "private_channel", title, {});
    database.query(
        fmt::format("SELECT delete_chat(u.workspace_id, u.id, {}, 30) FROM users u WHERE u.id = {}",
                    made, names.at(owner)));
    return made;
  }

  std::int64_t session_of(const std::string& user) {
    return database.number(
        fmt::format("INSERT INTO sessions (user_id, workspace_id, expires_at) SELECT id,"
                    " workspace_id, now() + interval '1 day' FROM users WHERE id = {} RETURNING id",
                    names.at(user)));
  }

  // Fresh chats, messages, sessions and invitations for one request.
  void make_targets() {
    const auto set = [this](const char* name, std::int64_t id) {
      names[name] = std::to_string(id);
    };
    database.query(
        fmt::format("UPDATE invitations SET revoked_at = NULL WHERE id = {};"
                    "UPDATE users SET status = 'active', role = 'member' WHERE id IN ({}, {});"
                    // One user may have 100 open ones.
                    "DELETE FROM invitations WHERE created_by = {}",
                    names.at("their_invitation"), names.at("gina"), names.at("their_colleague"),
                    names.at("owner")));
    const auto ours =
        chat("owner", "private_channel", "canary-secret", {"admin", "member", "former", "hank"});
    set("chat", ours);
    set("message", message(ours, "owner", "canary-secret text", "file_url"));
    database.query(
        fmt::format("UPDATE chat_members SET role = 'admin' WHERE chat_id = {} AND user_id = {};"
                    "SELECT delete_members({}, ARRAY[{}]::bigint[], 200)",
                    ours, names.at("admin"), ours, names.at("former")));
    database.query(fmt::format(
        "INSERT INTO chat_members (chat_id, user_id, workspace_id) SELECT {}, id, workspace_id"
        " FROM users WHERE id = {}",
        ours, names.at("suspended")));
    const auto other = chat("gina", "private_channel", "canary-unseen", {});
    set("other_chat", other);
    set("other_message", message(other, "gina", "canary-unseen text", "other_file_url"));
    set("lobby", chat("gina", "public_channel", "canary-ours lobby", {}));
    const auto theirs = chat("stranger", "private_channel", "canary-theirs", {});
    set("their_chat", theirs);
    set("their_message", message(theirs, "stranger", "canary-theirs text", "their_file_url"));
    database.query("DELETE FROM scheduled_messages");  // one user may have 100
    set("scheduled", scheduled(ours, "owner", "canary-own text"));
    set("other_scheduled", scheduled(other, "gina", "canary-unseen text"));
    set("their_scheduled", scheduled(theirs, "stranger", "canary-theirs text"));
    database.query("DELETE FROM resumable_uploads");  // one user may have 20
    names["resumable"] = resumable("owner");
    names["their_resumable"] = resumable("stranger");
    set("session", session_of("gina"));
    set("their_session", session_of("their_colleague"));
    set("deleted_chat", deleted_chat("owner", "canary-secret"));
    set("their_deleted_chat", deleted_chat("stranger", "canary-theirs"));
    set("their_lobby", chat("their_colleague", "public_channel", "canary-theirs lobby", {}));
    names["invitation_token"] = fmt::format("{:0>43}", targets_made);
    set("invitation",
        database.number(fmt::format(
            "INSERT INTO invitations (workspace_id, created_by, token_hash, expires_at) SELECT"
            " workspace_id, id, sha256('{}'::bytea), now() + interval '1 day' FROM users"
            " WHERE id = {} RETURNING id",
            names.at("invitation_token"), names.at("owner"))));
    names["fresh"] = fmt::format("fresh{}", targets_made);
  }

  Reply request_of(const MatrixLine& line, const std::string& caller) {
    auto target = line.path;
    for (const auto& [id, thing] : line.path_ids) {
      const auto hole = "{" + id + "}";
      target.replace(target.find(hole), hole.size(), names.at(thing));
    }
    std::optional<json> body;
    if (!line.body.empty()) body = json::parse(filled_in(line.body, names));
    Headers headers;
    if (caller != "anonymous") headers["Authorization"] = "Bearer " + token_of(caller);
    target += filled_in(line.query, names);
    if (line.path == "/api/upload" || line.path == "/api/files/single") {
      return post_form(system, target, form_body({{"own.txt", "any text"}}), headers);
    }
    if (line.path.starts_with("/api/files/resumable")) {
      headers.merge(Headers{{"Tus-Resumable", "1.0.0"},
                            {"Upload-Length", "5"},
                            {"Upload-Offset", "0"},
                            {"X-HTTP-Method-Override", "PATCH"}});
      if (line.method == "HEAD") return system.send(line.method, target, body, headers);
      const auto* type = "application/offset+octet-stream";
      return system.send_bytes(line.method, target, type, "own", headers);
    }
    if (!is_of_notify(line)) return system.send(line.method, target, body, headers);
    // A stream does not end: where one opens, HEAD shows its status.
    const bool opens = line.path == "/events" && caller != "suspended" && caller != "anonymous";
    const auto method = opens ? "HEAD" : line.method;
    return request(system.notify.port(), method, target, body, headers);
  }

  // A fresh session for each request, since some requests end the caller's sessions.
  std::string token_of(const std::string& caller) {
    if (caller == "suspended") return tokens.at(caller).token();
    return system
        .post("/api/signin",
              {{"email", tokens.at(caller).email()}, {"password", password_of(caller)}})
        .json()
        .at("access_token");
  }

  // What changes with any row that a refused request must leave unchanged: a new version of a row
  // has a newer transaction, and a removed one leaves their number smaller. The contents would take
  // longer to read with each line, since all targets stay.
  std::string state() {
    // Excluded, since background work changes it at any time: deleted chats (cleanup purges them)
    // and the marks of the relay in the outbox.
    const std::vector<std::string> tables{
        "workspaces t",
        "users t",
        "chats t WHERE deleted_at IS NULL",
        "chat_members t",
        "messages t JOIN chats c ON c.id = t.chat_id WHERE c.deleted_at IS NULL",
        "invitations t",
        "blocks t",
        "reactions t",
        "message_annotations t",
        "saved_messages t",
        "user_preferences t",
        "drafts t",
        "scheduled_messages t",
        "uploads t",
        "message_files t",
        "resumable_uploads t"};
    std::string state;
    for (const auto& table : tables) {
      const auto found = database.query(
          "SELECT concat_ws(' ', count(*), max(t.xmin::text::bigint)) FROM " + table);
      state += fmt::format("{}: {}\n", table, found[0][0].c_str());
    }
    const auto events = database.query("SELECT concat_ws(' ', count(*), max(id)) FROM outbox");
    return state + events[0][0].c_str();
  }

  // An invitation is the right to know the workspace that it is for.
  static bool bears(const MatrixLine& line, const std::string& token) {
    const auto in_path = line.path_ids.find("token");
    return (in_path != line.path_ids.end() && in_path->second == token) ||
           line.body.find("${" + token + "}") != std::string::npos;
  }

  void check(const MatrixLine& line, const std::string& caller, int status) {
    make_targets();
    const auto before = status >= 400 ? state() : "";
    const auto reply = request_of(line, caller);
    EXPECT_EQ(reply.status, status) << reply.body;
    if (status >= 400) {
      EXPECT_EQ(state(), before);
    }
    std::set<std::string> unreadable{"canary-unseen"};
    const bool is_member = caller == "owner" || caller == "admin" || caller == "member";
    if (!is_member) unreadable.insert("canary-secret");
    if (caller != "owner") unreadable.insert("canary-own");
    const bool is_stranger = caller == "stranger";
    const auto knows_by = [&](const std::string& token) {
      return status < 400 && bears(line, token);
    };
    if (!is_stranger && !knows_by("their_invitation_token")) unreadable.insert("canary-theirs");
    // A sign-in with another user's password acts as that user.
    if (is_stranger && line.path != "/api/signin" && !knows_by("invitation_token")) {
      unreadable.insert("canary-ours");
    }
    for (const auto& canary : unreadable) {
      EXPECT_EQ(reply.body.find(canary), std::string::npos) << canary << " in " << reply.body;
    }
  }

  System system;
  TestDatabase& database = *system.database;
  std::map<std::string, Person> tokens;
  std::map<std::string, std::string> names;  // ids by the names that matrix.txt uses
  int targets_made = 0;
};

// One system for an eighth of the lines, since all targets stay and make the next ones slower; each
// caller of each line has fresh targets.
constexpr std::size_t parts = 8;

TEST_P(Isolation, EveryCallerOfEveryLineGetsItsStatusAndNoForeignByte) {
  const auto lines = matrix();
  for (std::size_t place = GetParam(); place < lines.size(); place += parts) {
    const auto& line = lines[place];
    for (std::size_t i = 0; i < callers.size(); ++i) {
      SCOPED_TRACE(
          fmt::format("matrix.txt:{}: {} as {}", line.number, line.route(), callers.at(i)));
      check(line, callers.at(i), line.statuses.at(i));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Part, Isolation, testing::Range<std::size_t>(0, parts));

}  // namespace
}  // namespace fechatter::test
