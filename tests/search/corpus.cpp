#include "tests/search/corpus.hpp"

namespace fechatter::test {
namespace {

const std::vector<CorpusPerson> people{
    {"alice", "Alice Smith", "alice@acme.example"},
    {"bob", "Bob Stone", "bob@acme.example"},
    {"chloe", "Chloé Dubois", "chloe.dubois@acme.example"},
    {"ivan", "Ivan Smith", "ivan@acme.example"},
    {"hanako", "田中 花子", "hanako@acme.example"},
    {"zoe", "Zoe Idle", "zoe@acme.example"},  // in no chat
};

const std::vector<CorpusChat> corpus{
    {"archive", "PrivateChannel", {"alice", "chloe"}},
    {"general", "PublicChannel", {"alice", "bob", "chloe", "ivan", "hanako"}},
    {"backend", "PrivateChannel", {"alice", "bob", "ivan"}},
    {"phoenix", "Group", {"alice", "bob", "chloe"}, "Project Phoenix"},
    {"with-bob", "Single", {"alice", "bob"}},
    {"with-chloe", "Single", {"alice", "chloe"}},
    {"world", "PublicChannel", {"alice", "chloe", "hanako"}},
    {"logs", "Group", {"alice", "bob", "ivan"}},
    // Has a copy of every message; alice, bob and chloe are no members.
    {"boardroom", "PrivateChannel", {"hanako", "ivan"}},
    {"lounge", "PublicChannel", {"hanako"}},
};

const std::vector<CorpusMessage> messages{
    {"leap-day", "archive", "alice", "Inventory on the leap day", "2024-02-29T12:00:00Z"},
    {"old-year", "archive", "alice", "Budget of the old year, closing figures",
     "2024-12-31T23:59:59.999Z"},
    {"new-year", "archive", "chloe", "Budget draft for the coming year", "2025-01-01T00:00:00Z"},
    {"audit-begins", "archive", "alice", "Audit of the warehouse begins", "2025-03-15T00:00:00Z"},
    {"audit-pauses", "archive", "chloe", "Audit of the warehouse pauses",
     "2025-03-15T23:59:59.999Z"},
    {"audit-signed", "archive", "alice", "Audit papers are signed", "2025-03-16T00:00:00Z"},
    {"standup-yesterday", "archive", "chloe", "Standup notes and cold coffee", "yesterday"},
    {"standup-today", "archive", "alice", "Standup notes and warm coffee"},

    {"deploy-monday", "general", "alice", "We deploy the payment service on Monday morning"},
    {"deploy-friday", "general", "bob", "Please never deploy on a Friday afternoon"},
    {"deploy-list", "general", "ivan", "The deployment checklist is in the handbook"},
    {"deploy-done", "backend", "bob", "DEPLOY finished: all green"},
    {"noodles", "general", "chloe", "Lunch at noon? The new noodle bar has opened"},
    {"late-lunch", "general", "bob", "Late lunch for me, the noodles can wait"},
    {"invoice-paid", "phoenix", "chloe", "Invoice 20417 was paid twice"},
    {"invoice-open", "phoenix", "bob", "Invoice 20418 is still open"},
    {"launch-plan", "phoenix", "alice",
     "The launch plan: rehearsal on Tuesday, launch on Thursday"},
    {"rocket", "phoenix", "bob", "Plan the launch party, not the launch 🚀"},
    {"party-first", "phoenix", "chloe", "Party plan first, launch second"},
    {"red-car", "with-bob", "bob", "The red car is parked behind the blue house"},
    {"blue-car", "with-bob", "alice", "The blue car is parked behind the red house"},
    {"surprise", "with-chloe", "chloe", "Surprise for Bob's birthday on Sunday, keep it quiet"},
    {"cake", "with-chloe", "alice", "I bake the birthday cake, chocolate or lemon?"},
    {"harbor-old", "general", "alice", "The harbor office moved"},
    {"harbor-new", "general", "bob", "Ships wait outside the harbor"},
    {"harborside", "general", "chloe", "Dinner at the harborside tonight"},
    {"harbour", "general", "ivan", "A harbour seal slept on the pier"},
    {"restaurant", "phoenix", "alice", "The restaurant asks for a reservation and a deposit"},
    {"cat", "general", "hanako", "My cat sat on the mat"},
    {"ticket", "backend", "ivan", "See ticket ABC1234 for the stack trace"},
    {"apple", "phoenix", "chloe", "An apple for the teacher"},
    {"elephant", "general", "hanako", "The elephant in the room"},
    {"zebra", "with-bob", "bob", "A zebra crossing, then left"},
    {"schedule", "general", "alice", "The schedule of the festival is settled"},
    {"kangaroo", "with-bob", "alice", "Kangaroo\tmeets\nwallaby"},
    {"temperature", "backend", "alice", "Temperature alarm in rack seven"},
    {"umbrella", "general", "bob", "Whose umbrella is this?"},
    {"umbrellas", "general", "chloe", "Two umbrellas, both black"},
    {"percent", "phoenix", "bob", "We are at 100% of the plan_b budgets (finally!)"},

    {"blueprint", "phoenix", "alice", "Here is the blueprint", "", {"blueprint.pdf"}},
    {"photo", "with-bob", "bob", "", "", {"photo.jpg"}},
    {"sketches", "general", "chloe", "Sketches of the logo", "", {"a.png", "b.png"}},
    {"docs-link", "backend", "bob",
     "Read https://docs.example.com/guides/install.html before you ask"},
    {"wiki-link", "general", "ivan",
     "Old wiki: http://wiki.example.org/Start_Page?id=7&lang=en#top"},
    {"linked-file",
     "phoenix",
     "chloe",
     "Mirror of it: https://cdn.example.net/mirror",
     "",
     {"mirror.zip"}},
    {"mail", "backend", "ivan", "Write to support@initech.example or call"},

    {"camel", "backend", "bob", "parseConfigFile() throws when the input is missing"},
    {"snake", "backend", "ivan", "set max_retry_count to five in settings.yaml"},
    {"kebab", "backend", "alice", "docker-compose up --build fails on arm64"},
    {"path", "backend", "bob", "rm -rf /var/lib/postgresql/tmp_cache"},
    {"vector", "backend", "ivan", "std::vector<int> numbers = {1, 2, 3};"},
    {"query", "backend", "alice", "SELECT name FROM customers WHERE id = 42 -- slow"},
    {"stack", "backend", "bob", "NullPointerException at HttpServerFactory.java:128"},
    {"version", "backend", "ivan", "Upgrade to v2.14.0 of the client library"},
    {"script", "general", "chloe", "<script>alert(\"x\")</script> & <b>bold</b> stays text"},
    {"well-done", "general", "hanako", "👍🏽 well done"},
    {"rockets", "general", "bob", "🚀🎉 shipped at last"},
    {"greetings", "world", "alice", "Greetings from the 👨‍👩‍👧 in Oslo"},

    {"street", "world", "alice", "Die Straße zur Universität ist gesperrt"},
    {"munich", "world", "chloe", "Übermorgen gibt es Grüße aus München"},
    {"cafe", "world", "chloe", "Le café près de la gare ferme à midi"},
    {"beach", "world", "chloe", "L'été dernier, nous étions à la plage"},
    {"yellow", "world", "alice", "Zażółć gęślą jaźń"},
    {"lodz", "world", "alice", "Łódź jest piękna jesienią"},
    {"istanbul", "world", "hanako", "İstanbul ışıl ışıl parlıyor"},
    {"ithaca", "world", "alice", "Ο Οδυσσέας γύρισε στην Ιθάκη"},
    {"hedgehog", "world", "alice", "Ёжик в тумане идёт домой"},
    {"danang", "world", "hanako", "Đà Nẵng có nhiều cây cầu đẹp"},
    {"pineapple", "world", "chloe", "El niño comió piña por la mañana"},
    {"book", "world", "alice", "الكِتَابُ على الطاولة"},
    {"peace", "world", "alice", "שָׁלוֹם לכולם"},
    {"weather-hi", "world", "hanako", "आज मौसम बहुत अच्छा है"},
    {"weather-th", "world", "hanako", "วันนี้อากาศดีมาก"},
    {"rain-th", "world", "hanako", "พรุ่งนี้ฝนจะตก"},
    {"beijing", "world", "hanako", "我们明天在北京开会"},
    {"opera", "world", "hanako", "北方的京剧很有名"},
    {"taipei", "world", "hanako", "臺北的夜市很熱鬧"},
    {"tower", "world", "hanako", "東京タワーに登りました"},
    {"kyoto", "world", "hanako", "京都は東にあります"},
    {"station", "world", "hanako", "駅前で会いましょう"},
    {"halfwidth", "world", "hanako", "ﾃｽﾄが終わりました"},
    {"kubernetes", "world", "hanako", "会議はkubernetesの話です"},
    {"crow", "world", "hanako", "カラスが鳴いている"},
    {"glass", "world", "hanako", "ガラスを割った"},
    {"meeting-ko", "world", "hanako", "회의는 오후 세시에 시작합니다"},
    {"school-ko", "world", "hanako", "학교에서 점심을 먹었어요"},
};

}  // namespace

const std::vector<CorpusPerson>& corpus_people() {
  return people;
}

const std::vector<CorpusChat>& corpus_chats() {
  return corpus;
}

const std::vector<CorpusMessage>& corpus_messages() {
  return messages;
}

}  // namespace fechatter::test
