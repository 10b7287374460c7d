import Foundations
package import PrimitiveKit

/// Runs a program of this machine that changes something.
///
/// What it does is known only once it has run, so a dry run does not run it. Nothing undoes it. Its standard input and the
/// values of its variables may be secrets: they stay in the process that was given them.
package struct RunProgram: Operation {
  package typealias Outcome = ProgramResult
  package static let kind = "program.run"

  package let words: [String]
  package let place: LocalPath
  /// Seconds.
  package let timeout: Double
  package let limit: Int
  /// The size of its standard input; no digest, for a short secret is found by trying.
  package let inputBytes: Int
  /// The names of its variables.
  package let variables: [String]
  /// Nil where it was read from a journal.
  private var given: ProgramRequest?

  private enum CodingKeys: String, CodingKey { case words, place, timeout, limit, inputBytes, variables }

  package init(_ request: ProgramRequest) {
    (words, place, limit) = (request.words, request.place, request.limit)
    timeout = request.timeout.seconds
    inputBytes = request.input.count
    variables = request.variables.keys.sorted()
    given = request
  }

  /// What is run, as far as it is known.
  private var request: ProgramRequest {
    if let given { return given }
    var request = ProgramRequest(words: words, effect: .changes, in: place)
    request.timeout = .seconds(timeout)
    request.limit = limit
    return request
  }

  package var target: OperationTarget {
    OperationTarget(kind: PredictedWorld.Thing.machine.kind, name: request.name, scopes: [])
  }
  package var effect: Effect { .changes }
  package var summary: String {
    let line = request.line
    return "run \(line.count > 200 ? "\(line.prefix(199))…" : line) on this machine"
  }

  package static var isPredictable: Bool { false }
  package var restsOn: [PredictedWorld.Thing] { [] }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<ProgramResult> {
    .unknown(why: RunProgram.why)
  }

  static let why = "the effect of a program is not known until it has run"

  /// A program may have changed anything on this machine.
  package func leave(_ outcome: ProgramResult?, in world: PredictedWorld, why: String) {
    world.lose(.machine, why: why)
  }

  package func perform(in world: World) async throws(CallFailure) -> ProgramResult {
    guard given != nil || inputBytes == 0 && variables.isEmpty else {
      throw CallFailure(
        .failed,
        code: "program.failed",
        message: "`\(request.name)` cannot be run again: its input and variables are not in the journal",
        hint: "run the script again"
      )
    }
    return ProgramResult(try await world.service(Programs.self).run(request))
  }

  /// Nothing says whether a program that was started came to its end.
  package func probe(in world: World) async throws(CallFailure) -> Probe<ProgramResult> {
    .unknown(why: "nothing on this machine says whether `\(request.name)` came to its end")
  }

  package func inverse(of outcome: ProgramResult) -> (any Operation)? { nil }

  package func shortfall(in outcome: ProgramResult) -> CallFailure? { outcome.failure(of: request.name) }
}
