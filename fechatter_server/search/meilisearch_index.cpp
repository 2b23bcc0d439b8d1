#include "fechatter_server/search/meilisearch_index.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_set>

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "fechatter_server/search/meilisearch_upkeep.hpp"

namespace fechatter::server {
namespace {

[[noreturn]] void refuse(const char* cause) {
  spdlog::warn("meilisearch: {}", cause);
  throw Error{ErrorCode::search_unavailable, "Search is not available at the moment."};
}

// What asks for another index than there is, or answers as Meilisearch does not, is trouble that
// passes: the index is being made, or somebody else answers at that address.
template <class F>
auto with_trouble_told(F work) {
  try {
    return work();
  } catch (const MeilisearchRefusal& refusal) {
    refuse(refusal.what());
  } catch (const nlohmann::json::exception&) {
    refuse("an answer of another form than Meilisearch's");
  }
}

struct Search {
  std::string index;
  std::vector<QueryText> texts;  // what all of them find
  std::string filter;
  SearchSort sort = SearchSort::relevance;
};

std::vector<MessageId> ids_of(const std::vector<IndexMatch>& matches) {
  std::vector<MessageId> ids;
  ids.reserve(matches.size());
  for (const auto& match : matches) ids.push_back(match.id);
  return ids;
}

std::vector<IndexMatch> run(const Search& search, MeilisearchClient& client) {
  const auto ask = [&](const QueryText& query, const std::string& filter) {
    const auto body = search_body(query.text, filter, search.sort);
    return matches_of(client.search(search.index, body), search.sort, query.errors_max);
  };
  auto matches = ask(search.texts.front(), search.filter);
  for (std::size_t i = 1; i < search.texts.size() && !matches.empty(); ++i) {
    const auto filter = search.filter + " AND " + ids_filter(ids_of(matches));
    const auto kept = ids_of(ask(search.texts[i], filter));
    const std::unordered_set<MessageId> found{kept.begin(), kept.end()};
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
  return with_trouble_told([this] {
    const auto version = writer_.built_version(settings_.index);
    if (!version) {
      writer_.make_index(settings_.index);
    } else if (*version == 0 || *version == messages_index_version) {
      writer_.mend_settings(settings_.index);
    }
    prepared_ = true;
    return version.value_or(0) < messages_index_version ? State::unbuilt : State::current;
  });
}

awaitable<std::vector<IndexMatch>> MeilisearchIndex::find(IndexQuery query) {
  if (query.chats.empty()) co_return std::vector<IndexMatch>{};
  const Search search{settings_.index, query_texts(query.terms), filter_text(query), query.sort};
  const auto job = [search](MeilisearchClient& client) {
    return with_trouble_told([&] { return run(search, client); });
  };
  co_return co_await pool_.run(job);
}

void MeilisearchIndex::apply(const std::vector<IndexedMessage>& messages) {
  if (messages.empty()) return;
  if (!prepared_) prepare();
  with_trouble_told([&] {
    prepared_ = false;  // until it has gone well
    apply_beside(messages);
    writer_.write(settings_.index, messages);
    prepared_ = true;
  });
}

// Before the live one, so that whichever of the two is live after an exchange has it. A refusal
// means that nothing is being built there: no index, or one that nobody has given settings.
void MeilisearchIndex::apply_beside(const std::vector<IndexedMessage>& messages) {
  try {
    writer_.write(index_beside(settings_), messages);
  } catch (const MeilisearchRefusal& refusal) {
    const bool nothing = refusal.is_missing_index() || refusal.code() == "invalid_document_filter";
    if (!nothing) throw;
  }
}

awaitable<> MeilisearchIndex::check() {
  const auto job = [index = settings_.index](MeilisearchClient& client) {
    return with_trouble_told([&] {
      client.search(index, {{"limit", 0}});
      return true;
    });
  };
  co_await pool_.run(job);
}

}  // namespace fechatter::server
