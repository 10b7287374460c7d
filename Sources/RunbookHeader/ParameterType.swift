package import PrimitiveKit

/// What the value of a runbook's parameter may be.
package struct ParameterType: Sendable, Equatable, CustomStringConvertible {
  /// What one value is.
  package enum Kind: String, Sendable, CaseIterable {
    case string, integer, number, boolean
    /// A length of time; bound as seconds.
    case duration
    /// A set of hosts, as text.
    case hosts
    /// A set of bots, as text.
    case bots
    case image
    /// `sha256:` and 64 hexadecimal digits.
    case digest
    /// The name of a run.
    case run
    case speed
    /// Why something is done: a text that is not blank.
    case reason
    /// A system of the site, by name; code gets the system itself.
    case system
    /// A secret of the site, by name; code gets the secret, never its value.
    case secret
  }

  package let kind: Kind
  /// Whether the value is a list of such values.
  package let isList: Bool

  package init(_ kind: Kind, isList: Bool = false) {
    self.kind = kind
    self.isList = isList
  }

  /// Reads `integer`, `list of integers`, or `list`, which is one of strings; nil when it is no type.
  package init?(_ text: String) {
    let prefix = "list of "
    guard text != "list" else {
      self.init(.string, isList: true)
      return
    }
    let word = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    let isList = word != text
    let singular = isList && word.hasSuffix("s") ? String(word.dropLast()) : word
    guard let kind = Kind(rawValue: word) ?? Kind(rawValue: singular) else { return nil }
    self.init(kind, isList: isList)
  }

  package var description: String { isList ? "list of \(kind.rawValue)" : kind.rawValue }

  /// The names of all types, for a hint.
  static var names: [String] { Kind.allCases.map(\.rawValue) + ["list"] }

  /// Where completion takes candidates from when the parameter does not say.
  package var completion: Completion {
    switch kind {
    case .hosts: .hosts
    case .bots: .selectors
    case .image: .images
    case .system: .named("systems")
    case .secret: .named("secrets")
    case .boolean: .choices(["false", "true"])
    default: .none
    }
  }

  /// Whether `min` and `max` mean something: for a list they count its elements.
  var isOrdered: Bool { isList || [.integer, .number, .duration].contains(kind) }
}
