#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "tests/support/places.hpp"
#include "tests/support/process.hpp"
#include "tests/support/scrape.hpp"

// Rules and dashboards name metrics that exist: those of docs/metrics.md, which an end-to-end test
// compares with the servers (tests/e2e/metrics_test.cpp).
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::IsEmpty;

struct Query {
  std::string place;
  std::string expression;
};

std::vector<YAML::Node> rules() {
  std::vector<YAML::Node> all;
  const auto file = YAML::LoadFile(source_path("deploy/prometheus/rules.yml"));
  for (const auto& group : file["groups"]) {
    for (const auto& rule : group["rules"]) all.push_back(rule);
  }
  return all;
}

std::vector<YAML::Node> alerts() {
  std::vector<YAML::Node> found;
  for (const auto& rule : rules()) {
    if (rule["alert"]) found.push_back(rule);  // an assignment would change what the other shows
  }
  return found;
}

std::vector<Query> queries_of_rules() {
  std::vector<Query> queries;
  for (const auto& rule : rules()) {
    const auto& name = rule["alert"] ? rule["alert"] : rule["record"];
    queries.push_back({name.Scalar(), rule["expr"].Scalar()});
  }
  return queries;
}

std::vector<Query> queries_of_dashboards() {
  std::vector<Query> queries;
  for (const auto& file : std::filesystem::directory_iterator{source_path("deploy/grafana")}) {
    if (file.path().extension() != ".json") continue;
    const auto dashboard = json::parse(read_file(file.path().string()));
    for (const auto& panel : dashboard.at("panels")) {
      const auto targets = panel.value("targets", json::array());
      for (const auto& target : targets) {
        queries.push_back(
            {file.path().filename().string() + ": " + panel.at("title").get<std::string>(),
             target.at("expr").get<std::string>()});
      }
    }
  }
  return queries;
}

// The names of metrics in a query, without those in its labels.
std::set<std::string> names_in(const std::string& expression) {
  static const std::regex labels{R"(\{[^}]*\}|\b(by|without) *\([^)]*\))"};
  static const std::regex name{R"(\b(fechatter_[a-z0-9_]+|process_[a-z_]+|fechatter:[a-z0-9_:]+))"};
  const auto bare = std::regex_replace(expression, labels, " ");
  std::set<std::string> names;
  for (std::sregex_iterator at{bare.begin(), bare.end(), name}, end; at != end; ++at) {
    names.insert((*at)[1]);
  }
  return names;
}

// The names of the series that the metrics have, and of what the rules record.
std::set<std::string> known_names() {
  std::set<std::string> known;
  for (const auto& [name, metric] : described_metrics()) {
    if (metric.type != "histogram") known.insert(name);
    if (metric.type != "histogram") continue;
    for (const auto* part : {"_bucket", "_sum", "_count"}) known.insert(name + part);
  }
  for (const auto& rule : rules()) {
    if (rule["record"]) known.insert(rule["record"].Scalar());
  }
  return known;
}

void expect_known(const std::vector<Query>& queries) {
  const auto known = known_names();
  for (const auto& query : queries) {
    EXPECT_FALSE(query.expression.empty()) << query.place;
    for (const auto& name : names_in(query.expression)) {
      EXPECT_TRUE(known.contains(name)) << query.place << ": there is no series " << name;
    }
  }
}

TEST(MetricNames, RulesQueryMetricsThatExist) {
  const auto queries = queries_of_rules();
  EXPECT_GE(queries.size(), 20U);
  expect_known(queries);
}

TEST(MetricNames, DashboardsQueryMetricsThatExist) {
  const auto queries = queries_of_dashboards();
  EXPECT_GE(queries.size(), 80U);
  expect_known(queries);
}

TEST(MetricNames, EachMetricOfOursIsOnADashboardOrInARule) {
  std::set<std::string> used;
  auto queries = queries_of_dashboards();
  for (const auto& query : queries_of_rules()) queries.push_back(query);
  for (const auto& query : queries) {
    for (const auto& name : names_in(query.expression)) {
      used.insert(std::regex_replace(name, std::regex{"_(bucket|sum|count)$"}, ""));
    }
  }
  std::vector<std::string> unused;
  for (const auto& [name, metric] : described_metrics()) {
    if (name.starts_with("fechatter_") && !used.contains(name)) unused.push_back(name);
  }
  EXPECT_THAT(unused, IsEmpty());
}

TEST(MetricNames, EachDashboardHasAnIdOfItsOwn) {
  std::set<std::string> ids;
  for (const auto& file : std::filesystem::directory_iterator{source_path("deploy/grafana")}) {
    if (file.path().extension() != ".json") continue;
    const auto dashboard = json::parse(read_file(file.path().string()));
    EXPECT_TRUE(ids.insert(dashboard.at("uid")).second) << file.path();
    std::set<int> panels;
    for (const auto& panel : dashboard.at("panels")) {
      EXPECT_TRUE(panels.insert(panel.at("id").get<int>()).second) << file.path();
    }
  }
  EXPECT_EQ(ids.size(), 3U);
}

TEST(Alerts, EachHasASeverityASummaryAndAPageOfWhatToDo) {
  const auto page = read_file(source_path("docs/alerts.md"));
  for (const auto& alert : alerts()) {
    const auto name = alert["alert"].Scalar();
    const auto severity = alert["labels"]["severity"].Scalar();
    EXPECT_TRUE(severity == "page" || severity == "ticket") << name;
    EXPECT_FALSE(alert["annotations"]["summary"].Scalar().empty()) << name;
    auto anchor = name;
    std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(alert["annotations"]["runbook_url"].Scalar(), "docs/alerts.md#" + anchor);
    EXPECT_NE(page.find("\n## " + name + "\n\n*" + severity + ".*"), std::string::npos) << name;
  }
}

TEST(Alerts, EachIsMadeToFireByATest) {
  const auto file = YAML::LoadFile(source_path("deploy/prometheus/rules_test.yml"));
  std::set<std::string> fired;
  for (const auto& test : file["tests"]) {
    for (const auto& check : test["alert_rule_test"]) {
      if (check["exp_alerts"].size() > 0) fired.insert(check["alertname"].Scalar());
    }
  }
  for (const auto& alert : alerts()) {
    EXPECT_TRUE(fired.contains(alert["alert"].Scalar())) << alert["alert"].Scalar();
  }
}

TEST(Alerts, EachPageIsOfAnAlert) {
  const auto page = read_file(source_path("docs/alerts.md"));
  std::set<std::string> names;
  for (const auto& alert : alerts()) names.insert(alert["alert"].Scalar());
  const std::regex heading{"\n## ([A-Za-z]+)"};
  for (std::sregex_iterator at{page.begin(), page.end(), heading}, end; at != end; ++at) {
    EXPECT_TRUE(names.contains((*at)[1])) << (*at)[1];
  }
}

}  // namespace
}  // namespace fechatter::test
