package import PrimitiveKit

/// Something wrong in the header of a runbook.
package struct HeaderProblem: Sendable, Equatable {
  /// What kind of mistake it is.
  package enum Kind: Sendable {
    /// A field that has to be there is not.
    case missing
    /// There is no such field.
    case unknown
    /// The value is not what it should be.
    case wrong
  }

  package let kind: Kind
  /// The field, as it would be written in Lua: `params[2].type`.
  package let path: String
  package let message: String
  package let hint: String?
  package internal(set) var place: SourcePlace?

  /// As the failure of whoever wanted the header, `runbook.header`.
  package var failure: CallFailure {
    let prefix = place.map { "\($0): " } ?? ""
    let hint = hint ?? place.map { "run `opsh lint \($0.file)` to see everything that is wrong" }
    return CallFailure(.invalid, code: "runbook.header", message: prefix + message, hint: hint)
  }
}

/// Collects what is wrong while a header is read.
final class HeaderProblems {
  private(set) var list: [HeaderProblem] = []

  func add(_ kind: HeaderProblem.Kind, _ path: String, _ message: String, hint: String? = nil) {
    let subject = path.isEmpty ? "the runbook" : path
    list.append(HeaderProblem(kind: kind, path: path, message: "\(subject): \(message)", hint: hint))
  }
}
