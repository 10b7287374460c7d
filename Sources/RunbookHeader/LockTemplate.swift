package import PrimitiveKit

/// A lock that a runbook takes, with parameters in its scope: `host/{target}`, or `host/{bot|target}` for the first of
/// them that has a value.
package struct LockTemplate: Sendable, Equatable, CustomStringConvertible {
  /// The scope as written.
  package let text: String
  package let mode: LockScope.Mode

  package init(text: String, mode: LockScope.Mode = .exclusive) {
    self.text = text
    self.mode = mode
  }

  package var description: String { mode == .exclusive ? text : "\(text) (\(mode.rawValue))" }

  /// The parameters in it, in order.
  package var placeholders: [String] {
    LockTemplate.pieces(of: text).flatMap { if case .parameter(let names) = $0 { names } else { [String]() } }
  }

  /// Whether the parameters in it select hosts; else they are plain words, such as the name of an environment.
  package var namesHosts: Bool { text.hasPrefix("host/") }

  enum Piece: Equatable {
    case text(String)
    /// Parameters, of which the first with a value counts.
    case parameter([String])
  }

  static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let names = rest[rest.index(after: open)..<close].split(separator: "|", omittingEmptySubsequences: false)
      pieces += [.text(String(rest[..<open])), .parameter(names.map(String.init))]
      rest = rest[rest.index(after: close)...]
    }
    return pieces + [.text(String(rest))]
  }

  /// What is wrong with the template itself, given the parameters; nil when it is fine.
  func problem(_ parameters: [RunbookParameter]) -> (expected: String, hint: String?)? {
    let names = parameters.map(\.name)
    for name in placeholders where !names.contains(name) {
      let hint = NearestName.question(for: name, in: names) ?? "the parameters are \(names.joined(separator: ", "))"
      return ("parameters in braces; no parameter is called '\(name)'", hint)
    }
    let filled = LockTemplate.pieces(of: text).map { if case .text(let text) = $0 { text } else { "x" } }.joined()
    guard !filled.contains(where: { "{}".contains($0) }), LockScope(filled) != nil else {
      return ("a scope", "`fleet`, or pairs of words such as `host/{target}`")
    }
    return nil
  }

  /// The scopes for the arguments of a run, one for each combination of the values in braces, in order.
  ///
  /// `names` turns a value into words; by default a list gives its elements, anything else its text. Throws
  /// `runbook.argument` when a parameter has no value or its word cannot stand in a scope.
  package func scopes(
    for arguments: RunbookArguments,
    names: (_ parameter: String, _ value: Value) throws(CallFailure) -> [String] = LockTemplate.words
  ) throws(CallFailure) -> [LockScope] {
    var texts = [""]
    for piece in LockTemplate.pieces(of: text) {
      switch piece {
      case .text(let text): texts = texts.map { $0 + text }
      case .parameter(let candidates):
        guard let name = candidates.first(where: { arguments.values[$0] ?? .null != .null }),
          let value = arguments.values[name]
        else {
          let wanted = candidates.joined(separator: "' or '")
          throw CallFailure(
            .invalid,
            code: "runbook.argument",
            message: "the lock '\(text)' needs the parameter '\(wanted)', which has no value",
            hint: "give \(candidates[0])=…"
          )
        }
        let words = try names(name, value)
        for word in words where LockScope("lock/\(word)")?.path.count != 2 {
          throw CallFailure(
            .invalid,
            code: "runbook.argument",
            message: "'\(word)' of the parameter '\(name)' cannot be used in the lock '\(text)'",
            hint: "use a plain word without spaces, '/' or '*'"
          )
        }
        texts = texts.flatMap { text in words.map { text + $0 } }
      }
    }
    var scopes: [LockScope] = []
    for text in texts {
      guard let scope = LockScope(text, mode: mode) else {
        throw CallFailure(.invalid, code: "runbook.argument", message: "'\(text)' cannot be locked")
      }
      if !scopes.contains(scope) { scopes.append(scope) }
    }
    return scopes
  }

  /// The words of a value without a site: the elements of a list, else its text.
  package static func words(_ parameter: String, _ value: Value) -> [String] {
    guard case .array(let values) = value else { return [RunbookParameter.word(value)] }
    return values.map(RunbookParameter.word)
  }
}
