/// Why a text is not a set of names.
package enum NameSetError: OperatorError, Equatable {
  case syntax(String, at: Place, try: String?)
  case badRange(String, at: Place, try: String?)
  case unknownGroup(String, at: Place, among: [String])
  case groupLoop([String], at: Place)
  case needsSite(String, at: Place)
  case noMatch(String, at: Place)
  case tooLarge(limit: Int, at: Place)

  /// A place in the text of a set.
  package struct Place: Equatable, Sendable {
    package let text: String
    /// The column, counted in characters from 1.
    package let column: Int

    package init(text: String, column: Int) {
      self.text = text
      self.column = column
    }

    /// The text around the column, cut to the width of a terminal.
    var excerpt: String { window.text }

    /// The text with a caret under the column.
    package var caret: String {
      let (text, column) = window
      return "  \(text)\n  \(String(repeating: " ", count: column - 1))^"
    }

    private var window: (text: String, column: Int) {
      guard text.count > 70 else { return (text, column) }
      let start = max(0, min(column - 35, text.count - 68))
      let middle = text.dropFirst(start).prefix(68)
      let isCut = start + middle.count < text.count
      return ("\(start > 0 ? "…" : "")\(middle)\(isCut ? "…" : "")", column - start + (start > 0 ? 1 : 0))
    }
  }

  package var place: Place {
    switch self {
    case .syntax(_, let place, _), .badRange(_, let place, _), .unknownGroup(_, let place, _),
      .groupLoop(_, let place), .needsSite(_, let place), .noMatch(_, let place), .tooLarge(_, let place):
      place
    }
  }

  package var failureClass: FailureClass { .invalid }

  package var code: String {
    switch self {
    case .syntax: "set.syntax"
    case .badRange: "set.bad_range"
    case .unknownGroup: "set.unknown_group"
    case .groupLoop: "set.group_loop"
    case .needsSite: "set.needs_site"
    case .noMatch: "set.no_match"
    case .tooLarge: "set.too_large"
    }
  }

  package var message: String {
    switch self {
    case .syntax(let problem, let place, _): "\(problem) at column \(place.column) of set '\(place.excerpt)'"
    case .badRange(let problem, let place, _):
      "bad range: \(problem) at column \(place.column) of set '\(place.excerpt)'"
    case .unknownGroup(let name, let place, _):
      "no group named '\(name)' (column \(place.column) of '\(place.excerpt)')"
    case .groupLoop(let path, _): "group '\(path.first ?? "")' contains itself: \(path.joined(separator: " > "))"
    case .needsSite(let what, let place): "'\(what)' can only be resolved with a site (column \(place.column))"
    case .noMatch(let term, let place): "nothing matches '\(term)' (column \(place.column) of '\(place.excerpt)')"
    case .tooLarge(let limit, let place): "the set '\(place.excerpt)' has more than \(limit) names"
    }
  }

  package var hint: String? {
    switch self {
    case .syntax(_, let place, let advice), .badRange(_, let place, let advice):
      advice.map { "\(place.caret)\n\($0)" } ?? place.caret
    case .unknownGroup(let name, let place, let groups):
      "\(place.caret)\n\(NearestName.question(for: name, in: groups) ?? "`fleet.groups()` lists the groups")"
    case .groupLoop: "remove one of these references from the site's groups"
    case .needsSite: "name a site with --site, or write the names out"
    case .noMatch(_, let place): "\(place.caret)\nsee `fleet.hosts()` and `fleet.bots()` for what the site has"
    case .tooLarge: "write a narrower range"
    }
  }
}
