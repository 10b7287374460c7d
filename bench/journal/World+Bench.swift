import Foundation
import PrimitiveKit

extension World {
  /// A live world without hosts.
  static var bench: World {
    World(mode: .live, clock: ContinuousClock(), now: { Date() }, drawSeed: { 1 }, transport: NoHosts())
  }
}
