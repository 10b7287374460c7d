/// A value that a dry run cannot know, because it is the outcome of something that was not done.
package struct Unknown: Sendable, Equatable, Codable {
  /// Why it is not known yet, for example `what a command does is not known before it ran`.
  package var why: String
  /// What it would be part of, for example `fleet.exec.code`.
  package var origin: String

  package init(why: String, origin: String) {
    self.why = why
    self.origin = origin
  }

  /// The failure of a dry run that cannot continue without the value.
  ///
  /// `subject` says what needs it, for example `the next step` or `fleet.exec: 'command'`.
  package func failure(_ subject: String = "the next step") -> CallFailure {
    CallFailure(
      .failed,
      .unpredictable,
      code: "plan.inexact",
      message: "\(subject) depends on \(origin), which is known only after it happens: \(why)",
      hint: "use `unwrap(value, default)` to say what a plan should assume",
      ending: .planInexact
    )
  }
}

extension Value {
  /// The first unknown value in this one, itself included; fields are looked at in the order of their names.
  package var firstUnknown: Unknown? {
    switch self {
    case .unknown(let unknown): unknown
    case .array(let values): values.lazy.compactMap(\.firstUnknown).first
    case .table(let fields): fields.keys.sorted().lazy.compactMap { fields[$0]?.firstUnknown }.first
    case .null, .jsonNull, .bool, .int, .number, .string, .bytes, .set, .handle, .secret: nil
    }
  }
}

/// A place in a script where a dry run depends on a value that is not known yet.
package struct InexactPoint: Sendable, Equatable, Codable {
  /// File and line, such as `runbooks/deploy.lua:12`.
  package var place: String
  /// What was unknown, and how it was used.
  package var what: String
  /// What the script assumed instead; nil when the run stopped there.
  package var assumed: Value?

  package init(place: String, what: String, assumed: Value? = nil) {
    self.place = place
    self.what = what
    self.assumed = assumed
  }
}
