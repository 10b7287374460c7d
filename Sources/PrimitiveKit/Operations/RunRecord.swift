/// Where one live run is recorded; every call returns only when its words are durable.
package protocol RunRecord: Sendable {
  /// Records what is about to be sent.
  ///
  /// Throws `journal.*` when it cannot be written and `lock.lost` when the run's lease is not live: nothing must be sent.
  func intend(_ intent: OperationIntent) async throws(CallFailure)

  /// Records how an operation ended.
  func settle(_ key: String, _ end: OperationEnd) async throws(CallFailure)

  /// Keeps an answer that a resumed run must get again; `json` is its text.
  func keep(_ json: String, of key: String) async throws(CallFailure)
}

/// What is recorded of an operation before it is sent; what its end adds is told apart on each side of the journal.
package struct OperationIntent: Sendable, Equatable, Codable {
  package let key: String
  /// The path of the step; empty outside steps.
  package let step: String
  package let kind: String
  package let target: OperationTarget
  package let effect: Effect
  package let summary: String
  /// The operation as JSON.
  package let text: String
  /// That it is sent with; nil where nothing is locked, and until it is known.
  package var epoch: Int?

  package init(
    key: String,
    step: String,
    kind: String,
    target: OperationTarget,
    effect: Effect,
    summary: String,
    text: String,
    epoch: Int?
  ) {
    self.key = key
    self.step = step
    self.kind = kind
    self.target = target
    self.effect = effect
    self.summary = summary
    self.text = text
    self.epoch = epoch
  }

  init<Change: Operation>(key: String, _ operation: EncodedOperation<Change>, step: String, epoch: Int? = nil) {
    self.key = key
    self.step = step
    kind = Change.kind
    target = operation.change.target
    effect = operation.change.effect
    summary = operation.change.summary
    text = operation.text
    self.epoch = epoch
  }
}

/// What adds its outcome to an operation's intent.
package protocol IntentHolding {
  /// What was recorded before it was sent.
  var intent: OperationIntent { get }
}

extension IntentHolding {
  /// Stable within the run: step, kind, target and content.
  package var key: String { intent.key }
  /// The path of the step it was performed in; empty outside steps.
  package var step: String { intent.step }
  package var kind: String { intent.kind }
  package var target: OperationTarget { intent.target }
  package var effect: Effect { intent.effect }
  package var summary: String { intent.summary }
  /// The operation as JSON.
  package var text: String { intent.text }
}

/// How an operation ended.
package enum OperationEnd: Sendable, Equatable, Codable {
  /// Done, with the outcome as JSON and what would undo it; adopted when a resumed run found it done.
  case done(outcome: String, inverse: StoredOperation?, isAdopted: Bool)
  case failed(CallFailure)
  /// It may have happened.
  case unknown(CallFailure)
  /// A look at its target found that it did not happen.
  case notDone
}

/// An operation as text that `OperationCoding` reads again.
package struct StoredOperation: Sendable, Equatable {
  package let kind: String
  /// JSON.
  package let text: String
  package let summary: String
  package let target: OperationTarget
  /// The long texts that it refers to, as far as they were asked for; not written.
  package var texts = HeldTexts()
  /// Those that belong to it, after it; none but for an inverse of several operations.
  package var also: [StoredOperation] = []

  package init(kind: String, text: String, summary: String, target: OperationTarget, texts: HeldTexts = HeldTexts()) {
    self.kind = kind
    self.text = text
    self.summary = summary
    self.target = target
    self.texts = texts
  }
}

extension StoredOperation: Codable {
  private enum Field: String, CodingKey { case kind, text, summary, target, host, also }

  /// Reads journals of schema 1, too, which kept only the host.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    self.init(
      kind: try fields.decode(String.self, forKey: .kind),
      text: try fields.decode(String.self, forKey: .text),
      summary: try fields.decode(String.self, forKey: .summary),
      target: try fields.decodeIfPresent(OperationTarget.self, forKey: .target)
        ?? .host(try fields.decode(String.self, forKey: .host))
    )
    also = try fields.decodeIfPresent([StoredOperation].self, forKey: .also) ?? []
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(kind, forKey: .kind)
    try fields.encode(text, forKey: .text)
    try fields.encode(summary, forKey: .summary)
    try fields.encode(target, forKey: .target)
    // One by itself is recorded as it always was.
    if !also.isEmpty { try fields.encode(also, forKey: .also) }
  }
}

/// What earlier processes of a run left in its record.
package struct RunReplay: Sendable {
  /// What is recorded of one operation.
  package enum Past: Sendable, Equatable {
    /// The outcome as JSON.
    case done(String)
    case failed(CallFailure)
    /// Sent, or about to be: nobody wrote down the end.
    case open
    /// An operator found that it happened; nobody wrote down with what outcome.
    case happened
    /// An operator, or a look at its target, found that it did not happen.
    case notDone
  }

  /// By operation key.
  package var operations: [String: Past] = [:]
  /// Kept answers as JSON, by key.
  package var reads: [String: String] = [:]
  /// The long texts that these refer to.
  package var texts = HeldTexts()

  package init(operations: [String: Past] = [:], reads: [String: String] = [:]) {
    self.operations = operations
    self.reads = reads
  }
}

/// Writes nothing down: for dry runs, and for tests of other things.
package struct NoRecord: RunRecord {
  package init() {}
  package func intend(_ intent: OperationIntent) async throws(CallFailure) {}
  package func settle(_ key: String, _ end: OperationEnd) async throws(CallFailure) {}
  package func keep(_ json: String, of key: String) async throws(CallFailure) {}
}
