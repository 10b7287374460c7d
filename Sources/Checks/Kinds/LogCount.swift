import Foundations
import PrimitiveKit

/// How many lines of a log fit, over a window of time that reaches back across rotated files.
///
/// A log that has no line at all in the window is UNKNOWN: whoever is dead writes no errors. Lines of the future are in no
/// window, and one that fits makes the number UNKNOWN: only a clock that is wrong wrote it.
struct LogCount: SiteProbe {
  static let kind = "log_count"
  static let keys = ["equals", "field", "on", "path", "pattern", "since", "unit", "user"]
  static let summary = "Lines of the log that fit"
  static let unit = "lines"

  /// Where the lines are.
  enum Source: Sendable, Equatable {
    /// A file and what it was rotated to: `PATH.1`, `PATH.2.gz`, `PATH-20261129`.
    case file(HostPath)
    /// The journal of a unit.
    case unit(String, isUser: Bool)
  }

  let hosts: HostChoice
  let source: Source
  /// An extended regular expression, as POSIX awk reads it.
  let pattern: String
  let window: Duration

  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    hosts = try HostChoice(reading: field, in: site)
    window = try field.required("since", "how far back it looks, for example \"30m\"").length()
    switch (field.optional("path"), field.optional("unit")) {
    case (let path?, nil): source = .file(try path.hostPath())
    case (nil, let unit?):
      source = .unit(try unit.string("the name of a unit"), isUser: try field.optional("user")?.bool() ?? false)
    default:
      throw DataError(path: field.path, expected: "`path` or `unit`", got: "both or neither", hint: "name one of them")
    }
    switch (field.optional("pattern"), field.optional("field")) {
    case (let pattern?, nil): self.pattern = try pattern.string("an extended regular expression")
    case (nil, let name?):
      let value = try field.required("equals", "the value that is counted")
      let text = if case .string(let text) = value.value { text } else { value.value.literal }
      pattern = LogCount.pattern(field: try name.string("the name of a field"), equals: text)
    default:
      throw DataError(
        path: field.path,
        expected: "`pattern`, or `field` with `equals`",
        got: "both or neither",
        hint: "name one of them"
      )
    }
  }

  /// What finds a field with a value in a line of JSON (`"code": -2010`) or of words (`code=-2010`).
  static func pattern(field: String, equals value: String) -> String {
    let (name, value) = (quoted(field), quoted(value))
    return "\"\(name)\"[ ]*:[ ]*\"?\(value)\"?[ ]*([],}]|$)|(^|[ ,{])\(name)=\"?\(value)\"?([ ,}]|$)"
  }

  private static func quoted(_ text: String) -> String {
    text.reduce(into: "") { quoted, character in
      if "\\.[]{}()*+?^$|/".contains(character) { quoted += "\\" }
      quoted.append(character)
    }
  }

  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured] {
    let probe = HostProbe(command: command) { output, _ in read(output) }
    return await probe.measure(try hosts.hosts(call.surroundings), call)
  }

  func read(_ output: String) -> Measured {
    let lines = output.split(separator: "\n", maxSplits: 1)
    let numbers = lines.first?.split(separator: " ").compactMap { Int($0) } ?? []
    guard numbers.count == 6 else { return Measured(nil, note: "the count reads '\(output.start)'") }
    let (fitting, inWindow, all, timed) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let (ahead, fittingAhead) = (numbers[4], numbers[5])
    if all == 0 { return Measured(nil, note: "the log has no line of the last \(window.words)") }
    if timed == 0 { return Measured(nil, note: "no line of the log has a time that can be read") }
    if inWindow == 0 {
      let future = ahead == 0 ? "" : ", and \(ahead.counted("line")) from the future: a clock is wrong"
      return Measured(nil, note: "the log has no line of the last \(window.words)\(future)")
    }
    if fittingAhead > 0 {
      let lines = "\(fittingAhead.counted("line")) that would count \(fittingAhead == 1 ? "is" : "are")"
      return Measured(nil, note: "\(lines) from the future: a clock is wrong")
    }
    var evidence: [String: Value] = ["lines": .int(inWindow)]
    if ahead > 0 { evidence["ahead"] = .int(ahead) }
    if lines.count > 1 { evidence["last"] = .string(String(lines[1].prefix(300)).onOneLine) }
    return Measured(Double(fitting), evidence: .table(evidence))
  }

  var command: String {
    let seconds = Int(window.seconds.rounded(.up))
    let ahead = Int(JudgedCheck.aheadLimit)
    switch source {
    case .unit(let unit, let isUser):
      // The journal itself keeps to the window: every line that it prints is in it.
      let scope = isUser ? "--user --user-unit" : "--unit"
      let print = "\(UnitQuestion.directory(isUser))journalctl \(scope) \(ShellQuote.word(unit)) -o cat -q --no-pager"
      return """
        now=$(date +%s)
        since="@$((now - \(seconds)))"
        until="@$((now + \(ahead)))"
        \(print) --since "$since" --until "$until" -n 1 >/dev/null || exit 1
        \(print) --since "$since" --until "$until" | OPSH_PATTERN=\(ShellQuote.word(pattern)) awk '
          $0 ~ ENVIRON["OPSH_PATTERN"] { fitting++; last = $0 }
          END { print fitting + 0, NR, NR, NR, 0, 0; print substr(last, 1, 300) }'
        """
    case .file(let path):
      return """
        set -- \(path.word)
        [ -e "$1" ] || { echo "$1 does not exist" >&2; exit 66; }
        files() { ls -1t -- "$1" "$1".[0-9]* "$1"-[0-9]* 2>/dev/null; }
        places() { ls -1i -- "$1" "$1".[0-9]* "$1"-[0-9]* 2>/dev/null; }
        zone=$(date +%z)
        tries=0
        while :; do
          before=$(places "$1")
          now=$(date +%s)
          cut=$((now - \(seconds)))
          counted=$(files "$1" | while IFS= read -r file; do
            changed=$(stat -c %Y -- "$file") && [ "$changed" -ge "$cut" ] || continue
            case $file in *.gz) gzip -dc -- "$file" ;; *) cat -- "$file" ;; esac || printf '\\001unreadable\\n'
            echo
          done | OPSH_PATTERN=\(ShellQuote.word(pattern)) awk -v cut="$cut" -v end="$((now + \(ahead)))" -v zone="$zone" '\(LogCount.count)') || {
            echo "$1 or what it was rotated to cannot be read" >&2
            exit 77
          }
          # A log that was rotated meanwhile may have been counted twice or not at all.
          [ "$before" = "$(places "$1")" ] && break
          tries=$((tries + 1))
          [ "$tries" -lt 3 ] || { echo "$1 is rotated all the time" >&2; exit 75; }
        done
        printf '%s\\n' "$counted"
        """
    }
  }

  /// Counts lines by their own times: ISO 8601, or seconds, milliseconds or microseconds since 1970 in a field of JSON.
  ///
  /// A line without a time belongs to the one before it. A time without a zone is local time of the host.
  private static let count = """
    function days(y, m, d, early) {
      early = m <= 2
      y -= early
      return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m + (early ? 9 : -3)) + 2) / 5) + d - 719469
    }
    function offset(text, minutes) {
      minutes = substr(text, 4, 1) == ":" ? substr(text, 5, 2) : substr(text, 4, 2)
      return (substr(text, 2, 2) * 3600 + minutes * 60) * (substr(text, 1, 1) == "-" ? -1 : 1)
    }
    function moment(line, text, rest, at) {
      if (match(line, /[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ][0-9][0-9]:[0-9][0-9]:[0-9][0-9]/)) {
        text = substr(line, RSTART, RLENGTH)
        rest = substr(line, RSTART + RLENGTH, 24)
        at = days(substr(text, 1, 4) + 0, substr(text, 6, 2) + 0, substr(text, 9, 2) + 0) * 86400
        at += substr(text, 12, 2) * 3600 + substr(text, 15, 2) * 60 + substr(text, 18, 2)
        sub(/^[.,][0-9]+/, "", rest)
        if (rest ~ /^Z/) return at
        sub(/^ /, "", rest)
        if (rest ~ /^[-+][0-9][0-9]:?[0-9][0-9]/) return at - offset(rest)
        return at - offset(zone)
      }
      if (match(line, /"(ts|time|timestamp|at)"[ ]*:[ ]*"?[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]*/)) {
        text = substr(line, RSTART, RLENGTH)
        sub(/^.*[^0-9]/, "", text)
        at = text + 0
        if (at > 1e17) return at / 1e9
        if (at > 1e14) return at / 1e6
        return at > 1e11 ? at / 1e3 : at
      }
      return -1
    }
    $0 == "\\001unreadable" { unreadable = 1 }
    $0 == "" { next }
    {
      lines++
      found = moment($0)
      if (found >= 0) { at = found; timed++ }
      if (!timed || at < cut) next
      if (at > end) {
        ahead++
        if ($0 ~ ENVIRON["OPSH_PATTERN"]) fittingAhead++
        next
      }
      inside++
      if ($0 ~ ENVIRON["OPSH_PATTERN"]) { fitting++; last = $0 }
    }
    END {
      if (unreadable) exit 77
      print fitting + 0, inside + 0, lines + 0, timed + 0, ahead + 0, fittingAhead + 0
      print substr(last, 1, 300)
    }
    """
}
