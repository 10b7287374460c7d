/// A change as a value: it can be planned, performed, looked up after a crash and undone (DESIGN section 5).
package protocol Operation: Codable, Sendable {
  associatedtype Outcome: ValueConvertible & Codable

  /// A stable, dotted name, for example `bots.swap`: it is what a journal stores.
  static var kind: String { get }
  /// Whether performing it again under the same ticket cannot do it twice, because the target attaches to the first.
  static var isRepeatable: Bool { get }
  /// Whether its outcome can be predicted at all, in whatever case.
  static var isPredictable: Bool { get }
  /// How it gets to its target: what is of the stop lane needs no scopes, no approval and no confirmation.
  static var lane: Lane { get }
  /// What it acts on, and what must be held to do it.
  var target: OperationTarget { get }
  var effect: Effect { get }
  /// The line in the plan.
  var summary: String { get }
  /// What it does, wherever: operations that do the same to different things share one line of a plan.
  var act: String { get }

  /// The same with the names by which a site offers the releases that it puts in place.
  func act(naming releases: OfferedReleases) -> String
  /// What a plan says beside the summary once it was predicted: what it replaces; nil if that adds nothing.
  func comment(on predicted: Outcome) -> String?
  /// Says what performing it would answer; reads only.
  func predict(in world: World) async throws(CallFailure) -> Prediction<Outcome>
  /// What its prediction looks at: where a change before it leaves that unknown, so is what it would answer.
  var restsOn: [PredictedWorld.Thing] { get }
  /// Tells a plan what it would leave behind; `outcome` is the predicted one, nil where that is unknown.
  func leave(_ outcome: Outcome?, in world: PredictedWorld, why: String)
  /// Performs it and verifies its own effect before returning.
  func perform(in world: World) async throws(CallFailure) -> Outcome
  /// Finds out after a crash whether it happened; reads only.
  func probe(in world: World) async throws(CallFailure) -> Probe<Outcome>
  /// What undoes it; nil means irreversible, and the plan says so.
  func inverse(of outcome: Outcome) -> (any Operation)?
  /// Everything that undoes it, the first first, where one operation cannot.
  func inverses(of outcome: Outcome) -> [any Operation]
  /// What must be in place before it is performed as an inverse, such as a script on its host; nil for nothing.
  var preparation: (any Operation)? { get }
  /// Whether it left everything as it was, so that there is nothing to undo.
  func leftAsFound(by outcome: Outcome) -> Bool
  /// Whether it ended and nobody can say of a part of it whether it changed, so that what undoes it may leave that part.
  func leftInDoubt(by outcome: Outcome) -> Bool
  /// Why its outcome is not what was asked for, naming what it failed on; nil when it is.
  ///
  /// Whoever undoes a change relies on it: an operation that returns is not yet one that succeeded.
  func shortfall(in outcome: Outcome) -> CallFailure?
  /// Why it could not be done as things are, in words; nil where nothing is in its way, or a look cannot tell. Reads only.
  func obstacle(in world: World) async throws(CallFailure) -> String?
  /// What is no longer as it left it, in words; nil while all of it is, and where a look cannot tell. Reads only.
  func lapse(in world: World) async throws(CallFailure) -> String?
  /// What its outcome says against the release that it puts in place, in words; nil when nothing.
  func verdict(of outcome: Outcome) -> String?
  /// The release it puts in place; nil when it is about something else.
  var release: ReleaseReference? { get }
  /// Whether it goes back to what ran before: undoing it is no verdict on its release.
  var isRestoring: Bool { get }
  /// The bots that it changes; empty where it is about something else.
  var bots: [String] { get }
  /// The bots that it starts, or may start.
  var started: [String] { get }
  /// Whether it does nothing but stop: that is never held back.
  var isStop: Bool { get }
  /// Its place among changes of one step that come one after the other; nil where they go beside each other.
  ///
  /// What undoes them keeps them apart, the last first.
  var turn: Int? { get }
  /// What must be typed before it is done, where it is a database or more than a change; nil asks for `yes`.
  var stake: Stake? { get }
  /// Whether what happened is what was predicted; leaves out what nobody can predict, such as seconds.
  static func agree(_ predicted: Outcome, _ actual: Outcome) -> Bool
}

extension Operation {
  package var act: String { summary }
  package func act(naming releases: OfferedReleases) -> String { act }
  package func obstacle(in world: World) async throws(CallFailure) -> String? { nil }
  package var preparation: (any Operation)? { nil }
  package func inverses(of outcome: Outcome) -> [any Operation] { inverse(of: outcome).map { [$0] } ?? [] }
  package func comment(on predicted: Outcome) -> String? { nil }
  package var restsOn: [PredictedWorld.Thing] { [PredictedWorld.Thing(target)] }
  /// What an operation does not tell, the next one on its target does not know.
  package func leave(_ outcome: Outcome?, in world: PredictedWorld, why: String) {
    world.lose(PredictedWorld.Thing(target), why: why)
  }
  package func leftAsFound(by outcome: Outcome) -> Bool { false }
  package func leftInDoubt(by outcome: Outcome) -> Bool { false }
  package func shortfall(in outcome: Outcome) -> CallFailure? { nil }
  package func lapse(in world: World) async throws(CallFailure) -> String? { nil }
  package func verdict(of outcome: Outcome) -> String? { nil }
  package var release: ReleaseReference? { nil }
  package var isRestoring: Bool { false }
  package var bots: [String] { [] }
  package var started: [String] { [] }
  package var isStop: Bool { false }
  package var turn: Int? { nil }
  package var stake: Stake? { nil }
  package static var isRepeatable: Bool { false }
  package static var isPredictable: Bool { true }
  package static var lane: Lane { .ordinary }
  package static func agree(_ predicted: Outcome, _ actual: Outcome) -> Bool { predicted.value == actual.value }
}

/// A version of something that can be deployed.
package struct ReleaseReference: Sendable, Codable, Equatable {
  package let name: String
  /// `sha256:` and 64 hexadecimal digits.
  package let digest: String

  package init(name: String, digest: String) {
    self.name = name
    self.digest = digest
  }
}

/// What performing an operation would answer.
package enum Prediction<Outcome: Sendable>: Sendable {
  case exact(Outcome)
  case unknown(why: String)
}

/// The outcome of an operation that was in flight.
package enum Probe<Outcome: Sendable>: Sendable {
  case done(Outcome)
  /// It came to an end, and performing it would have thrown this.
  case failed(CallFailure)
  case notDone
  case unknown(why: String)
}

/// How an operation gets to its target (DESIGN section 6).
package enum Lane: String, Sendable, Codable {
  /// Through admission, the locks of its scopes and the journal.
  case ordinary
  /// For stopping, aborting and killing: no lock, no epoch, no approval and no journal may stand in the way.
  case stop
}
