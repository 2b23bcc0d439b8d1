#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "bench/search_figures.hpp"
#include "bench/search_queries.hpp"
#include "tests/support/places.hpp"

// Search among a million messages: latency of queries, size of the index, indexing lag, and the
// effect of indexing on sending.
namespace fechatter::bench {
namespace {

using nlohmann::json;

struct Options {
  std::size_t messages = 1'000'000;
  std::size_t queries = 200;
  std::size_t rounds = 3;
  double seconds = 5;  // of a round
  unsigned seed = 1;
  bool lag_only = false;
  bool meilisearch = false;
};

// Messages per second: single messages, an ordinary rate, and load.
constexpr double lag_rates[] = {0.2, 1, 10, 100, 500};

constexpr std::size_t people = 500;
constexpr std::size_t chats = 2'000;
const std::vector<std::size_t> chats_of_readers{5, 50, 500};
constexpr std::chrono::hours indexing_time_max{1};
constexpr std::size_t sending_reader = 1;  // the reader with 50 chats

bool is_letter(char c) {
  return (static_cast<unsigned char>(c) & 0x80U) != 0 || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

bool has_word(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) {
      return true;
    }
  }
  return false;
}

bool shows_word(const json& page, const std::string& word) {
  const auto& hits = page.at("hits");
  return std::any_of(hits.begin(), hits.end(),
                     [&](const json& hit) { return has_word(hit.at("content"), word); });
}

std::string variable(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Settings of fechatter_server. The Meilisearch is named as in the tests of its index.
test::Environment index_settings(const Options& options) {
  if (!options.meilisearch) return {};
  return {{"FECHATTER_SEARCH__PROVIDER", "meilisearch"},
          {"FECHATTER_SEARCH__MEILISEARCH_URL", variable("FECHATTER_TEST_MEILISEARCH_URL")},
          {"FECHATTER_SEARCH__MEILISEARCH_KEY", variable("FECHATTER_TEST_MEILISEARCH_KEY")}};
}

// Progress, since a run takes minutes.
void say(const std::string& what) {
  fmt::print(stderr, "{}\n", what);
}

class Search {
 public:
  explicit Search(const Options& options);

  SearchFigures measure();

 private:
  IndexFigures build_index();
  KindFigures measure_kind(const SearchQueries::Kind& kind);
  QueryFigures ask_all(std::size_t reader, const std::vector<SearchQuestion>& questions);

  const Options options_;
  Stage stage_;
  People people_;
  MessageGenerator generator_;
  History history_;
  postgres::Connection connection_;
  std::size_t refused_ = 0;
};

Search::Search(const Options& options)
    : options_{options},
      stage_{0, {index_settings(options), {}}},
      people_{stage_.owner_url(), stage_.private_key(), people},
      generator_{options.seed},
      history_{{options.messages, chats, chats_of_readers, options.seed},
               stage_.owner_url(),
               people_,
               generator_},
      connection_{stage_.owner_url()} {}

SearchFigures Search::measure() {
  SearchFigures figures;
  figures.messages = options_.messages;
  figures.seed = options_.seed;
  say("indexing");
  figures.index = build_index();
  if (!options_.lag_only) {
    say("asking");
    measure_kind(SearchQueries::kinds().front());  // warm-up: the server connects and plans
    for (const auto& kind : SearchQueries::kinds()) figures.kinds.push_back(measure_kind(kind));
  }
  say("sending");
  MessageSource source{stage_, people_, history_, generator_, sending_reader};
  SearchLag lag{source};
  for (const auto rate : lag_rates) figures.lags.push_back(lag.measure(rate));
  IndexingRounds rounds{stage_, source};
  if (!options_.lag_only) figures.sending = rounds.measure(options_.rounds, options_.seconds);
  figures.refused = refused_ + rounds.refused();
  for (const auto& one : figures.lags) figures.refused += one.refused + one.never_found;
  return figures;
}

IndexFigures Search::build_index() {
  const auto environment = test::server_environment(
      {stage_.database_url(), stage_.system().nats.server_url(), stage_.system().folder.path()},
      index_settings(options_));
  const auto began = Clock::now();
  const auto log = stage_.system().folder.path("reindex.log");
  test::Process indexing{{test::server_program(), "search", "reindex"}, log, environment};
  if (indexing.wait(indexing_time_max) != 0) throw std::runtime_error{test::read_file(log)};
  const std::chrono::duration<double> took = Clock::now() - began;
  connection_.run_script("VACUUM (ANALYZE) search_documents");
  connection_.run_script("VACUUM (ANALYZE) search_words");
  const auto sizes = connection_.run_script(R"(
SELECT (SELECT count(*) FROM search_words), pg_total_relation_size('search_documents'),
       pg_relation_size('idx_search_documents_words'), pg_total_relation_size('search_words'),
       pg_total_relation_size('messages'))");
  const auto mib = [&](int column) { return sizes[0][column].as<double>() / (1 << 20); };
  return {static_cast<double>(options_.messages) / took.count(),
          sizes[0][0].as<std::size_t>(),
          mib(1),
          mib(2),
          mib(3),
          mib(4)};
}

KindFigures Search::measure_kind(const SearchQueries::Kind& kind) {
  KindFigures figures{kind.name, kind.forgiving, {}};
  for (std::size_t reader = 0; reader < chats_of_readers.size(); ++reader) {
    const auto seed = options_.seed + static_cast<unsigned>(reader);
    SearchQueries queries{history_, reader, generator_, seed};
    figures.readers.push_back(ask_all(reader, queries.make(kind, options_.queries)));
  }
  return figures;
}

QueryFigures Search::ask_all(std::size_t reader, const std::vector<SearchQuestion>& questions) {
  EventLoop loop;
  Answer answer;
  HttpConnection connection{loop, stage_.server_port(), people_.token(reader),
                            [&answer](const Answer& came) { answer = came; }};
  QueryFigures figures;
  figures.chats = chats_of_readers[reader];
  std::vector<double> latencies;
  for (const auto& question : questions) {
    connection.send({"POST", "/api/search/messages", question.body.dump()});
    loop.run_until([&] { return !connection.busy(); }, std::chrono::seconds{30});
    latencies.push_back(milliseconds(answer.arrived - answer.began));
    if (answer.status != 200) {
      if (++refused_ == 1) fmt::print(stderr, "refused: {} {}\n", answer.status, answer.body);
      continue;
    }
    const auto page = json::parse(answer.body);
    if (page.at("total") > 0) figures.found_share += 1;
    if (!question.meant.empty() && shows_word(page, question.meant)) figures.meant_share += 1;
  }
  figures.found_share /= static_cast<double>(questions.size());
  figures.meant_share /= static_cast<double>(questions.size());
  figures.latency = spread_of(std::move(latencies));
  return figures;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: search among many messages"};
  arguments.add_option("--messages", options.messages, "messages in 2,000 chats")
      ->check(CLI::Range(10'000, 20'000'000));
  arguments.add_option("--queries", options.queries, "queries of each kind, for each reader")
      ->check(CLI::Range(1, 10'000));
  arguments.add_option("--rounds", options.rounds, "rounds of sending with and without indexing")
      ->check(CLI::Range(1, 20));
  arguments.add_option("--seconds", options.seconds, "seconds of a round")
      ->check(CLI::Range(0.5, 20.0));
  arguments.add_flag("--lag-only", options.lag_only, "measure only the indexing lag");
  arguments.add_flag("--meilisearch", options.meilisearch,
                     "with the empty Meilisearch at FECHATTER_TEST_MEILISEARCH_URL");
  arguments.add_option("--seed", options.seed, "seed for messages and queries");
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  say("writing messages");
  const auto figures = Search{options}.measure();
  report(figures);
  if (figures.refused == 0) return 0;
  fmt::print(stderr, "\n{} requests were refused, or messages never found\n", figures.refused);
  return 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
