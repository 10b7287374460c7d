/// What an operation puts at stake, as whoever admits it has to type it: `500` rows, the new limit `10000`.
///
/// Quantities of one noun add up over a plan; values do not.
package struct Stake: Sendable, Codable, Equatable {
  /// The number, as it is typed.
  package let number: String
  /// What it counts, in the plural: `rows`, `accounts`; or what it is: `new limit`.
  package let noun: String
  private let isQuantity: Bool

  /// A quantity, such as rows or accounts.
  package init(_ count: Int, _ noun: String) {
    number = "\(count)"
    self.noun = noun
    isQuantity = true
  }

  /// A value that is set, such as a limit; written as it is to be typed.
  package init(value: String, _ noun: String) {
    number = value
    self.noun = noun
    isQuantity = false
  }

  /// What is typed, in words: `the number of rows (500)`, `the new limit (10000)`.
  package var asked: String { "the \(isQuantity ? "number of " : "")\(noun) (\(number))" }

  package var text: String { "\(noun): \(number)" }

  /// What all of them put at stake, each noun once, in the order of the first; several values of one noun stay apart.
  package static func sum(_ stakes: [Stake]) -> [Stake] {
    var found: [Stake] = []
    for stake in stakes where !found.contains(stake) || stake.isQuantity {
      let index = found.firstIndex { $0.noun == stake.noun && $0.isQuantity && stake.isQuantity }
      guard let index, let one = Int(found[index].number), let other = Int(stake.number) else {
        found.append(stake)
        continue
      }
      found[index] = Stake(one + other, stake.noun)
    }
    return found
  }
}
