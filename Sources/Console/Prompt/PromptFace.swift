/// What the prompt shows of the session: banner and prompt text.
package struct PromptFace: Sendable {
  package var version: String
  /// The name of the site; nil without one.
  package var site: String?
  /// What the site holds, for example `6 hosts, 18 bots`.
  package var summary: String?
  package var isDryRun: Bool
  /// Runs that ended before their end, one line each.
  package var unfinished: [String]
  /// What domains have to say, a line each.
  package var notices: [String]

  package init(
    version: String,
    site: String? = nil,
    summary: String? = nil,
    isDryRun: Bool = false,
    unfinished: [String] = [],
    notices: [String] = []
  ) {
    self.version = version
    self.site = site
    self.summary = summary
    self.isDryRun = isDryRun
    self.unfinished = unfinished
    self.notices = notices
  }

  /// At most three lines, up to four about unfinished runs, and what domains have to say.
  var banner: [String] {
    var lines = ["opsh \(version)"]
    if let site {
      lines[0] += " · site \(site)" + (summary.map { ": \($0)" } ?? "")
    } else {
      lines[0] += " · no site: give one with `opsh --site FILE`"
    }
    if isDryRun { lines.append("dry run: reads are real, nothing is changed") }
    if !unfinished.isEmpty {
      let rest = unfinished.count > 3 ? " (`runs()` lists them)" : ""
      lines.append((unfinished.count == 1 ? "1 run" : "\(unfinished.count) runs") + " can be resumed\(rest):")
      lines += unfinished.prefix(3).map { "  \($0)" }
    }
    return lines + notices + ["`help()` lists everything · Tab completes · Ctrl-D leaves"]
  }

  /// The pieces of the prompt with the parameters of their SGR sequence.
  var pieces: [(text: String, style: String?)] {
    var pieces: [(text: String, style: String?)] = [("opsh", "1")]
    if let site { pieces.append((" \(site)", "36")) }
    if isDryRun { pieces.append((" (dry)", "33")) }
    return pieces + [("> ", nil)]
  }
}
