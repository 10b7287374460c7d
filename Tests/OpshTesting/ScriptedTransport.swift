package import PrimitiveKit
import Synchronization

/// A transport whose answers a test gives, and which remembers what was asked.
package final class ScriptedTransport: Transport {
  /// Answers one command; runs outside any lock, so it may wait.
  package typealias Answer =
    @Sendable (CommandRequest, HostAddress) async throws(TransportError) -> CommandResult

  /// Something that was asked of a host.
  package struct Sent: Sendable, Equatable {
    /// The host's name.
    package let host: String
    /// The command line; the path for a file.
    package let line: String
    /// Standard input, or the content of the file.
    package let input: [UInt8]
    /// What the command may do; `changes` for a file.
    package let effect: Effect
    /// Whether it was a file.
    package let isFile: Bool
  }

  private let answer: Answer
  private let record = Mutex<[Sent]>([])

  package init(_ answer: @escaping Answer) { self.answer = answer }

  /// Everything asked so far, in order.
  package var sent: [Sent] { record.withLock { $0 } }

  /// Everything asked so far that may change something.
  package var changes: [Sent] { sent.filter { $0.effect != .reads } }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    let sent = Sent(host: host.name, line: request.line, input: request.input, effect: request.effect, isFile: false)
    record.withLock { $0.append(sent) }
    return try await answer(request, host)
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    let sent = Sent(host: host.name, line: file.path.plain, input: file.content, effect: .changes, isFile: true)
    record.withLock { $0.append(sent) }
  }
}

extension CommandResult {
  /// A command that ended by itself with this output.
  package static func ended(_ status: Int = 0, _ output: String = "", error: String = "") -> CommandResult {
    CommandResult(status: status, output: Array(output.utf8), errorOutput: Array(error.utf8))
  }
}
