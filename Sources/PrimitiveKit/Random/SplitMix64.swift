/// A small seeded generator whose sequence never changes between releases, so a printed seed replays.
///
/// SplitMix64 of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014). Not for secrets.
package struct SplitMix64: RandomNumberGenerator, Codable, Equatable, Sendable {
  private var state: UInt64

  /// Starts the sequence that belongs to a seed.
  package init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A whole number from 0 through `last`, each equally likely; 0 when `last` is not positive.
  ///
  /// The standard library's own draws may change with a Swift release; these may not.
  package mutating func next(through last: Int) -> Int {
    guard last > 0 else { return 0 }
    let bound = UInt64(last) &+ 1
    // Numbers below this many would make small results likelier; draw again.
    let excess = (0 &- bound) % bound
    while true {
      let bits = next()
      if bits >= excess { return Int(bits % bound) }
    }
  }

  /// True with a chance of `perMille` in 1000.
  package mutating func chance(perMille: Int) -> Bool {
    perMille > 0 && next(through: 999) < perMille
  }

  /// The elements in an order that depends on the seed alone (Fisher-Yates).
  package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    var last = result.count - 1
    while last > 0 {
      result.swapAt(last, next(through: last))
      last -= 1
    }
    return result
  }
}
