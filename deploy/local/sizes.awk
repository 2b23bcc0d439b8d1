# Columns, functions and files of clang-formatted C++. A function begins where, at namespace or
# class level, text with a parameter list is followed by " {"; its lines are counted from the first
# of that text to the closing brace.

function begin_file() {
  if (FNR_last) end_file()
  depth = 0; text = ""; raw = ""; in_comment = 0; file = FILENAME; files++
}

function end_file() {
  file_lines += FNR_last
  if (FNR_last > longest_file) { longest_file = FNR_last; longest_file_name = file }
  if (FNR_last > 350) complain(file ": " FNR_last " lines, at most 350")
}

function complain(what) { print "sizes: " what; bad = 1 }

# The line without comments, strings and characters.
function code_of(line,    out, c, two, i, n, end) {
  out = ""; n = length(line)
  for (i = 1; i <= n; i++) {
    if (raw != "") {
      end = index(substr(line, i), raw)
      if (!end) return out
      i += end + length(raw) - 2; raw = ""
      continue
    }
    c = substr(line, i, 1); two = substr(line, i, 2)
    if (in_comment) { if (two == "*/") { in_comment = 0; i++ } continue }
    if (two == "//") return out
    if (two == "/*") { in_comment = 1; i++; continue }
    if (two == "R\"" && out !~ /[A-Za-z0-9_]$/) {
      end = index(substr(line, i), "(")
      raw = ")" substr(line, i + 2, end - 3) "\""
      i += end - 1; out = out "S"
      continue
    }
    if (c == "\"" || (c == "'" && out !~ /[0-9A-Fa-f]$/)) {
      for (i++; i <= n && substr(line, i, 1) != c; i++) if (substr(line, i, 1) == "\\") i++
      out = out "S"
      continue
    }
    out = out c
  }
  return out
}

# What a brace opens, by the text before it: a scope that holds functions, a function, or other.
function kind_of(before) {
  while (gsub(/<[^<>]*>/, "", before)) {}
  sub(/^[ \t]+/, "", before)
  if (before ~ /^(inline )?namespace/ || before ~ /^extern S ?$/) return "scope"
  sub(/^template */, "", before)
  if (before ~ /^(class|struct|union) / && before !~ /\) *$/) return "scope"
  if (before ~ /^enum / || before ~ /(=|,|\(|return) *$/) return "other"
  if (before ~ /\(/ && before ~ / $/) return "function"
  return "other"
}

function close_function(    lines) {
  lines = FNR - first_line + 1
  functions++; function_lines += lines
  if (lines > longest) { longest = lines; longest_name = file ":" first_line }
  if (lines > 70) complain(file ":" first_line ": a function of " lines " lines, at most 70")
}

FNR == 1 { begin_file() }
{
  FNR_last = FNR
  # Characters, not bytes: continuation bytes of UTF-8 do not count.
  columns = $0; gsub(/[\200-\277]/, "", columns)
  if (length(columns) > 100) complain(FILENAME ":" FNR ": " length(columns) " columns, at most 100")

  code = code_of($0)
  if (code ~ /^[ \t]*#/) next
  if (depth == 0 || kinds[depth] == "scope") {
    sub(/^ *(public|private|protected):/, "", code)
    if (text == "") text_line = FNR
  }
  for (i = 1; i <= length(code); i++) {
    c = substr(code, i, 1)
    if (c == "{") {
      outer = depth ? kinds[depth] : "scope"
      kinds[++depth] = outer == "scope" ? kind_of(text) : "other"
      if (kinds[depth] == "function") first_line = text_line
      if (kinds[depth] == "scope") { text = ""; text_line = FNR + 1 } else text = text "{"
    } else if (c == "}") {
      was = kinds[depth]; if (depth) depth--
      if (was == "function") close_function()
      if (was == "function" || was == "scope") text = ""
    } else if (c == ";" && (!depth || kinds[depth] == "scope")) {
      text = ""
    } else if (!depth || kinds[depth] == "scope") {
      if (text == "" && c != " ") text_line = FNR
      if (text != "" || c != " ") text = text c
    }
  }
  if (text != "") text = text " "
}
END {
  end_file()
  if (!functions) functions = 1
  printf "sizes: %d files, %d lines, mean %.0f (at most 120), longest %d (at most 350) %s\n",
    files, file_lines, file_lines / files, longest_file, longest_file_name
  printf "sizes: %d functions, mean %.1f lines (at most 14), longest %d (at most 70) %s\n",
    functions, function_lines / functions, longest, longest_name
  if (file_lines / files > 120) complain("the mean file is longer than 120 lines")
  if (function_lines / functions > 14) complain("the mean function is longer than 14 lines")
  exit bad
}
