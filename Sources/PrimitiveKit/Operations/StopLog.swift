/// Records what the stop lane does, and never holds it up.
package protocol StopLog: Sendable {
  /// Opens the record of a call; it is written beside the work, not before it.
  func begin(_ request: RunRequest, id: String) async -> any StopEntry

  /// The whole id of a run that is named by a part of it, as the journal has it.
  ///
  /// A whole id needs no journal. Throws `run.not_found` and `run.ambiguous`, both naming candidates.
  func wholeID(of run: String) async throws(CallFailure) -> String
}

/// The record of one call of the stop lane.
package protocol StopEntry: Sendable {
  /// Where the operations of the call are recorded; never fails.
  var record: any RunRecord { get }
  /// How they are written.
  var coding: OperationCoding { get }

  /// Closes the record; answers what to tell the operator: where it is when the journal does not have it.
  ///
  /// `note` is what its calls noted where it did not fail, `changes` how many of its operations changed something.
  func end(_ failure: CallFailure?, _ note: ExitNote, changes: Int) async -> [String]
}

/// Writes nothing down: for tests, and where there is no site.
package struct NoStopLog: StopLog {
  private struct Entry: StopEntry {
    let record: any RunRecord = NoRecord()
    let coding = OperationCoding()
    func end(_ failure: CallFailure?, _ note: ExitNote, changes: Int) async -> [String] { [] }
  }

  package init() {}
  package func begin(_ request: RunRequest, id: String) async -> any StopEntry { Entry() }
  package func wholeID(of run: String) async throws(CallFailure) -> String {
    guard RunID.isWhole(run) else { throw RunID.partial(run, why: "there is no journal to look it up in") }
    return run
  }
}

extension RunID {
  /// Whether a text is the whole id of a run.
  package static func isWhole(_ text: String) -> Bool {
    text.wholeMatch(of: #/[0-9]{8}-[0-9]{6}-[0-9a-f]{8}/#) != nil
  }

  /// The failure of a run that is named by a part of its id where nobody can say which it is.
  package static func partial(_ run: String, why: String) -> CallFailure {
    CallFailure(
      .invalid,
      code: "run.not_found",
      message: "'\(run)' is not a full run id: \(why)",
      hint: "give the full id, such as 20261121-114502-6ca32b16; opsh printed it when the run started"
    )
  }
}
