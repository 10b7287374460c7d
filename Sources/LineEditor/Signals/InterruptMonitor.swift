import CEditLine
import Foundation
import Synchronization

/// Watches Ctrl-C while something runs.
///
/// The signal handler only adds one to a descriptor; a thread of this monitor reads it and calls back. While installed
/// the signal kills nobody. One at a time a process.
package final class InterruptMonitor: Sendable {
  private let descriptor: Int32
  private let count = Mutex(0)
  private let isInstalled = Mutex(true)

  /// Installs the handler; `onPress` gets the number of presses so far, on the monitor's thread.
  ///
  /// With `countsEndings` SIGTERM and SIGHUP count as presses, unless the process was started with them ignored.
  /// Throws ``LineEditorError/interruptsTaken`` while another monitor is installed.
  package init(countsEndings: Bool = false, onPress: @escaping @Sendable (Int) -> Void) throws(LineEditorError) {
    // Checked before it is stored: with every property set, a throw would run deinit and remove the other monitor.
    let descriptor = opsh_interrupts_install(countsEndings)
    guard descriptor >= 0 else { throw .interruptsTaken }
    self.descriptor = descriptor
    let thread = Thread { [weak self] in
      // The thread owns the descriptor: it outlives the monitor until the end mark arrives.
      while true {
        let presses = opsh_interrupts_wait(descriptor)
        guard presses > 0, let self else { break }
        for _ in 0..<presses { onPress(self.add()) }
      }
      close(descriptor)
    }
    thread.name = "interrupts"
    thread.start()
  }

  deinit { remove() }

  /// The presses since the start or the last ``reset()``.
  package var presses: Int { count.withLock { $0 } }

  /// Counts from zero again, for the next thing that runs.
  package func reset() { count.withLock { $0 = 0 } }

  /// Puts the former meaning of Ctrl-C back; more calls do nothing.
  package func remove() {
    isInstalled.withLock { installed in
      guard installed else { return }
      installed = false
      opsh_interrupts_remove(descriptor)
    }
  }

  /// Installs a monitor whose presses arrive as a stream of counts; ending the stream removes it.
  ///
  /// Throws ``LineEditorError/interruptsTaken`` while another monitor is installed.
  package static func stream() throws(LineEditorError) -> AsyncStream<Int> {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    let monitor = try InterruptMonitor { continuation.yield($0) }
    continuation.onTermination = { _ in monitor.remove() }
    return stream
  }

  private func add() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}
