# Vague pronouns and retired words per 1,000 words, and columns of documents. What a file's text is
# depends on its kind: the comments of C++, SQL, scripts and settings; the words of a test's name;
# all of a document but its code. Code spans (`like this`) are never text.

BEGIN {
  count_of("who whoever whom whomever nobody somebody everybody anybody everyone anyone someone")
  count_of("tell tells told telling hear hears heard hearing bury buries buried burying")
  count_of("tend tends tended tending tender tenders appetite appetites anew amidst")
  # Phrases, each counted once in the text of a line.
  phrases = "in the midst|passing events?|events? that pass(es)?|puts? aside|work(s|ed)? off[^a-z]"
  kinds = split("documents|headers|sources|SQL|scripts and settings|test names", kind_names, "|")
}

function count_of(text,    i, n, list) {
  n = split(text, list, " ")
  for (i = 1; i <= n; i++) counted[list[i]] = 1
}

function kind_of(name) {
  if (name ~ /\.md$/) return 1
  if (name ~ /\.hpp$/) return 2
  if (name ~ /\.cpp$/) return 3
  if (name ~ /\.sql$/) return 4
  if (name ~ /\.(ya?ml|cmake|conf|txt)$/ || name !~ /\.[a-z]+$/) return 5
  return 0
}

# `text` belongs to the words of `kind`.
function read_words(kind, text,    i, n, list, phrase) {
  gsub(/`[^`]*`/, " ", text)
  text = tolower(text) " "
  while (match(text, phrases)) {
    found_in(kind, substr(text, RSTART, RLENGTH))
    text = substr(text, 1, RSTART - 1) " " substr(text, RSTART + RLENGTH)
  }
  n = split(text, list, /[^a-z]+/)
  for (i = 1; i <= n; i++) {
    if (list[i] == "") continue
    words[kind]++
    if ((list[i] in counted) || list[i] ~ /^retell/) found_in(kind, list[i])
  }
}

function found_in(kind, word) {
  hits[kind]++
  if (list) print FILENAME ":" FNR ": " word
}

# The comment of a line of C++ or SQL, which begins with `mark`; strings are no comments.
function comment_of(line, mark,    at) {
  gsub(/\\./, "", line)
  gsub(/"[^"]*"/, "", line)
  if (mark == "--") gsub(/'[^']*'/, "", line)
  gsub(/:\/\//, "", line)
  at = index(line, mark)
  return at ? substr(line, at + 2) : ""
}

# A test's macro may be broken over lines.
function read_test_name(line,    name) {
  if (line ~ /^(TYPED_)?TEST(_[FP])?\(/) test = ""
  else if (test == "") return
  test = test " " line
  if (test !~ /\)/) return
  name = test; test = ""
  sub(/^[^(]*\(/, "", name); sub(/\).*/, "", name)
  gsub(/[A-Z]/, " &", name)
  read_words(6, name)
}

function complain(text) { print "prose: " text; bad = 1 }

function read_document(line,    columns, code) {
  if (line ~ /^```/) { fenced = !fenced; return }
  code = fenced || (line ~ /^    / && (blank || indented))
  indented = code; blank = line ~ /^[ \t]*$/
  if (code) return
  gsub(/\]\([^)]*\)/, "]", line)
  columns = line; gsub(/[\200-\277]/, "", columns)
  if (line ~ /^\|/) {
    if (FILENAME == "docs/glossary.md") sub(/\|[^|]*\|$/, "", line)
  } else if (length(columns) > 100) {
    complain(FILENAME ":" FNR ": " length(columns) " columns, at most 100")
  }
  read_words(1, line)
}

FNR == 1 { kind = kind_of(FILENAME); fenced = 0; indented = 0; blank = 1; test = "" }
kind == 1 { read_document($0) }
kind == 2 || kind == 3 { read_words(kind, comment_of($0, "//")) }
kind == 3 { read_test_name($0) }
kind == 4 { read_words(kind, comment_of($0, "--")) }
kind == 5 && match($0, /(^|[ \t])#( |$)/) { read_words(kind, substr($0, RSTART + RLENGTH)) }

END {
  for (kind = 1; kind <= kinds; kind++) {
    report(kind_names[kind], hits[kind], words[kind])
    all_hits += hits[kind]; all_words += words[kind]
  }
  report("total", all_hits, all_words)
  figure = all_words ? 1000 * all_hits / all_words : 0
  if (figure > limit) complain(sprintf("%.2f per 1,000 words, at most %s", figure, limit))
  else if (limit - figure >= 0.1) printf "prose: lower deploy/local/prose.limit to %.2f\n", figure + 0.005
  exit bad
}

function report(name, hits, words) {
  printf "prose: %-21s %6.2f per 1,000 words (%d of %d)\n", name, words ? 1000 * hits / words : 0, \
    hits, words
}
