import Foundation
import Glibc

/// Runs one program in its own process group and collects what it prints.
///
/// Each run has a thread of its own, so a slow program blocks nobody else.
package struct Subprocess: Sendable {
  package var path: String
  package var arguments: [String]
  /// The whole environment; nil inherits.
  package var environment: [String: String]?
  package var input: [UInt8] = []
  /// The directory it starts in; nil is ours.
  package var folder: String?
  /// The process group is ended when this has passed, whether or not the program still holds its pipes.
  package var timeout: Duration?
  /// How long a group that is asked to end may take, before it is killed.
  package var grace: Duration = .seconds(2)
  /// How long output is still read once the program has ended and what it started holds the pipes; nil waits for its end.
  package var drain: Duration?
  /// How much of each stream is kept, in bytes.
  package var outputLimit = 1 << 20
  /// The group is killed when a stream exceeds this, in bytes.
  package var floodLimit = 64 << 20
  /// Whether it runs apart from our terminal: a program that would ask there for a passphrase fails instead of hanging.
  package var leavesTerminal = false
  /// Called with each piece of standard output as it arrives.
  package var onOutput: (@Sendable ([UInt8]) -> Void)?

  package init(path: String, arguments: [String], environment: [String: String]? = nil) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }

  /// How a program ended.
  package struct Ending: Sendable, Equatable {
    /// Nil when a signal ended it; both are nil for one that outlives SIGKILL, in a system call that does not end.
    package var status: Int32?
    package var signal: Int32?
    package var output: [UInt8] = []
    package var errorOutput: [UInt8] = []
    package var dropped = 0
    package var timedOut = false
    package var cancelled = false
    /// Whether the program has ended and what it started still held its pipes.
    package var leftRunning = false
  }

  /// Runs to the end; cancelling the task ends the process group, with SIGTERM and after the grace with SIGKILL.
  ///
  /// Throws `SubprocessError` when the program cannot be started.
  package func run() async throws(SubprocessError) -> Ending {
    let child = try Child.start(self)
    let ending = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread {
          var collector = Collector(child)
          continuation.resume(returning: collector.collect())
        }
        thread.name = "opsh.child"
        thread.stackSize = 256 << 10
        thread.start()
      }
    } onCancel: {
      child.cancel()
    }
    return ending
  }
}

/// Why a program could not be started.
package struct SubprocessError: Error, Sendable, Equatable {
  package let path: String
  /// The value of errno.
  package let code: Int32

  /// The system's words for the error.
  package var reason: String { String(cString: strerror(code)) }
}
