package import PrimitiveKit
import Synchronization

/// Collects where dry runs had to guess.
package final class InexactPoints: Sendable {
  private let points = Mutex<[InexactPoint]>([])

  package init() {}

  /// Adds a place once.
  package func add(_ point: InexactPoint) {
    points.withLock { if !$0.contains(point) { $0.append(point) } }
  }

  /// The places so far; none are left.
  func take() -> [InexactPoint] {
    points.withLock { points in
      defer { points = [] }
      return points
    }
  }
}
