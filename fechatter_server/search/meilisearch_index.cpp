#include "fechatter_server/search/meilisearch_index.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_set>

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "fechatter_server/search/meilisearch_maintenance.hpp"
#include "fechatter_server/search/meilisearch_query.hpp"

namespace fechatter::server {
namespace {

[[noreturn]] void fail_as_unavailable(const char* cause) {
  spdlog::warn("meilisearch: {}", cause);
  throw Error{ErrorCode::search_unavailable, "Search is not available at the moment."};
}

// A missing index, or an answer of another form than Meilisearch's, is a passing failure: the index
// is being created, or another program answers at that address.
template <class F>
auto as_unavailable(F work) {
  try {
    return work();
  } catch (const MeilisearchRefusal& refusal) {
    fail_as_unavailable(refusal.what());
  } catch (const nlohmann::json::exception&) {
    fail_as_unavailable("an answer of another form than Meilisearch's");
  }
}

struct Search {
  std::string index;
  std::vector<QueryText> texts;  // a hit matches all of them
  std::string filter;
  SearchSort sort = SearchSort::relevance;
  SearchTurn turn;
};

std::vector<MessageId> matched_ids(const std::vector<IndexMatch>& matches) {
  std::vector<MessageId> ids;
  ids.reserve(matches.size());
  for (const auto& match : matches) ids.push_back(match.id);
  return ids;
}

std::vector<IndexMatch> run(const Search& search, MeilisearchClient& client) {
  const auto search_one = [&](const QueryText& query, const std::string& filter) {
    search.turn.require();
    const auto body = search_body(query.text, filter, search.sort);
    return matches_of(client.search(search.index, body), search.sort, query.errors_max);
  };
  auto matches = search_one(search.texts.front(), search.filter);
  for (std::size_t i = 1; i < search.texts.size() && !matches.empty(); ++i) {
    const auto filter = search.filter + " AND " + ids_filter(matched_ids(matches));
    const auto also = matched_ids(search_one(search.texts[i], filter));
    const std::unordered_set<MessageId> found{also.begin(), also.end()};
    std::erase_if(matches, [&](const IndexMatch& match) { return !found.contains(match.id); });
  }
  return matches;
}

}  // namespace

MeilisearchIndex::MeilisearchIndex(const MeilisearchSettings& settings)
    : settings_{settings},
      writer_{settings},
      pool_{{settings.threads, settings.queue_max, "Too many searches wait."},
            [settings] { return MeilisearchClient{settings}; }} {}

MeilisearchIndex::State MeilisearchIndex::prepare() {
  return as_unavailable([this] {
    const auto version = writer_.built_version(settings_.index);
    if (!version) {
      writer_.make_index(settings_.index);
    } else if (*version == 0 || *version == messages_index_version) {
      writer_.apply_settings(settings_.index);
    }
    prepared_ = true;
    return version.value_or(0) < messages_index_version ? State::unbuilt : State::current;
  });
}

awaitable<std::vector<IndexMatch>> MeilisearchIndex::find(IndexQuery query) {
  if (query.chats.empty()) co_return std::vector<IndexMatch>{};
  const Search search{settings_.index, query_texts(query.terms), filter_text(query), query.sort,
                      query.turn};
  const auto job = [search](MeilisearchClient& client) {
    return as_unavailable([&] { return run(search, client); });
  };
  co_return co_await pool_.run(job);
}

void MeilisearchIndex::apply(const std::vector<IndexedMessage>& messages) {
  if (messages.empty()) return;
  if (!prepared_) prepare();
  as_unavailable([&] {
    prepared_ = false;  // until both writes have succeeded
    apply_to_build(messages);
    writer_.write(settings_.index, messages);
    prepared_ = true;
  });
}

// Before the served index, so that whichever of the two is served after the swap has the messages.
// A refusal means that there is no rebuild: no such index, or one without settings.
void MeilisearchIndex::apply_to_build(const std::vector<IndexedMessage>& messages) {
  try {
    writer_.write(build_index_name(settings_), messages);
  } catch (const MeilisearchRefusal& refusal) {
    const bool no_build = refusal.is_missing_index() || refusal.code() == "invalid_document_filter";
    if (!no_build) throw;
  }
}

awaitable<> MeilisearchIndex::check() {
  const auto job = [index = settings_.index](MeilisearchClient& client) {
    return as_unavailable([&] {
      client.search(index, {{"limit", 0}});
      return true;
    });
  };
  co_await pool_.run(job);
}

}  // namespace fechatter::server
