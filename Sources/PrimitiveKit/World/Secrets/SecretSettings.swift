/// Where the secrets of the site live; the site never holds a value.
package struct SecretSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("secrets", "Where each secret lives: a file, a variable of the environment, or a command that prints it")
  ]

  /// Where one secret lives.
  package enum Place: Sendable, Equatable {
    /// A file that only its owner may read; `isWhole` keeps its lines, else it holds one.
    case file(String, isWhole: Bool)
    case variable(String)
    /// The words of a program that prints the value, and how long it may take.
    case command([String], timeout: Duration)
  }

  /// By name.
  package var places: [String: Place] = [:]

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    guard let field = file.optional("secrets") else { return }
    for (name, entry) in try field.entries(#"a table of secrets such as { pager = { env = "PAGER_KEY" } }"#) {
      guard PlainName.isPlain(name) else {
        throw DataError(
          path: entry.path,
          expected: PlainName.expected,
          got: "'\(name)'",
          hint: "it names the secret everywhere its value must not be"
        )
      }
      places[name] = try Place(entry)
    }
  }
}

extension SecretSettings {
  /// That no secret has this name, with the nearest that there is.
  package func unknown(_ name: String) -> CallFailure {
    let names = places.keys.sorted()
    return CallFailure(
      .invalid,
      code: "secret.unknown",
      message: "no secret is called '\(name)'",
      hint: NearestName.question(for: name, in: names)
        ?? (names.isEmpty ? "name it in `secrets` of the site" : "the site has \(names.joined(separator: ", "))")
    )
  }
}

extension SecretSettings.Place: CustomStringConvertible {
  /// For people: `file ~/.config/opsh/pager`.
  package var description: String {
    switch self {
    case .file(let path, _): "file \(path)"
    case .variable(let name): "variable \(name)"
    case .command(let words, _): "command `\(ShellQuote.line(words))`"
    }
  }
}

extension SecretSettings.Place {
  private static var shape: String {
    #"one of { file = "PATH" }, { env = "NAME" } and { command = { "PROGRAM", … } }"#
  }

  fileprivate init(_ entry: DataField) throws(DataError) {
    // A text may be the value itself: it is not repeated.
    guard case .table = entry.value else {
      throw DataError(
        path: entry.path,
        expected: Self.shape,
        got: "something else",
        hint: "the site never holds a secret's value; if this was one, change it"
      )
    }
    try entry.allow(["file", "env", "command", "timeout", "whole"])
    let kinds = ["file", "env", "command"].filter { entry.optional($0) != nil }
    guard kinds.count == 1, let kind = kinds.first else {
      throw DataError(
        path: entry.path,
        expected: Self.shape,
        got: kinds.isEmpty ? "none of them" : kinds.joined(separator: " and ")
      )
    }
    if kind != "command", let timeout = entry.optional("timeout") {
      throw timeout.wrong("nothing: only a command has a timeout")
    }
    if kind != "file", let whole = entry.optional("whole") {
      throw whole.wrong("nothing: only a file can be taken whole")
    }
    switch kind {
    case "file":
      let path = try entry.required("file", "a path").string("a path")
      self = .file(path, isWhole: try entry.optional("whole")?.bool() ?? false)
    case "env":
      let field = try entry.required("env", "the name of a variable")
      let name = try field.string("the name of a variable")
      guard VariableName.isOne(name) else { throw field.wrong("the name of a variable") }
      self = .variable(name)
    default:
      let field = try entry.required("command", "a list of words")
      guard case .array = field.value else {
        throw field.wrong("a list of words, which no shell reads", hint: #"{ "pass", "show", "rocky/api" }"#)
      }
      let limit = try entry.optional("timeout")?.seconds(upTo: 300)
      self = .command(try field.texts("a list of words"), timeout: limit ?? .seconds(10))
    }
  }
}

/// Names of variables that a shell takes.
package enum VariableName {
  package static func isOne(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
  }
}
