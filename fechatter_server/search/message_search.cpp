#include "fechatter_server/search/message_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "fechatter_core/error.hpp"
#include "fechatter_core/json_size.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/search/highlight.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

SearchFacets count(const std::vector<IndexMatch>& matches,
                   const std::vector<SearchableChat>& scope) {
  std::unordered_map<ChatId, ChatType> types;
  for (const auto& chat : scope) types[chat.id] = chat.type;
  SearchFacets facets;
  for (const auto& match : matches) {
    ++facets.chat_id[match.chat_id];
    ++facets.sender_id[match.sender_id];
    ++facets.chat_type[types[match.chat_id]];
    ++facets.month[to_rfc3339(match.created_at).substr(0, 7)];
  }
  return facets;
}

// By score, then the newest first, then the more recently active chat first.
void sort_by_relevance(std::vector<IndexMatch>& matches, const std::vector<SearchableChat>& scope) {
  std::unordered_map<ChatId, std::size_t> places;
  for (const auto& chat : scope) places.emplace(chat.id, places.size());
  std::stable_sort(matches.begin(), matches.end(), [&](const IndexMatch& a, const IndexMatch& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.created_at != b.created_at) return a.created_at > b.created_at;
    return places[a.chat_id] < places[b.chat_id];
  });
}

std::size_t begin_of(const SearchCursor& start, const std::vector<IndexMatch>& matches) {
  const auto found = std::find_if(matches.begin(), matches.end(),
                                  [&](const IndexMatch& match) { return match.id == start.after; });
  const auto place = found == matches.end() ? start.offset : found - matches.begin() + 1;
  return std::min(static_cast<std::size_t>(place), matches.size());
}

// As JSON, at most.
std::size_t hit_size(const SearchHit& hit) {
  constexpr std::size_t own_fields = 64;
  return own_fields + json_size(hit.message) + fechatter::json_size(hit.chat_name) +
         fechatter::json_size(hit.highlight);
}

// Of the page that begins at matches[begin] and has no match from `end` on: fills it with `hits`,
// which it empties, as far as its bytes go. Returns the first match that is not in it.
std::size_t add_hits(SearchPage& page, std::vector<SearchHit>& hits,
                     const std::vector<IndexMatch>& matches, std::size_t begin, std::size_t end,
                     const std::vector<SearchTerm>& terms) {
  PageBudget budget{page_bytes_max / 2};  // older clients get a second copy
  auto i = begin;
  for (; i < end; ++i) {
    const auto hit = std::find_if(hits.begin(), hits.end(), [&](const SearchHit& candidate) {
      return candidate.message.id == matches[i].id;
    });
    if (hit == hits.end()) continue;
    hit->score = matches[i].score;
    hit->highlight = highlight(hit->message.content, terms);
    if (!budget.admit(hit_size(*hit))) break;
    page.hits.push_back(std::move(*hit));
  }
  page.bytes = 2 * budget.bytes();
  return i;
}

std::string without(const std::string& name, char sign) {
  return name.starts_with(sign) ? name.substr(1) : name;
}

}  // namespace

awaitable<SearchPage> MessageSearch::search(Caller caller, SearchRequest request) {
  const auto begin = Clock::now();
  SearchPage page;
  const auto scope = co_await scope_of(caller, request);
  auto senders = co_await senders_of(caller, request);
  if (!scope.empty() && senders) {
    IndexQuery query{caller.workspace, caller.user,         {},
                     request.terms,    std::move(*senders), request.from,
                     request.until,    request.has_file,    request.has_link,
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

awaitable<std::vector<SearchableChat>> MessageSearch::scope_of(Caller caller,
                                                               const SearchRequest& request) {
  auto scope = co_await repository_.scope_of(caller);
  if (request.chat) {
    std::erase_if(scope, [&](const SearchableChat& chat) { return chat.id != *request.chat; });
    if (scope.empty()) throw no_such_chat();
  }
  std::vector<ChatId> named;
  for (const auto& name : request.chat_names) {
    auto bare = without(name, '#');
    const auto found = co_await repository_.find_chats(caller, std::move(bare));
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
    Caller caller, const SearchRequest& request) {
  std::vector<UserId> senders;
  for (const auto& name : request.sender_names) {
    if (name == "me") {
      senders.push_back(caller.user);
      continue;
    }
    auto bare = without(name, '@');
    const auto found = co_await repository_.find_senders(caller.workspace, std::move(bare));
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

// An index may lag: a match that the caller may not see any more, or whose text has changed since,
// is neither shown nor counted.
awaitable<std::vector<IndexMatch>> MessageSearch::find(Caller caller, IndexQuery query) {
  auto matches = co_await index_.find(std::move(query));
  std::vector<MessageId> ids;
  for (const auto& match : matches) ids.push_back(match.id);
  const auto visible = co_await repository_.visible(caller, ids);
  std::erase_if(matches, [&](const IndexMatch& match) {
    const auto found = visible.find(match.id);
    return found == visible.end() || found->second != match.version;
  });
  co_return matches;
}

awaitable<> MessageSearch::fill(SearchPage& page, Caller caller, const SearchRequest& request,
                                const std::vector<IndexMatch>& matches) {
  const auto begin = begin_of(request.start, matches);
  const auto end = std::min(begin + static_cast<std::size_t>(request.limit), matches.size());
  std::vector<MessageId> wanted;
  for (auto i = begin; i < end; ++i) wanted.push_back(matches[i].id);
  auto hits = co_await repository_.read_hits(caller, wanted);
  std::size_t bytes = 0;
  for (const auto& hit : hits) bytes += hit_size(hit);
  auto add = [&] { return add_hits(page, hits, matches, begin, end, request.terms); };
  const auto behind = co_await answers_.make(bytes, std::move(add));
  page.cut = behind < end;
  if (behind < matches.size()) {
    page.next = SearchCursor{static_cast<std::int64_t>(behind), matches[behind - 1].id};
  }
}

}  // namespace fechatter::server
