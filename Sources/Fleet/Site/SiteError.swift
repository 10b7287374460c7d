import PrimitiveKit

/// What is wrong with a site, where, and how it should be.
package struct SiteError: OperatorError, Equatable {
  /// A line of the site file.
  package struct Location: Equatable, Sendable {
    package let file: String
    /// Counted from 1.
    package let line: Int

    package init(file: String, line: Int) {
      self.file = file
      self.line = line
    }
  }

  /// The field, as it would be written in Lua: `hosts[3].address`.
  package let path: String
  package let expected: String
  package let got: String
  package let hint: String?
  package var location: Location?

  package init(path: String, expected: String, got: String, hint: String? = nil, location: Location? = nil) {
    self.path = path
    self.expected = expected
    self.got = got
    self.hint = hint
    self.location = location
  }

  package var code: String { "site.invalid" }

  package var message: String {
    let field = path.isEmpty ? "the site" : path
    let place = location.map { "\($0.file):\($0.line): " } ?? ""
    return "\(place)\(field): expected \(expected), got \(got)"
  }
}
