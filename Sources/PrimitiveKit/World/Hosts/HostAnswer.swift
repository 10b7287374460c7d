import Foundations

/// What a host answered to one read, or why it gave no answer.
struct HostAnswer: RecordedAnswer, Equatable {
  /// A host that gave no answer.
  struct Silence: Codable, Sendable, Equatable {
    enum Kind: String, Codable, Sendable { case unreachable, lost, timedOut = "timed_out" }

    var kind: Kind
    var reason: String?
    var hint: String?
    var seconds: Double?
  }

  var status: Int?
  var signal: String?
  var output: RecordedText?
  var errors: RecordedText?
  /// Bytes that were read and not kept; nil for none.
  var dropped: Int?
  var silence: Silence?

  init(_ result: CommandResult) {
    status = result.status
    signal = result.signal
    output = result.output.isEmpty ? nil : RecordedText(result.output)
    errors = result.errorOutput.isEmpty ? nil : RecordedText(result.errorOutput)
    dropped = result.dropped == 0 ? nil : result.dropped
  }

  /// Nil for what is no answer of the host: the caller's own doing.
  init?(_ error: TransportError) {
    switch error {
    case .unreachable(_, let reason, let hint): silence = Silence(kind: .unreachable, reason: reason, hint: hint)
    case .lost(_, let reason): silence = Silence(kind: .lost, reason: reason)
    case .timedOut(_, let after, let got):
      status = got?.status
      signal = got?.signal
      output = got.flatMap { $0.output.isEmpty ? nil : RecordedText($0.output) }
      errors = got.flatMap { $0.errorOutput.isEmpty ? nil : RecordedText($0.errorOutput) }
      dropped = got.flatMap { $0.dropped == 0 ? nil : $0.dropped }
      silence = Silence(kind: .timedOut, seconds: after.seconds)
    case .rejected, .readOnly, .notRecorded, .cancelled, .local, .tooLong: return nil
    }
  }

  /// A host prints what it prints, and nobody can tell an id in it: the operator reads a recording before it is shared.
  func masked(by masks: Masks) -> HostAnswer { self }

  /// The same answer again, without its duration.
  ///
  /// Throws what the host threw.
  func replay(host: String) throws(TransportError) -> CommandResult {
    switch silence?.kind {
    case .unreachable?: throw .unreachable(host: host, reason: silence?.reason ?? "", hint: silence?.hint)
    case .lost?: throw .lost(host: host, reason: silence?.reason ?? "")
    case .timedOut?:
      let got = output == nil && errors == nil ? nil : result
      throw .timedOut(host: host, after: .seconds(silence?.seconds ?? 0), got: got)
    case nil: return result
    }
  }

  private var result: CommandResult {
    CommandResult(
      status: status,
      signal: signal,
      output: output?.bytes ?? [],
      errorOutput: errors?.bytes ?? [],
      dropped: dropped ?? 0
    )
  }
}
