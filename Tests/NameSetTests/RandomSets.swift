import PrimitiveKit

/// Writes random sets of few patterns, so that operators have something to do, and now and then a wrong one.
struct RandomSets {
  private var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func next() -> String {
    var text = term()
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      text += pick([",", ",", "!", "&", "^", " , ", " !", "& "]) + term()
    }
    if chance(40) {
      text = pick([" \(text)", "\(text) ", "\(text),", ",\(text)", "\(text)]", "\(text)[", "\(text)[]", "\(text),,a"])
    }
    return text
  }

  private mutating func term() -> String {
    switch Int.random(in: 0..<24, using: &generator) {
    case 0: pick(["gate", "db1", "a", "x-y", "a%b\(number())", "7", "007"])
    case 1: "@" + pick(["web", "db", "front", "rack1", "rack[1-2]", "*", "none"])
    case 2: pick(["web*", "*1", "web?", "rack*node1", "w[1-2]*", "web[1-3]*", "*", "nothing*"])
    case 3...6: "rack\(place())node\(place())"
    case 7: "rack\(place())-\(place())-\(place())"
    case 8: "a\(number())\(plainPlace())"
    case 9: "a\(plainPlace())\(number())"
    case 10...12: "web\(place()).example.com"
    case 13: "web\(place())-ib\(Int.random(in: 0...1, using: &generator))"
    default: "a\(place())"
    }
  }

  private mutating func place() -> String { chance(3) ? number() : "[\(ranges())]" }

  /// A place that may touch digits: there ClusterShell makes nonsense of signs, blanks and empty pieces.
  private mutating func plainPlace() -> String {
    while true {
      let text = place()
      if !text.contains(" "), !text.contains("[-"), !text.contains(",-"), !text.contains("[,"), !text.contains(",,"),
        !text.hasSuffix(",]"), text != "[]"
      {
        return text
      }
    }
  }

  private mutating func ranges() -> String {
    (0...Int.random(in: 0...3, using: &generator)).map { _ in range() }.joined(separator: chance(20) ? " , " : ",")
  }

  private mutating func range() -> String {
    let low = Int.random(in: 0...14, using: &generator)
    let high = chance(8) ? 95 + low : low + Int.random(in: 0...9, using: &generator)
    switch Int.random(in: 0..<16, using: &generator) {
    case 0...4: return "\(low)"
    case 5...8: return "\(low)-\(high)"
    case 9: return "\(low)-\(high)/\(Int.random(in: 1...4, using: &generator))"
    case 10, 11: return "\(padded(low, 2))-\(padded(high, 2))"
    case 12: return "\(padded(low, 3))-\(padded(high, 3))"
    case 13: return padded(low, 2)
    case 14: return "\(low) - \(high)"
    default:
      return chance(4)
        ? pick(["-5", "-3-2", "-9--2", "9-1", "a-b", "", "1-", "01-100", "5/2", "1-9/0"]) : padded(low, 3)
    }
  }

  private mutating func number() -> String {
    let number = Int.random(in: 0...12, using: &generator)
    return chance(5) ? padded(number, 2) : "\(number)"
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &generator) == 0 }

  private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }
}
