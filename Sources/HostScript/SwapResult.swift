/// The final word on one bot (or, with the name `-`, on a pull), from a `result` line.
package struct SwapResult: Sendable, Equatable {
  /// How it ended.
  package enum Outcome: String, Sendable {
    case swapped, unchanged
    case rolledBack = "rolled_back"
    /// Not changed, for the reason in `detail`.
    case failed
    /// Nothing of this bot runs.
    case down
    case started, stopped, restarted
    /// The change met a stop mark: nothing runs, on purpose.
    case stoppedBy = "stopped_by"
    /// A latch forbids the change, which was not begun: the bot is as it was.
    case refused
    /// Of a stop mark.
    case lifted
    /// Of `pull`: fetched now, or there already.
    case pulled, present
  }

  /// The bot's name.
  package let bot: String
  /// How it ended.
  package let outcome: Outcome
  /// The name of the image it runs now.
  package let image: String
  /// `sha256:…` of what the bot runs now.
  package let digest: String
  /// How long it took on the host.
  package let seconds: Double
  /// The old process outlived the stop grace and was killed; its orders may still be open (R1-38).
  package let wasKilled: Bool
  /// It was not running, and was left so on purpose.
  package let isStill: Bool
  /// Why, where something went wrong.
  package let detail: String?
  /// `sha256:…` of what a swapped bot was before; `nil` when there was none.
  package let before: String?
  /// The last lines of the version that failed.
  package let log: String?

  /// Reads a `result` line.
  ///
  /// - Throws: `HostScriptError` naming the field that is missing or wrong.
  package init(_ line: HostLine) throws(HostScriptError) {
    guard line.kind == .result else { throw .malformedLine(line.text) }
    guard let outcome = Outcome(rawValue: try line.required("outcome")) else {
      throw .badField("outcome", line: line.text)
    }
    guard let seconds = Double(try line.required("seconds")) else { throw .badField("seconds", line: line.text) }
    bot = line.subject
    self.outcome = outcome
    self.seconds = seconds
    image = try line.required("image")
    digest = try line.required("digest")
    wasKilled = line["killed"] == "yes"
    isStill = line["still"] == "yes"
    detail = line["detail"]
    log = line["log"]
    before = line["from"]
  }
}
