import PrimitiveKit

/// A pretend change of which nobody can say beforehand what comes of it.
struct Shot: PrimitiveKit.Operation {
  let word: String
  private var mark: Mark { Mark(host: "web1", word: word) }

  static let kind = "test.shot"
  static let isPredictable = false
  var target: OperationTarget { mark.target }
  var effect: Effect { .changes }
  var summary: String { "shoot \(word)" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> {
    .unknown(why: "nobody can say where it goes")
  }

  var restsOn: [PredictedWorld.Thing] { [] }

  func perform(in world: World) async throws(CallFailure) -> String { try await mark.perform(in: world) }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { try await mark.probe(in: world) }
  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? { nil }
}
