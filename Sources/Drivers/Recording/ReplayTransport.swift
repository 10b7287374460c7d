package import PrimitiveKit
import Synchronization

/// Answers reads from a recording and refuses everything else: no host is reached.
package final class ReplayTransport: Transport {
  private struct State {
    /// How often a read was answered.
    var answered: [String: [ReadKey: Int]] = [:]
    var missing: [TransportError] = []
    var missed: Set<String> = []
  }

  private let directory: String
  private let reads: [String: [ReadKey: [RecordedAnswer]]]
  private let state = Mutex(State())

  /// `directory` is where the recording came from, for hints.
  package init(_ recording: Recording, directory: String) {
    self.directory = directory
    reads = recording.hosts.mapValues { reads in
      Dictionary(reads.map { (ReadKey($0), $0.answers) }, uniquingKeysWith: { $0 + $1 })
    }
  }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    guard request.effect == .reads else { throw .readOnly(host: host.name, command: request.line) }
    let key = ReadKey(request)
    guard let answers = reads[host.name]?[key], let last = answers.last else { throw miss(request, key, host.name) }
    let turn = state.withLock { state in
      let turn = state.answered[host.name]?[key] ?? 0
      state.answered[host.name, default: [:]][key] = turn + 1
      return turn
    }
    let result = try (turn < answers.count ? answers[turn] : last).replay(host: host.name)
    if let onLine = request.onLine {
      let lines = LineSplitter(sink: onLine)
      lines.feed(result.output)
      lines.finish()
    }
    return result
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    throw .readOnly(host: host.name, command: "write \(file.path)")
  }

  /// Fails when a read was not in the recording since the last check, also when a primitive took that for a host that
  /// does not answer.
  ///
  /// Throws the first `recording.missing`, with how many others there were.
  package func check() throws(CallFailure) {
    let missing = state.withLock { state in
      defer { (state.missing, state.missed) = ([], []) }
      return state.missing
    }
    guard let first = missing.first else { return }
    var failure = CallFailure(first)
    let others = missing.count - 1
    if others > 0 { failure.message += " (and \(others) other read\(others == 1 ? "" : "s"))" }
    throw failure
  }

  private func miss(_ request: CommandRequest, _ key: ReadKey, _ host: String) -> TransportError {
    let known = reads[host]
    let why =
      if known == nil {
        "no read of this host was recorded"
      } else if known?.keys.contains(where: { $0.command == key.command }) == true {
        "the command was recorded with another input: the host script or the text sent along has changed"
      } else {
        "this command was not recorded"
      }
    let error = TransportError.notRecorded(
      host: host,
      command: RecordedRead.shortened(request.line),
      why: why,
      hint: "record again where the fleet is reached: opsh --record \(directory) --dry-run … with the same arguments"
    )
    state.withLock { state in
      if state.missed.insert("\(host) \(key.command) \(key.input)").inserted { state.missing.append(error) }
    }
    return error
  }
}
