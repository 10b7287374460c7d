import Foundations
package import PrimitiveKit

import struct Foundation.Data

/// Runs a program of this machine that changes something.
///
/// What it does is known only once it has run, so a dry run does not run it. Nothing undoes it.
package struct RunProgram: Operation {
  package typealias Outcome = ProgramResult
  package static let kind = "program.run"

  package let words: [String]
  package let folder: String
  /// Seconds.
  package let timeout: Double
  package let limit: Int
  private let given: InternedText
  /// A digest of each variable: a value may be a secret, which no journal holds.
  private let digests: [String: String]
  /// Only in the process that was given them.
  private var variables: [String: String] = [:]

  private enum CodingKeys: String, CodingKey { case words, folder, timeout, limit, given, digests }

  package init(_ request: ProgramRequest) {
    (words, folder, limit) = (request.words, request.folder, request.limit)
    timeout = request.timeout.seconds
    given = InternedText(Data(request.input).base64EncodedString())
    variables = request.variables
    digests = request.variables.mapValues { SHA256(hashing: $0.utf8).hex }
  }

  private var request: ProgramRequest {
    var request = ProgramRequest(words: words, effect: .changes, folder: folder)
    request.input = Data(base64Encoded: given.text).map(Array.init) ?? []
    request.timeout = .seconds(timeout)
    request.variables = variables
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
    guard variables.count == digests.count else {
      throw CallFailure(
        .failed,
        code: "program.failed",
        message: "`\(request.name)` cannot be run again: its variables are not in the journal",
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
