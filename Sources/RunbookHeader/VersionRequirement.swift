/// Which versions will do, for example `>=0.1` or `>=1.2, <2`.
package struct VersionRequirement: Sendable, Equatable, CustomStringConvertible {
  /// How a version is compared with the one that is written.
  enum Sign: String, CaseIterable {
    // The longer signs first: `>` also begins `>=`.
    case atLeast = ">="
    case atMost = "<="
    case more = ">"
    case less = "<"
    case equal = "="
  }

  private struct Bound: Equatable {
    let sign: Sign
    let version: SemanticVersion
  }

  package let description: String
  private let bounds: [Bound]

  /// Reads bounds with commas between them; a version without sign means at least that one.
  ///
  /// Parts that are left out are 0. Nil when it is anything else.
  package init?(_ text: String) {
    var bounds: [Bound] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = part.trimmingPrefix { $0 == " " }
      let sign = Sign.allCases.first { word.hasPrefix($0.rawValue) }
      let rest = word.dropFirst(sign?.rawValue.count ?? 0).split(separator: " ")
      guard rest.count == 1, let numbers = SemanticVersion.numbers(in: rest[0]), numbers.count <= 3 else { return nil }
      let padded = numbers + Array(repeating: 0, count: 3 - numbers.count)
      bounds.append(Bound(sign: sign ?? .atLeast, version: SemanticVersion(padded[0], padded[1], padded[2])))
    }
    self.bounds = bounds
    description = text
  }

  /// Whether a version will do.
  package func accepts(_ version: SemanticVersion) -> Bool {
    bounds.allSatisfy { bound in
      switch bound.sign {
      case .atLeast: version >= bound.version
      case .atMost: version <= bound.version
      case .more: version > bound.version
      case .less: version < bound.version
      case .equal: version == bound.version
      }
    }
  }
}
