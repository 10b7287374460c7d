import Foundation
import Foundations
import Glibc
package import PrimitiveKit
import Subprocess

/// Runs programs of this machine.
package struct MachinePrograms: LocalPrograms {
  private let environment: [String: String]

  /// `environment` is what programs inherit.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }

  package func run(_ request: ProgramRequest) async throws(CallFailure) -> ProgramEnding {
    let variables = environment.merging(request.variables) { _, given in given }
    var child = Subprocess(
      path: try path(of: request, search: variables["PATH"] ?? MachinePrograms.search),
      arguments: Array(request.words.dropFirst()),
      environment: variables
    )
    child.folder = request.folder
    child.input = request.input
    child.timeout = request.timeout
    child.outputLimit = request.limit
    child.floodLimit = request.limit
    child.leavesTerminal = true
    // What it leaves running in the background is not waited for.
    child.drain = .seconds(1)
    let elapsed = ContinuousClock().stopwatch()
    let ending: Subprocess.Ending
    do {
      ending = try await child.run()
    } catch {
      throw failure(request, "cannot be started: \(LocalFault(error.code)?.reason ?? error.reason)", .failed)
    }
    if ending.cancelled { throw cut(request, "was stopped by the operator", .cancelled, .cancelled) }
    if ending.timedOut {
      throw cut(request, "did not finish within \(request.timeout.limit) and was stopped", .failed, .timedOut)
    }
    if ending.dropped > 0 {
      let limit = "printed more than \(request.limit) bytes and was stopped"
      throw cut(request, limit, .failed, nil, hint: "pass a higher `limit`, or let it print less")
    }
    return ProgramEnding(
      status: ending.status.map(Int.init),
      signal: ending.signal.map(Int.init),
      output: ending.output,
      errorOutput: ending.errorOutput,
      seconds: elapsed().seconds
    )
  }

  /// The file of the program; throws `program.missing` and `program.folder`.
  private func path(of request: ProgramRequest, search: String) throws(CallFailure) -> String {
    guard MachinePrograms.isDirectory(request.folder) else {
      throw failure(request, "cannot be started in \(request.folder): there is no such directory", .failed)
    }
    let word = request.words.first ?? ""
    if word.contains("/") {
      let path = ScriptFolder.joining(request.folder, word)
      guard access(path, F_OK) == 0 else { throw failure(request, "does not exist: \(path)", .failed) }
      guard access(path, X_OK) == 0, !MachinePrograms.isDirectory(path) else {
        throw failure(
          request,
          "cannot be run: \(path) is not an executable file",
          .failed,
          hint: "`chmod +x` makes it one"
        )
      }
      return path
    }
    if let path = MachinePrograms.find(word, search) { return path }
    throw failure(
      request,
      "is not installed on this machine",
      .failed,
      hint: "no directory of the PATH has it: \(search)"
    )
  }

  /// Where programs are looked for without a PATH.
  private static let search = "/usr/local/bin:/usr/bin:/bin"

  /// The file of a program that is named without a slash; nil where no directory of the PATH has it.
  static func find(_ name: String, _ path: String = ProcessInfo.processInfo.environment["PATH"] ?? search) -> String? {
    path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 && !isDirectory($0) }
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func failure(
    _ request: ProgramRequest,
    _ what: String,
    _ failureClass: FailureClass,
    _ mark: FailureMark? = nil,
    hint: String? = nil
  ) -> CallFailure {
    CallFailure(failureClass, mark, code: "program.failed", message: "`\(request.name)` \(what)", hint: hint)
  }

  /// The failure of a program that did not come to its end: what it changed until then stays.
  private func cut(
    _ request: ProgramRequest,
    _ what: String,
    _ failureClass: FailureClass,
    _ mark: FailureMark?,
    hint: String? = nil
  ) -> CallFailure {
    guard request.effect != .reads else { return failure(request, what, failureClass, mark, hint: hint) }
    return failure(request, "\(what); what it had changed by then stays changed", .unknownOutcome, mark, hint: hint)
  }
}
