#include "tests/command/command_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/places.hpp"

namespace fechatter::test {

CommandResult run_command(const std::vector<std::string>& arguments, const Environment& environment,
                          const std::string& typed) {
  const ScratchFolder folder;
  std::ofstream{folder.path("in")} << typed;
  std::vector<std::string> line{
      "sh", "-c", "exec \"$0\" \"$@\" <\"$COMMAND_IN\" 2>\"$COMMAND_ERR\"", server_program()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  auto variables = environment;
  variables["COMMAND_IN"] = folder.path("in");
  variables["COMMAND_ERR"] = folder.path("err");
  Process process{line, folder.path("out"), variables};
  CommandResult result;
  result.code = process.wait(std::chrono::seconds{60});
  result.out = read_file(folder.path("out"));
  result.err = read_file(folder.path("err"));
  return result;
}

SystemOptions CommandTest::without_notify() {
  SystemOptions options;
  options.start_notify = false;
  return options;
}

CommandTest::CommandTest(SystemOptions options)
    : system{std::move(options)},
      environment{
          server_environment({database.url(), system.nats.server_url(), system.folder.path()},
                             {{"FECHATTER_DATABASE__MIGRATION_URL", database.owner_url()}})} {
  database.query("DELETE FROM audit_log");  // of the migrations
}

nlohmann::json CommandTest::object(const std::vector<std::string>& arguments, int code,
                                   const std::string& typed) const {
  auto with_json = arguments;
  with_json.push_back("--json");
  const auto result = run(with_json, typed);
  EXPECT_EQ(result.code, code) << result.all();
  const auto object = nlohmann::json::parse(result.out, nullptr, false);
  if (!object.is_object()) {
    ADD_FAILURE() << "no object: " << result.all();
    return nlohmann::json::object();
  }
  EXPECT_EQ(object.at("command").get<std::string>().rfind(arguments[0], 0), 0U);
  return object;
}

std::vector<std::string> CommandTest::audit_rows() const {
  std::vector<std::string> rows;
  for (const auto& row : database.query("SELECT actor || '|' || action || '|' || target "
                                        "FROM audit_log ORDER BY id")) {
    rows.emplace_back(row[0].c_str());
  }
  return rows;
}

std::int64_t CommandTest::audit_count(const std::string& action) const {
  return database.number(fmt::format("SELECT count(*) FROM audit_log WHERE action = '{}'", action));
}

int CommandTest::sign_in(const std::string& email, const std::string& password) const {
  return system.post("/api/signin", {{"email", email}, {"password", password}}).status;
}

}  // namespace fechatter::test
