#include "fechatter_server/search/postgres_index.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "fechatter_core/error.hpp"
#include "fechatter_core/utf8.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/search/misspelling.hpp"
#include "fechatter_server/search/tsquery.hpp"
#include "fechatter_server/search/turn_statements.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

// Typing errors are considered only when there are fewer matches without them.
constexpr std::size_t few = 20;
constexpr std::size_t corrections_max = 20;
constexpr std::size_t corrected_words_max = 8;  // of a query: each costs some milliseconds

const Statement find_statement{"find_search_documents",
                               "SELECT * FROM search_documents_by_time($1, $2, $3::text[], $4, $5, "
                               "$6, $7)"};
const Statement words_statement{"find_search_words",
                                "SELECT search_words_like($1, $2, $3, $4, $5, $6)"};
const Statement index_statement{"index_messages", "SELECT index_messages($1, $2, $3, $4)"};
const Statement check_statement{"check_search", "SELECT serving FROM search_state"};

double score_of(Similarity similarity) {
  if (similarity == Similarity::exact) return 1.0;
  return similarity == Similarity::prefix ? 0.8 : 0.5;
}

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!continues || characters.empty()) characters.emplace_back();
    characters.back() += c;
  }
  return characters;
}

// `token` with up to `times` pairs of neighbours exchanged, from `first` on: too few of their
// trigrams are those of `token`.
void add_exchanges(std::vector<std::string> characters, std::size_t first, std::size_t times,
                   std::vector<std::string>& variants) {
  for (auto i = first; i + 1 < characters.size() && times > 0; ++i) {
    auto exchanged = characters;
    std::swap(exchanged[i], exchanged[i + 1]);
    variants.push_back(fmt::format("{}", fmt::join(exchanged, "")));
    add_exchanges(std::move(exchanged), i + 2, times - 1, variants);
  }
}

std::vector<std::string> corrections_on(Connection& connection, WorkspaceId workspace,
                                        const std::string& token) {
  const auto errors = errors_tolerated(token);
  const auto length = count_characters(token);
  std::vector<std::string> variants;
  add_exchanges(characters_of(token), 0, errors, variants);
  // One error costs a word of five letters at most 6 of its 9 trigrams, two one of nine 14 of 17.
  const double similarity_min = errors == 1 ? 0.3 : 0.17;
  std::vector<std::string> nearest;
  std::vector<std::string> nearer;
  const auto rows = connection.run(words_statement, workspace, token, to_array(variants),
                                   similarity_min, length - errors, length + errors);
  for (const auto& row : rows) {
    std::string word{row[0].c_str()};
    if (word == token || !is_misspelling(token, word, errors)) continue;
    (is_misspelling(token, word, 1) ? nearest : nearer).push_back(std::move(word));
  }
  nearest.insert(nearest.end(), nearer.begin(), nearer.end());
  nearest.resize(std::min(nearest.size(), corrections_max));
  return nearest;
}

std::optional<std::int64_t> micros(const std::optional<Timestamp>& moment) {
  return moment ? std::optional{to_unix_micros(*moment)} : std::nullopt;
}

// The matches of one query, from the most similar to the least.
class IndexSearch {
 public:
  IndexSearch(Connection& connection, const IndexQuery& query)
      : connection_{connection}, query_{query} {}

  std::vector<IndexMatch> run() {
    const bool by_time = query_.sort != SearchSort::relevance;
    if (by_time) {
      add(has_prefix(query_) ? Similarity::prefix : Similarity::exact);
    } else {
      add(Similarity::exact);
      if (has_prefix(query_)) add(Similarity::prefix);
    }
    if (matches_.size() < few && has_tolerant_word(query_)) {
      add(Similarity::misspelt);
      if (by_time) sort_by_time();
    }
    return std::move(matches_);
  }

 private:
  // Adds the documents of that similarity that are no matches yet.
  void add(Similarity similarity) {
    if (matches_.size() >= search_total_max) return;
    const TurnLimit limit{connection_, query_.turn};
    std::size_t corrected = 0;
    const auto conditions = to_tsqueries(query_, similarity, [&](const std::string& token) {
      query_.turn.require();
      const bool more = ++corrected <= corrected_words_max;
      return more ? corrections_on(connection_, query_.workspace_id, token)
                  : std::vector<std::string>{};
    });
    const auto rows = connection_.run(find_statement, query_.workspace_id, query_.chats,
                                      to_array(conditions), micros(query_.from),
                                      micros(query_.until), search_total_max, is_oldest_first());
    for (const auto& row : rows) {
      const auto id = to_id<MessageId>(row[0]);
      if (matches_.size() == search_total_max || !found_.insert(id.value).second) continue;
      matches_.push_back({id, to_id<ChatId>(row[1]), to_id<UserId>(row[2]), to_time(row[3]),
                          to_time(row[4]), score_of(similarity)});
    }
  }

  bool is_oldest_first() const { return query_.sort == SearchSort::oldest; }

  void sort_by_time() {
    std::sort(matches_.begin(), matches_.end(),
              [](const IndexMatch& a, const IndexMatch& b) { return a.id.value > b.id.value; });
    if (is_oldest_first()) std::reverse(matches_.begin(), matches_.end());
  }

  Connection& connection_;
  const IndexQuery& query_;
  std::vector<IndexMatch> matches_;
  std::unordered_set<std::int64_t> found_;
};

}  // namespace

PostgresIndex::PostgresIndex(postgres::Database& database, const std::string& url)
    : database_{database}, writer_{url, "-c synchronous_commit=off -c statement_timeout=30000"} {}

awaitable<std::vector<IndexMatch>> PostgresIndex::find(IndexQuery query) {
  co_return co_await database_.run([&](Connection& connection) {
    try {
      return IndexSearch{connection, query}.run();
    } catch (const pqxx::sql_error& error) {
      if (!postgres::is_statement_timeout(error)) throw;
      throw SearchTurn::too_slow();
    }
  });
}

void PostgresIndex::apply(const std::vector<IndexedMessage>& messages) {
  write_batch(batches_, writer_, index_statement, messages);
}

awaitable<> PostgresIndex::check() {
  const auto job = [](Connection& connection) { return connection.run(check_statement); };
  co_await database_.run(job);
}

}  // namespace fechatter::server
