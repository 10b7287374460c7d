/// What is wrong with a data file, where, and how it should be.
package struct DataError: OperatorError, Equatable {
  /// The field, as it would be written in Lua: `hosts[3].address`.
  package let path: String
  package let expected: String
  package let got: String
  package let hint: String?
  package var location: SourcePlace?

  package init(path: String, expected: String, got: String, hint: String? = nil, location: SourcePlace? = nil) {
    self.path = path
    self.expected = expected
    self.got = got
    self.hint = hint
    self.location = location
  }

  package var failureClass: FailureClass { .invalid }
  package var code: String { "site.invalid" }

  package var message: String {
    let field = path.isEmpty ? "the site" : path
    let place = location.map { "\($0): " } ?? ""
    return "\(place)\(field): expected \(expected), got \(got)"
  }
}
