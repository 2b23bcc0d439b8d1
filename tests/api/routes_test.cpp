#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "fechatter_core/error.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/docs/documents.hpp"
#include "notify_server/notify_routes.hpp"
#include "tests/support/api_description.hpp"
#include "tests/support/json_schema.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::IsEmpty;

const ApiDescription& description() {
  return ApiDescription::instance();
}

// A row of the route table of a server.
struct ServedRoute {
  std::string server;
  std::string method;
  std::string path;
  http::Access access;
  bool alias;
  bool limited;  // takes from a bucket of its address, account or user

  std::string name() const { return fmt::format("{} {} of {}", method, path, server); }
  const DescribedOperation* described() const {
    const auto& operations = description().operations();
    const auto found = std::find_if(operations.begin(), operations.end(), [this](const auto& one) {
      return one.method == method && one.path == path &&
             std::find(one.servers.begin(), one.servers.end(), server) != one.servers.end();
    });
    return found == operations.end() ? nullptr : &*found;
  }
};

std::vector<ServedRoute> all_routes() {
  std::vector<ServedRoute> routes;
  const auto add = [&routes](const char* server, const auto& rows, bool alias) {
    for (const auto& row : rows) {
      const bool limited = row.rate != http::Rate::never;
      const std::string method{http::to_string(row.method)};
      routes.push_back({server, method, row.path, row.access, alias, limited});
    }
  };
  add("fechatter_server", server::route_table(), false);
  add("fechatter_server", server::alias_table(), true);
  add("notify_server", notify::route_table(), false);
  return routes;
}

// Visits every object and array of the description except examples, with its JSON pointer.
void collect(const json& node, const std::string& path,
             const std::function<void(const json&, const std::string&)>& visit) {
  if (!node.is_structured()) return;
  visit(node, path);
  for (const auto& [name, child] : node.items()) {
    if (name == "example" || name == "examples") continue;
    collect(child, path + "/" + name, visit);
  }
}

std::set<std::string> parameters_in_path(const std::string& path) {
  std::set<std::string> names;
  for (auto begin = path.find('{'); begin != std::string::npos; begin = path.find('{', begin)) {
    const auto end = path.find('}', begin);
    names.insert(path.substr(begin + 1, end - begin - 1));
    begin = end;
  }
  return names;
}

// All parameters of an operation, including those of its path item.
std::vector<json> parameters_of(const DescribedOperation& operation) {
  std::vector<json> found;
  for (const auto* owner : {operation.path_item, operation.operation}) {
    if (!owner->contains("parameters")) continue;
    for (const auto& parameter : owner->at("parameters")) {
      found.push_back(description().resolved(parameter));
    }
  }
  return found;
}

std::string name_of(const DescribedOperation& operation) {
  return operation.method + " " + operation.path;
}

TEST(ApiDescription, EveryRouteIsDescribed) {
  for (const auto& route : all_routes()) {
    EXPECT_TRUE(route.described()) << route.name() << " is not in docs/openapi";
  }
}

TEST(ApiDescription, EveryDescribedOperationHasARoute) {
  std::set<std::string> routes;
  for (const auto& route : all_routes()) routes.insert(route.name());
  for (const auto& operation : description().operations()) {
    for (const auto& server : operation.servers) {
      const auto name = name_of(operation) + " of " + server;
      EXPECT_TRUE(routes.contains(name)) << name << " is described, but there is no such route";
    }
  }
}

TEST(ApiDescription, OnlyAliasesAreDeprecated) {
  for (const auto& route : all_routes()) {
    const auto* operation = route.described();
    if (!operation) continue;  // EveryRouteIsDescribed reports it
    EXPECT_EQ(operation->operation->value("deprecated", false), route.alias) << route.name();
  }
}

TEST(ApiDescription, SecurityAgreesWithTheRouteTable) {
  const json bearer_only = json::parse(R"([{"bearer": []}])");
  for (const auto& route : all_routes()) {
    const auto* operation = route.described();
    if (!operation) continue;
    ASSERT_TRUE(operation->operation->contains("security")) << route.name();
    const auto& security = operation->operation->at("security");
    EXPECT_EQ(security == bearer_only, route.access == http::Access::signed_in) << route.name();
    for (const auto& alternative : security) {
      for (const auto& [scheme, scopes] : alternative.items()) {
        EXPECT_TRUE(description().document()["components"]["securitySchemes"].contains(scheme));
      }
    }
  }
}

TEST(ApiDescription, RateLimitedRoutesDescribe429) {
  for (const auto& route : all_routes()) {
    const auto* operation = route.described();
    if (!operation) continue;
    EXPECT_EQ(operation->operation->at("responses").contains("429"), route.limited) << route.name();
  }
}

TEST(ApiDescription, EveryRouteButTheHealthChecksTakesFromABucket) {
  for (const auto& route : all_routes()) {
    EXPECT_EQ(route.limited, !route.path.starts_with("/health")) << route.name();
  }
}

TEST(ApiDescription, NamedServersAreTheServingOnes) {
  for (const auto& operation : description().operations()) {
    std::vector<std::string> named;
    const auto& described =
        operation.path_item->contains("servers") ? *operation.path_item : description().document();
    for (const auto& server : described.at("servers")) named.push_back(server.at("description"));
    EXPECT_EQ(named, operation.servers) << name_of(operation);
  }
}

