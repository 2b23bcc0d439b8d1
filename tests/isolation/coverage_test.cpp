#include <gmock/gmock.h>

#include <set>

#include "tests/isolation/matrix.hpp"
#include "tests/support/api_description.hpp"

// That the matrix has a line for each route and each id.
namespace fechatter::test {
namespace {

using nlohmann::json;

// The names of the properties of a request body that are ids or lists of ids.
void collect_ids(const ApiDescription& api, const json& schema, std::set<std::string>& names) {
  const auto is_id = [](const json& node) {
    return node.is_object() && node.contains("$ref") &&
           node.at("$ref").get<std::string>().ends_with("/Id");
  };
  const auto& real = api.resolved(schema);
  if (!real.is_object()) return;
  for (const auto* choice : {"oneOf", "anyOf", "allOf"}) {
    if (!real.contains(choice)) continue;
    for (const auto& option : real.at(choice)) collect_ids(api, option, names);
  }
  if (!real.contains("properties")) return;
  for (const auto& [name, property] : real.at("properties").items()) {
    const auto& of = api.resolved(property);
    const auto holds_ids = of.is_object() && of.contains("items") && is_id(of.at("items"));
    if (is_id(property) || holds_ids) names.insert(name);
    if (property.contains("anyOf") && is_id(property.at("anyOf")[0])) names.insert(name);
    if (property.contains("oneOf") && is_id(property.at("oneOf")[0])) names.insert(name);
  }
}

// Every id that a request may carry in its query and its body.
std::set<std::string> other_ids(const DescribedOperation& described) {
  const auto& api = ApiDescription::instance();
  std::set<std::string> names;
  for (const auto* holder : {described.path_item, described.operation}) {
    if (!holder->contains("parameters")) continue;
    for (const auto& item : holder->at("parameters")) {
      const auto& parameter = api.resolved(item);
      const auto& schema = api.resolved(parameter.at("schema"));
      const auto name = parameter.at("name").get<std::string>();
      const bool is_number = schema.value("type", json{}) == "integer";
      const bool is_count = name == "limit" || name == "offset" || name == "size";
      if (parameter.at("in") == "query" && is_number && !is_count) names.insert(name);
    }
  }
  if (!described.operation->contains("requestBody")) return names;
  const auto& body = api.resolved(described.operation->at("requestBody"));
  if (!body.at("content").contains("application/json")) return names;  // a form of files
  collect_ids(api, body.at("content").at("application/json").at("schema"), names);
  return names;
}

// The {ids} of a path; {file} is not an id.
std::vector<std::string> path_ids(const std::string& path) {
  std::vector<std::string> ids;
  for (auto begin = path.find('{'); begin != std::string::npos; begin = path.find('{', begin + 1)) {
    const auto id = path.substr(begin + 1, path.find('}', begin) - begin - 1);
    if (id.ends_with("id")) ids.push_back(id);
  }
  return ids;
}

TEST(IsolationMatrix, LinesAndRoutesAreTheSame) {
  std::set<std::string> described;
  for (const auto& line : matrix()) described.insert(line.route());
  std::set<std::string> routed;
  for (const auto& row : all_routes()) routed.insert(row.text());
  EXPECT_EQ(described, routed);
}

std::set<std::string> covered_positions() {
  std::set<std::string> names;
  for (const auto& line : matrix()) names.insert(line.route() + " | " + line.position);
  return names;
}

TEST(IsolationMatrix, EveryPathIdIsTriedWithAnotherWorkspace) {
  const auto lines = covered_positions();
  for (const auto& route : all_routes()) {
    EXPECT_TRUE(lines.contains(route.text() + " | own")) << route.text();
    for (const auto& id : path_ids(route.path)) {
      EXPECT_TRUE(lines.contains(route.text() + " | foreign " + id)) << route.text() << " " << id;
    }
  }
}

TEST(IsolationMatrix, EveryQueryAndBodyIdIsTriedWithAnotherWorkspace) {
  const auto lines = covered_positions();
  std::size_t found = 0;
  for (const auto& described : ApiDescription::instance().operations()) {
    const auto route = described.method + " " + described.path;
    for (const auto& id : other_ids(described)) {
      ++found;
      EXPECT_TRUE(lines.contains(route + " | foreign " + id)) << route << " " << id;
    }
  }
  EXPECT_GE(found, 15U);
}

}  // namespace
}  // namespace fechatter::test
