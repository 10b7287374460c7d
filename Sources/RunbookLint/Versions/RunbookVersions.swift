package import PrimitiveKit
package import RunbookHeader

/// The file VERSIONS of a folder: which bytes belong to the version of each runbook.
package struct RunbookVersions: Sendable, Equatable {
  /// What is known of one runbook.
  package struct Entry: Sendable, Equatable {
    package var version: SemanticVersion
    /// The SHA-256 of its bytes, in hexadecimal digits.
    package var sha256: String

    package init(version: SemanticVersion, sha256: String) {
      self.version = version
      self.sha256 = sha256
    }
  }

  /// The name of the file.
  package static let fileName = "VERSIONS"

  /// By the name of the runbook.
  package private(set) var entries: [String: Entry] = [:]

  package init() {}

  /// Reads lines `name version sha256` in alphabetical order; throws `runbook.version` with file and line.
  package init(_ text: String, file: String) throws(CallFailure) {
    var last = ""
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty
    {
      func wrong(_ problem: String) -> CallFailure {
        CallFailure(
          .invalid,
          code: "runbook.version",
          message: "\(file):\(index + 1): \(problem)",
          hint: "write `name version sha256` lines, sorted by name, or run `opsh lint --fix`"
        )
      }
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard words.count == 3, !words[0].isEmpty, let version = SemanticVersion(words[1]),
        RunbookVersions.isDigest(words[2])
      else { throw wrong("this is not a line of VERSIONS") }
      guard entries[words[0]] == nil else { throw wrong("'\(words[0])' is listed twice") }
      guard last < words[0] else { throw wrong("'\(words[0])' comes after '\(last)'") }
      last = words[0]
      entries[last] = Entry(version: version, sha256: words[2])
    }
  }

  /// The text of the file.
  package var text: String {
    entries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.version) \($0.value.sha256)\n" }.joined()
  }

  /// How a runbook stands to its line.
  package enum Standing: Sendable, Equatable {
    case listed
    /// It has no line.
    case new
    /// Its version is greater than the one of its line.
    case newer(than: SemanticVersion)
    /// Same version, other bytes.
    case changed
    /// Its version is less than the one of its line.
    case older(than: SemanticVersion)

    /// Whether a line for it may be written.
    package var isWritable: Bool {
      switch self {
      case .listed, .new, .newer: true
      case .changed, .older: false
      }
    }
  }

  /// Compares a runbook with its line.
  package func standing(of name: String, _ entry: Entry) -> Standing {
    guard let known = entries[name] else { return .new }
    if known == entry { return .listed }
    if known.version == entry.version { return .changed }
    return known.version < entry.version ? .newer(than: known.version) : .older(than: known.version)
  }

  /// Writes a runbook's line; throws `runbook.version` when other bytes have this version or a greater one is listed.
  package mutating func update(_ name: String, _ entry: Entry) throws(CallFailure) {
    switch standing(of: name, entry) {
    case .listed, .new, .newer: entries[name] = entry
    case .changed:
      throw CallFailure(
        .invalid,
        code: "runbook.version",
        message: "\(name) changed, but its version is still \(entry.version)",
        hint: "raise `version`, then run `opsh lint --fix` again"
      )
    case .older(let known):
      throw CallFailure(
        .invalid,
        code: "runbook.version",
        message: "\(name) has version \(entry.version), but \(known) is listed",
        hint: "set `version` higher than \(known); versions only go up"
      )
    }
  }

  private static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}
