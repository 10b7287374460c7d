import PrimitiveKit

/// An operation of the size of a deploy's: a host, three bots, images by digest.
struct SwapLike: Operation {
  static let kind = "bench.swap"
  let bots: [String]
  let host: String
  let image: String
  let digest: String
  let options: [String: String]

  /// The one for the host with this number.
  init(_ number: Int, image: String = "registry.example/bots/trader:2026.11.21") {
    host = "bot\(number)"
    bots = (1...3).map { "strategy-\(number)-\($0)" }
    self.image = image
    digest = "sha256:" + SHA256(hashing: image.utf8).hex
    options = ["stop": "35", "settle": "20", "runtime": "docker", "script": SHA256(hashing: [1]).hex]
  }

  var target: OperationTarget { .bots(bots, host: host) }
  var effect: Effect { .changes }
  var summary: String { "swap \(bots.joined(separator: ", ")) on \(host) to \(image)" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<[String]> { .exact(answer) }
  func perform(in world: World) async throws(CallFailure) -> [String] { answer }
  func probe(in world: World) async throws(CallFailure) -> Probe<[String]> { .notDone }
  func inverse(of outcome: [String]) -> (any Operation)? {
    SwapLike(0, image: "registry.example/bots/trader:2026.11.14")
  }

  private var answer: [String] { bots.map { "\($0) \(SHA256(hashing: $0.utf8).hex) running, healthy, 0 restarts" } }
}
