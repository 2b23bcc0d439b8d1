#include <gmock/gmock.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/api_description.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

// The names of events in four places: the sources that emit them, the two lists of the description
// of the API, and docs/events.md.
namespace fechatter::test {
namespace {

using Names = std::set<std::string>;

// Adds what the first group of the pattern matches.
void add_matches(Names& names, const std::string& text, const std::regex& pattern) {
  for (std::sregex_iterator found{text.begin(), text.end(), pattern}, end; found != end; ++found) {
    names.insert((*found)[1]);
  }
}

std::string sources_of(const char* folder, const char* extension) {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{source_path(folder)}) {
    if (entry.path().extension() == extension) text += read_file(entry.path().string());
  }
  return text;
}

// The literals in the statements that insert into the outbox, and the frames of notify_server's own
// events.
Names emitted_events() {
  static const std::regex literal{"'([A-Z][a-z]+[A-Z]?[A-Za-z]*)'"};
  static const std::regex frame{R"re(\{"event", "([A-Za-z]+)"\})re"};
  Names names;
  const auto functions = sources_of("migrations/functions", ".sql");
  const std::string insertion = "INSERT INTO outbox ";
  for (auto at = functions.find(insertion); at != std::string::npos;
       at = functions.find(insertion, at + 1)) {
    add_matches(names, functions.substr(at, functions.find(';', at) - at), literal);
  }
  add_matches(names, sources_of("notify_server/stream", ".cpp"), frame);
  return names;
}

// docs/events.md: the first cells of the tables of "On SSE", and the two ephemeral events by their
// JSON.
Names documented_events() {
  static const std::regex name{"`([A-Z][A-Za-z]+)`"};
  static const std::regex ephemeral{R"re(^`\{"event":"([A-Za-z]+)")re"};
  std::istringstream page{read_file(source_path("docs/events.md"))};
  Names names;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) inside = line.starts_with("## On SSE");
    if (!inside) continue;
    if (line.starts_with("| ")) add_matches(names, line.substr(0, line.find('|', 1)), name);
    add_matches(names, line, ephemeral);
  }
  return names;
}

// The keys of x-events, but for the heartbeat, which has no `event:` line.
Names described_events() {
  const auto* stream =
      ApiDescription::instance().find("notify_server", "GET", "/events")->operation;
  Names names;
  for (const auto& [name, schema] : stream->at("x-events").items()) names.insert(name);
  EXPECT_EQ(names.erase("heartbeat"), 1U);
  return names;
}

// The values of the `event:` line, but for the default one.
Names described_lines() {
  const auto& schemas = ApiDescription::instance().document().at("components").at("schemas");
  const auto& event = schemas.at("ServerSentEvent").at("properties").at("event");
  auto names = event.at("enum").get<Names>();
  EXPECT_EQ(names.erase("message"), 1U);
  return names;
}

TEST(EventNames, OfTheDescriptionAreThoseOfTheSources) {
  EXPECT_GE(emitted_events().size(), 27U);
  EXPECT_EQ(described_events(), emitted_events());
  EXPECT_EQ(described_lines(), emitted_events());
}

TEST(EventNames, OfTheDocumentAreThoseOfTheSources) {
  EXPECT_EQ(documented_events(), emitted_events());
}

// A client is generated from schemas that have names.
TEST(EventNames, OfTheDescriptionLeadToSchemasWithNames) {
  const auto* stream =
      ApiDescription::instance().find("notify_server", "GET", "/events")->operation;
  for (const auto& [name, schema] : stream->at("x-events").items()) {
    ASSERT_TRUE(schema.contains("$ref")) << name;
    EXPECT_EQ(schema.size(), 1U) << name;
    EXPECT_TRUE(ApiDescription::instance().resolved(schema).contains("type") ||
                ApiDescription::instance().resolved(schema).contains("allOf"))
        << name;
  }
}

}  // namespace
}  // namespace fechatter::test
