/// A measurement that can be taken, and how it is judged.
package struct Check: Sendable {
  /// Takes the measurement; answers one, or one for each subject.
  package typealias Measure = @Sendable (CheckCall) async throws(CallFailure) -> [Measured]

  package let declaration: CheckDeclaration
  /// Whose code measures and where it stands, for messages; nil for a check of opsh or of the site.
  package let origin: (@Sendable () -> String)?
  /// How long others have kept the thread that its code runs on, by plugin; nil for a check that waits for nobody.
  package let keptByOthers: (@Sendable () -> [String: Duration])?
  package let measure: Measure
  /// Whether only sites that name it, under `checks` or `gates`, have it: what is no fault everywhere.
  package let isOptional: Bool
  /// The prefix of the unknown checks that this one stands for; nil for a check of its own.
  package let standsFor: String?

  package init(
    _ declaration: CheckDeclaration,
    isOptional: Bool = false,
    standsFor: String? = nil,
    origin: (@Sendable () -> String)? = nil,
    keptByOthers: (@Sendable () -> [String: Duration])? = nil,
    measure: @escaping Measure
  ) {
    self.declaration = declaration
    self.isOptional = isOptional
    self.standsFor = standsFor
    self.origin = origin
    self.keptByOthers = keptByOthers
    self.measure = measure
  }
}

/// What a check measures with.
package struct CheckCall: Sendable {
  /// The world in them may be that of a dry run: a check only reads.
  package let surroundings: Surroundings
  /// How long it may take.
  package let deadline: Duration

  package init(_ surroundings: Surroundings, within deadline: Duration) {
    self.surroundings = surroundings
    self.deadline = deadline
  }
}

/// What a check measured.
package struct Measured: Sendable, Equatable {
  /// Nil without a value, for example because no rows were found: UNKNOWN, never green.
  package var value: Double?
  /// The most that it can be, where it is only known to within bounds; nil where it is exact.
  package var most: Double?
  /// What the value was read from, for whoever asks why.
  package var evidence: Value
  /// When it was true, in seconds since 1970; nil for the moment the check was asked.
  package var at: Double?
  /// What it is about, for example a host; nil for a check about one thing.
  package var subject: String?
  /// Why there is no value.
  package var note: String

  package init(
    _ value: Double?,
    evidence: Value = .null,
    at: Double? = nil,
    subject: String? = nil,
    note: String = ""
  ) {
    self.value = value
    self.evidence = evidence
    self.at = at
    self.subject = subject
    self.note = note
  }
}

/// What a check found.
package enum CheckLevel: String, Sendable, Codable, CaseIterable {
  case ok = "OK"
  case warn = "WARN"
  case bad = "BAD"
  /// Not known, which is never green.
  case unknown = "UNKNOWN"

  /// The higher, the sooner somebody should look.
  package var rank: Int {
    switch self {
    case .ok: 0
    case .warn: 1
    case .unknown: 2
    case .bad: 3
    }
  }

  /// The worst of several; UNKNOWN for none, because nothing was measured.
  package static func worst(_ levels: some Sequence<CheckLevel>) -> CheckLevel {
    levels.max { $0.rank < $1.rank } ?? .unknown
  }
}
