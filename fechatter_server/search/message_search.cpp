#include "fechatter_server/search/message_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "fechatter_core/error.hpp"
#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/search/highlight.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

using Chats = std::unordered_map<std::int64_t, ChatType>;

template <class IdType>
std::string key(IdType id) {
  return std::to_string(id.value);
}

SearchFacets count(const std::vector<IndexMatch>& matches,
                   const std::vector<SearchableChat>& scope) {
  Chats types;
  for (const auto& chat : scope) types[chat.id.value] = chat.type;
  SearchFacets facets;
  for (const auto& match : matches) {
    ++facets.chat_id[key(match.chat_id)];
    ++facets.sender_id[key(match.sender_id)];
    ++facets.chat_type[api_name(types[match.chat_id.value])];
    ++facets.month[to_rfc3339(match.created_at).substr(0, 7)];
  }
  return facets;
}

// The best, then the newest, then the one of the livelier chat.
void sort_by_relevance(std::vector<IndexMatch>& matches, const std::vector<SearchableChat>& scope) {
  std::unordered_map<std::int64_t, std::size_t> places;
  for (const auto& chat : scope) places.emplace(chat.id.value, places.size());
  std::stable_sort(matches.begin(), matches.end(), [&](const IndexMatch& a, const IndexMatch& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.created_at != b.created_at) return a.created_at > b.created_at;
    return places[a.chat_id.value] < places[b.chat_id.value];
  });
}

std::size_t begin_of(const SearchCursor& start, const std::vector<IndexMatch>& matches) {
  const auto found = std::find_if(matches.begin(), matches.end(),
                                  [&](const IndexMatch& match) { return match.id == start.after; });
  const auto place = found == matches.end() ? start.offset : found - matches.begin() + 1;
  return std::min(static_cast<std::size_t>(place), matches.size());
}

std::string without(const std::string& name, char sign) {
  return name.starts_with(sign) ? name.substr(1) : name;
}

}  // namespace

awaitable<SearchPage> MessageSearch::search(auth::Identity caller, SearchRequest request) {
  const auto begin = Clock::now();
  SearchPage page;
  const auto scope = co_await scope_of(caller, request);
  auto senders = co_await senders_of(caller, request);
  if (!scope.empty() && senders) {
    IndexQuery query{caller.workspace_id, caller.user_id,      {},
                     request.terms,       std::move(*senders), request.from,
                     request.until,       request.has_file,    request.has_link,
                     request.sort};
    for (const auto& chat : scope) query.chats.push_back(chat.id);
    auto matches = co_await find(caller, std::move(query));
    if (request.sort == SearchSort::relevance) sort_by_relevance(matches, scope);
    page.total = static_cast<std::int64_t>(matches.size());
    page.facets = count(matches, scope);
    co_await fill(page, caller, request, matches);
  }
  page.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  co_return page;
}

awaitable<std::vector<SearchableChat>> MessageSearch::scope_of(const auth::Identity& caller,
                                                               const SearchRequest& request) {
  auto scope = co_await repository_.scope_of(caller.workspace_id, caller.user_id);
  if (request.chat) {
    std::erase_if(scope, [&](const SearchableChat& chat) { return chat.id != *request.chat; });
    if (scope.empty()) throw no_such_chat();
  }
  std::vector<ChatId> named;
  for (const auto& name : request.chat_names) {
    auto bare = without(name, '#');
    const auto found =
        co_await repository_.find_chats(caller.workspace_id, caller.user_id, std::move(bare));
    if (found.empty()) {
      throw invalid_field("q", fmt::format("in: you are in no chat called {}", name));
    }
    named.insert(named.end(), found.begin(), found.end());
  }
  std::erase_if(scope, [&](const SearchableChat& chat) {
    const bool other_name = !request.chat_names.empty() &&
                            std::find(named.begin(), named.end(), chat.id) == named.end();
    return other_name || (request.chat_type && chat.type != *request.chat_type);
  });
  co_return scope;
}

awaitable<std::optional<std::vector<UserId>>> MessageSearch::senders_of(
    const auth::Identity& caller, const SearchRequest& request) {
  std::vector<UserId> senders;
  for (const auto& name : request.sender_names) {
    if (name == "me") {
      senders.push_back(caller.user_id);
      continue;
    }
    auto bare = without(name, '@');
    const auto found = co_await repository_.find_senders(caller.workspace_id, std::move(bare));
    if (found.empty()) {
      throw invalid_field("q", fmt::format("from: there is nobody called {}", name));
    }
    senders.insert(senders.end(), found.begin(), found.end());
  }
  if (!request.sender) co_return senders;
  const bool among = std::find(senders.begin(), senders.end(), *request.sender) != senders.end();
  if (!request.sender_names.empty() && !among) co_return std::nullopt;
  co_return std::vector{*request.sender};
}

// An index may be behind: what the caller may not see any more, and what has become another text,
// is neither shown nor counted.
awaitable<std::vector<IndexMatch>> MessageSearch::find(const auth::Identity& caller,
                                                       IndexQuery query) {
  auto matches = co_await index_.find(std::move(query));
  std::vector<MessageId> ids;
  for (const auto& match : matches) ids.push_back(match.id);
  const auto visible = co_await repository_.visible(caller.workspace_id, caller.user_id, ids);
  std::erase_if(matches, [&](const IndexMatch& match) {
    const auto found = visible.find(match.id);
    return found == visible.end() || found->second != match.version;
  });
  co_return matches;
}

awaitable<> MessageSearch::fill(SearchPage& page, const auth::Identity& caller,
                                const SearchRequest& request,
                                const std::vector<IndexMatch>& matches) {
  const auto begin = begin_of(request.start, matches);
  const auto end = std::min(begin + static_cast<std::size_t>(request.limit), matches.size());
  std::vector<MessageId> wanted;
  for (auto i = begin; i < end; ++i) wanted.push_back(matches[i].id);
  auto hits = co_await repository_.read_hits(caller.workspace_id, caller.user_id, wanted);
  for (auto i = begin; i < end; ++i) {
    const auto hit = std::find_if(hits.begin(), hits.end(), [&](const SearchHit& candidate) {
      return candidate.message.id == matches[i].id;
    });
    if (hit == hits.end()) continue;
    hit->score = matches[i].score;
    hit->highlight = highlight(hit->message.content, request.terms);
    page.hits.push_back(std::move(*hit));
  }
  if (end < matches.size()) {
    page.next = SearchCursor{static_cast<std::int64_t>(end), matches[end - 1].id};
  }
}

}  // namespace fechatter::server