TEST(ApiDescription, PathParametersAreThoseOfThePath) {
  for (const auto& operation : description().operations()) {
    std::set<std::string> described;
    for (const auto& parameter : parameters_of(operation)) {
      EXPECT_TRUE(parameter.contains("schema")) << name_of(operation);
      if (parameter.at("in") != "path") continue;
      EXPECT_TRUE(parameter.value("required", false)) << name_of(operation);
      described.insert(parameter.at("name"));
    }
    EXPECT_EQ(described, parameters_in_path(operation.path)) << name_of(operation);
  }
}

TEST(ApiDescription, EveryOperationHasAnIdASummaryATagAndResponses) {
  std::set<std::string> ids;
  for (const auto& one : description().operations()) {
    const auto& operation = *one.operation;
    EXPECT_TRUE(ids.insert(operation.value("operationId", "")).second) << name_of(one);
    EXPECT_NE(operation.value("operationId", ""), "") << name_of(one);
    EXPECT_NE(operation.value("summary", ""), "") << name_of(one);
    EXPECT_EQ(operation.value("tags", json::array()).size(), 1U) << name_of(one);
    for (const auto& [status, reference] : operation.at("responses").items()) {
      const auto& response = description().resolved(reference);
      EXPECT_TRUE(response.contains("description")) << name_of(one);
      EXPECT_EQ(response.contains("content"), status != "204" && status != "304") << name_of(one);
      const auto content = response.value("content", json::object());
      for (const auto& [type, media] : content.items()) {
        EXPECT_TRUE(media.contains("schema")) << name_of(one) << " " << type;
      }
    }
  }
}

TEST(ApiDescription, EveryOperationDescribesItsRefusals) {
  for (const auto& operation : description().operations()) {
    const auto& responses = operation.operation->at("responses");
    std::vector<std::string> needed{"default"};
    if (operation.operation->at("security") == json::parse(R"([{"bearer": []}])")) {
      needed.insert(needed.end(), {"401", "403", "503"});
    }
    if (operation.path.find("id}") != std::string::npos) {
      needed.insert(needed.end(), {"400", "404"});
    }
    if (operation.operation->contains("requestBody")) {
      needed.insert(needed.end(), {"400", "413", "415", "422"});
    }
    for (const auto& status : needed) {
      EXPECT_TRUE(responses.contains(status)) << name_of(operation) << " " << status;
    }
  }
}

TEST(ApiDescription, ErrorCodesAndStatusesAreThoseOfTheErrorTable) {
  std::set<std::string> codes;
  const auto& schema = description().document().at("components").at("schemas").at("ErrorCode");
  const auto table = schema.at("description").get<std::string>();
  for (int i = 0; i < static_cast<int>(ErrorCode::count); ++i) {
    const auto& info = describe(static_cast<ErrorCode>(i));
    codes.emplace(info.code);
    EXPECT_THAT(table, testing::HasSubstr(fmt::format("| `{}` | {} |", info.code, info.status)));
  }
  std::set<std::string> described;
  for (const auto& code : schema.at("enum")) EXPECT_TRUE(described.insert(code).second) << code;
  EXPECT_EQ(described, codes);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), codes.size() + 2);
}

TEST(ApiDescription, EveryReferenceHasATarget) {
  collect(description().document(), "#", [](const json& node, const std::string& path) {
    if (node.is_object() && node.contains("$ref") && node.at("$ref").is_string()) {
      EXPECT_NO_THROW(description().resolved(node)) << path;
    }
  });
}

TEST(ApiDescription, EveryComponentIsReferenced) {
  const auto text = description().document().dump();
  const auto& components = description().document().at("components");
  for (const auto& [kind, members] : components.items()) {
    if (kind == "securitySchemes") continue;
    for (const auto& [name, ignored] : members.items()) {
      EXPECT_NE(text.find(fmt::format("\"#/components/{}/{}\"", kind, name)), std::string::npos)
          << kind << " " << name;
    }
  }
}

// Media types, parameters and headers have a schema beside their examples; a schema contains its
// own.
TEST(ApiDescription, EveryExampleFitsItsSchema) {
  const auto check = [](const json& schema, const json& value, const std::string& path) {
    EXPECT_THAT(schema_defects(description().document(), schema, value, OtherFields::refused),
                IsEmpty())
        << path;
  };
  int count = 0;
  const auto& document = description().document();
  collect(document, "#", [&](const json& node, const std::string& path) {
    if (!node.is_object()) return;
    const auto& schema = node.contains("schema") ? node.at("schema") : node;
    if (node.contains("example")) ++count, check(schema, node.at("example"), path);
    if (!node.contains("examples")) return;
    for (const auto& example : node.at("examples")) {
      const bool named = node.contains("schema");
      ++count, check(schema, named ? example.at("value") : example, path);
    }
  });
  EXPECT_GT(count, 50);
}

TEST(ApiDescription, TheServerServesTheSameDescription) {
  EXPECT_EQ(json::parse(server::api_description().bytes), description().document());
}

}  // namespace
}  // namespace fechatter::test
