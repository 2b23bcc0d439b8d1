#include "fechatter_server/search/message_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "fechatter_core/error.hpp"
#include "fechatter_core/json_size.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/search/highlight.hpp"
#include "fechatter_server/search/literal_terms.hpp"
#include "fechatter_server/search/search_syntax.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<MessageId> ids_of(const std::vector<IndexMatch>& matches) {
  std::vector<MessageId> ids;
  ids.reserve(matches.size());
  for (const auto& match : matches) ids.push_back(match.id);
  return ids;
}

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

constexpr std::size_t hits_bytes_max = page_bytes_max / 2;  // older clients get a second copy

// As JSON, at most.
std::size_t hit_size(const SearchHit& hit) {
  constexpr std::size_t own_fields = 64;
  return own_fields + json_size(hit.message) + fechatter::json_size(hit.chat_name) +
         fechatter::json_size(hit.highlight);
}

// Of the page that begins at matches[begin] and has no match from `end` on: fills it with `hits`,
// which it empties, as far as its bytes go: read_hits left out only what is behind them. Returns
// the first match that is not in it.
std::size_t add_hits(SearchPage& page, std::vector<SearchHit>& hits,
                     const std::vector<IndexMatch>& matches, std::size_t begin, std::size_t end,
                     const std::vector<SearchTerm>& terms) {
  PageBudget budget{hits_bytes_max};
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

bool is_me(const std::string& name) {
  return case_folded(name) == "me";
}

bool names_a_user(const std::string& chat_name) {
  return chat_name.starts_with('@');
}

// Empty: any sender. Nullopt: no message can match.
std::optional<std::vector<UserId>> senders_of(
    Caller caller, const SearchRequest& request,
    const std::map<std::string, std::vector<UserId>>& people) {
  std::vector<UserId> senders;
  for (const auto& name : request.sender_names) {
    if (is_me(name)) {
      senders.push_back(caller.user);
      continue;
    }
    const auto& found = people.at(name);
    if (found.empty()) {
      throw invalid_field("q", fmt::format("from: there is nobody called {}", name));
    }
    senders.insert(senders.end(), found.begin(), found.end());
  }
  if (!request.sender) return senders;
  const bool among = std::find(senders.begin(), senders.end(), *request.sender) != senders.end();
  if (!request.sender_names.empty() && !among) return std::nullopt;
  return std::vector{*request.sender};
}

// The chats of that name among those of the caller: an id, a name, or "@name" for the Singles with
// such users.
std::vector<ChatId> chats_called(const std::string& name, const std::vector<SearchableChat>& chats,
                                 const std::map<std::string, std::vector<UserId>>& people) {
  const auto bare = without(name, '#');
  const auto key = search_key(bare);
  const auto is_called = [&](const SearchableChat& chat) {
    if (!names_a_user(name)) {
      return std::to_string(chat.id.value) == bare || (!key.empty() && chat.name_key == key);
    }
    const auto& users = people.at(name);
    return chat.other && std::find(users.begin(), users.end(), *chat.other) != users.end();
  };
  std::vector<ChatId> called;
  for (const auto& chat : chats) {
    if (is_called(chat)) called.push_back(chat.id);
  }
  return called;
}

// What the index looks for. It knows words only, so it cannot exclude "C++" without "C".
std::vector<SearchTerm> index_terms(const std::vector<SearchTerm>& terms) {
  std::vector<SearchTerm> searched;
  for (const auto& term : terms) {
    if (has_token(term) && !(term.excluded && is_literal(term))) searched.push_back(term);
  }
  return searched;
}

}  // namespace

awaitable<SearchPage> MessageSearch::search(Caller caller, SearchRequest request) {
  const auto begin = Clock::now();
  const auto held = co_await turns_.begin(caller.user);
  auto page = co_await search_in_turn(caller, std::move(request), held->turn());
  held->turn().require();
  const auto took = Clock::now() - begin;
  page.took = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  times_.observe(took);
  co_return page;
}

awaitable<SearchPage> MessageSearch::search_in_turn(Caller caller, SearchRequest request,
                                                    SearchTurn turn) {
  SearchPage page;
  const auto people = co_await people_of(caller, request, turn);
  const auto scope = co_await scope_of(caller, request, people, turn);
  auto senders = senders_of(caller, request, people);
  if (scope.empty() || !senders) co_return page;
  IndexQuery query{caller.workspace,
                   caller.user,
                   {},
                   index_terms(request.terms),
                   std::move(*senders),
                   request.from,
                   request.until,
                   request.has_file,
                   request.has_link,
                   request.sort,
                   turn};
  for (const auto& chat : scope) query.chats.push_back(chat.id);
  auto matches = co_await find(caller, std::move(query), request);
  if (request.sort == SearchSort::relevance) sort_by_relevance(matches, scope);
  page.total = static_cast<std::int64_t>(matches.size());
  page.facets = count(matches, scope);
  co_await fill(page, caller, request, matches, turn);
  co_return page;
}

awaitable<MessageSearch::People> MessageSearch::people_of(Caller caller,
                                                          const SearchRequest& request,
                                                          SearchTurn turn) {
  std::vector<std::string> typed;
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    typed.push_back(name);
    names.push_back(without(name, '@'));
  };
  for (const auto& name : request.sender_names) {
    if (!is_me(name)) add(name);
  }
  for (const auto& name : request.chat_names) {
    if (names_a_user(name)) add(name);
  }
  People people;
  if (names.empty()) co_return people;
  auto found = co_await repository_.find_people(caller.workspace, std::move(names), turn);
  for (std::size_t i = 0; i < typed.size(); ++i) people[typed[i]] = std::move(found[i]);
  co_return people;
}

awaitable<std::vector<SearchableChat>> MessageSearch::scope_of(Caller caller,
                                                               const SearchRequest& request,
                                                               const People& people,
                                                               SearchTurn turn) {
  auto scope = co_await repository_.scope_of(caller, !request.chat_names.empty(), turn);
  const auto is_other = [&](const SearchableChat& chat) { return chat.id != *request.chat; };
  if (request.chat && std::all_of(scope.begin(), scope.end(), is_other)) throw no_such_chat();
  std::vector<ChatId> named;
  for (const auto& name : request.chat_names) {
    const auto called = chats_called(name, scope, people);
    if (called.empty()) {
      throw invalid_field("q", fmt::format("in: you are in no chat called {}", name));
    }
    named.insert(named.end(), called.begin(), called.end());
  }
  if (request.chat) std::erase_if(scope, is_other);
  std::erase_if(scope, [&](const SearchableChat& chat) {
    const bool other_name = !request.chat_names.empty() &&
                            std::find(named.begin(), named.end(), chat.id) == named.end();
    return other_name || (request.chat_type && chat.type != *request.chat_type);
  });
  co_return scope;
}

// An index may lag: a match that the caller may not see any more, or whose text has changed since,
// is neither shown nor counted.
awaitable<std::vector<IndexMatch>> MessageSearch::find(Caller caller, IndexQuery query,
                                                       const SearchRequest& request) {
  const auto turn = query.turn;
  auto matches = co_await index_.find(std::move(query));
  auto ids = ids_of(matches);
  const auto visible = co_await repository_.visible(caller, std::move(ids), turn);
  std::erase_if(matches, [&](const IndexMatch& match) {
    const auto found = visible.find(match.id);
    return found == visible.end() || found->second != match.version;
  });
  co_await compare_literally(caller, request, matches, turn);
  co_return matches;
}

// Drops the matches that do not hold a phrase as it is written, or that hold an excluded term so.
// Of the others, those that hold all terms so have the upper half of the scores.
awaitable<> MessageSearch::compare_literally(Caller caller, const SearchRequest& request,
                                             std::vector<IndexMatch>& matches, SearchTurn turn) {
  const auto is_compared = [](const SearchTerm& term) { return is_literal(term); };
  const bool has_literals = std::any_of(request.terms.begin(), request.terms.end(), is_compared);
  if (!has_literals || matches.empty()) co_return;
  auto ids = ids_of(matches);
  const auto verdicts =
      co_await repository_.compare_literally(caller, std::move(ids), request.terms, turn);
  std::erase_if(matches, [&](const IndexMatch& match) {
    const auto found = verdicts.find(match.id);
    return found == verdicts.end() || !found->second.matches;
  });
  for (auto& match : matches) {
    match.score = match.score / 2 + (verdicts.at(match.id).holds_all ? 0.5 : 0);
  }
}

awaitable<> MessageSearch::fill(SearchPage& page, Caller caller, const SearchRequest& request,
                                const std::vector<IndexMatch>& matches, SearchTurn turn) {
  const auto begin = begin_of(request.start, matches);
  page.offset = static_cast<std::int64_t>(begin);
  const auto end = std::min(begin + static_cast<std::size_t>(request.limit), matches.size());
  std::vector<MessageId> wanted;
  for (auto i = begin; i < end; ++i) wanted.push_back(matches[i].id);
  auto hits = co_await repository_.read_hits(caller, wanted, hits_bytes_max, turn);
  std::size_t bytes = 0;
  for (const auto& hit : hits) bytes += hit.message.content.size();
  auto add = [&] { return add_hits(page, hits, matches, begin, end, request.terms); };
  const auto behind = co_await answers_.make(bytes, std::move(add));
  page.cut = behind < end;
  if (behind < matches.size()) {
    page.next = SearchCursor{static_cast<std::int64_t>(behind), matches[behind - 1].id};
  }
}

}  // namespace fechatter::server
